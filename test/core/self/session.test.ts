import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { changeAccount } from '../../../functions/core/change-account.ts'
import { setEnabled } from '../../../functions/core/manage-tokens.ts'
import {
  endSelfSession,
  endSelfSessions,
  freshUntil,
  isFresh,
  issueSelfSession,
  readSelfSession,
  type SelfSession,
} from '../../../functions/core/self/session.ts'
import { type JwtKind, jwtKind, signSession } from '../../../functions/core/session.ts'
import { sessionEpochOf } from '../../../functions/core/session-epoch.ts'
import { createWorld, type World } from '../../support/world.ts'

const SERIAL = 'EMALICE'
const MINUTE = 60_000
let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: SERIAL })
})

const account = (login = 'alice') => world.account(login)
const read = (token: string) => readSelfSession(world.ports, token)
const begun = async (serial: string | undefined = SERIAL) =>
  issueSelfSession(world.ports, { account: await account(), serial })
const activation = async (login: string) =>
  issueSelfSession(world.ports, { account: await account(login) })

describe('a session', () => {
  it('says whose it is, what it stands on and until when, and comes with the account', async () => {
    world.set({ 'selfservice.session_minutes': '10' })
    const { session, token } = await begun()
    const seconds = Math.floor(world.now() / 1000)
    expect(session).toMatchObject({
      ...{ username: 'alice', realm: 'demo', purpose: 'full', serial: SERIAL },
      ...{ auth_time: seconds, epoch: sessionEpochOf(await account()), exp: seconds + 600 },
    })
    expect(session.id).toMatch(/^[0-9a-f]{40}$/)
    expect(await read(token)).toEqual({ session, account: await account() })
  })

  it('is another one each time', async () => {
    expect((await begun()).session.id).not.toBe((await begun()).session.id)
  })

  it('is over at its end, to the millisecond', async () => {
    const { session, token } = await begun()
    world.advance(session.exp * 1000 - world.now() - 1)
    expect(await read(token)).toMatchObject({ session })
    world.advance(1)
    expect(await read(token)).toBe('expired')
  })

  it('that takes the place of another is as old as that one, and ends with it', async () => {
    const { session } = await begun()
    world.advance(3 * MINUTE)
    const start = { account: await account(), serial: SERIAL }
    const next = await issueSelfSession(world.ports, { ...start, goesOn: session })
    const { auth_time, exp } = session
    expect(next.session).toMatchObject({ auth_time, exp })
  })

  it.each([
    ['nothing', '', 'malformed'],
    ['no JWT', 'a.b', 'malformed'],
    ['four parts', 'a.b.c.d', 'malformed'],
  ])('is not %s', async (_what, text, fault) => {
    expect(await read(text)).toBe(fault)
  })

  it('is not that of the other wires, whoever signed it', async () => {
    const { session } = await begun()
    const claims = { ...session, role: 'user', nonce: '', authtype: 'pi' } as const
    const key = createHash('sha256').update('self').digest()
    expect(await read(signSession(key, claims))).toBe('signature')
    const kind: JwtKind<SelfSession> = jwtKind('otpost-self+jwt', (_): _ is SelfSession => true)
    const other = createHash('sha256').update('session').digest()
    expect(await read(kind.sign(other, session))).toBe('signature')
    expect(await read(kind.sign(key, session))).toMatchObject({ session })
  })

  it.each([
    ['no token', { serial: undefined }],
    ['another purpose', { purpose: 'admin' }],
    ['no name', { username: undefined }],
    ['no realm', { realm: 1 }],
    ['no id', { id: undefined }],
    ['no end', { exp: undefined }],
    ['a beginning of a version before', { epoch: undefined, since: 1 }],
    ['no moment of its proof', { auth_time: 'now' }],
  ])('is not one with %s', async (_what, change) => {
    const { session } = await begun()
    const kind: JwtKind<any> = jwtKind('otpost-self+jwt', (_): _ is any => true)
    const key = createHash('sha256').update('self').digest()
    expect(await read(kind.sign(key, { ...session, ...change }))).toBe('malformed')
  })
})

describe('a session ends', () => {
  it('with its user', async () => {
    const { token } = await begun()
    await world.ports.accounts.remove(await account())
    expect(await read(token)).toBe('ended')
  })

  it('with its token, disabled, revoked or gone; another one of the user does not keep it', async () => {
    await world.enrol(await account(), { serial: 'EMOTHER' })
    const { token } = await begun()
    await setEnabled(world.ports, await account(), SERIAL, false)
    expect(await read(token)).toBe('ended')
    await setEnabled(world.ports, await account(), SERIAL, true)
    expect(await read(token)).toMatchObject({ session: {} })
    await changeAccount(world.ports, await account(), (current) => {
      const tokens = { ...current.tokens, [SERIAL]: { ...current.tokens[SERIAL]!, revoked: true } }
      return { after: { ...current, tokens }, result: true }
    })
    expect(await read(token)).toBe('ended')
    for (const serial of ['EMNONE', '__proto__', 'constructor']) {
      expect(await read((await begun(serial)).token)).toBe('ended')
    }
  })

  it('by itself, and others go on', async () => {
    const [one, other] = [await begun(), await begun()]
    await endSelfSession(world.ports, await account(), one.session)
    expect(await read(one.token)).toBe('ended')
    expect(await read(other.token)).toMatchObject({ session: other.session })
  })

  it('with all others, and the next begins anew', async () => {
    const [one, other] = [await begun(), await begun()]
    await endSelfSessions(world.ports, await account())
    expect([await read(one.token), await read(other.token)]).toEqual(['ended', 'ended'])
    expect(await read((await begun()).token)).toMatchObject({ session: {} })
  })

  it('with all others, even where the clock of who begins it is ahead or behind', async () => {
    for (const skew of [MINUTE, -MINUTE]) {
      world.advance(skew)
      const { token } = await begun()
      world.advance(-skew)
      await endSelfSessions(world.ports, await account())
      expect(await read(token)).toBe('ended')
    }
  })

  it('that says a count which the account, perhaps a restored one, has not reached', async () => {
    const epoch = sessionEpochOf(await account()) + 1
    const start = { account: await account(), serial: SERIAL, epoch }
    expect(await read((await issueSelfSession(world.ports, start)).token)).toBe('ended')
  })

  it('before it begins, when all others end while its holder is proving who they are', async () => {
    const epoch = sessionEpochOf(await account())
    const before = { account: await account(), serial: SERIAL, epoch }
    await endSelfSessions(world.ports, await account())
    const start = { ...before, account: await account() }
    expect(await read((await issueSelfSession(world.ports, start)).token)).toBe('ended')
  })

  it('one by one up to twenty; one more ends them all, and the account forgets them', async () => {
    const open = await begun()
    const ended = []
    for (let count = 0; count < 20; count++) {
      const next = await begun()
      ended.push(next.token)
      await endSelfSession(world.ports, await account(), next.session)
    }
    expect((await account()).endedSessions).toHaveLength(20)
    expect(await read(open.token)).toMatchObject({ session: open.session })
    const last = await begun()
    await endSelfSession(world.ports, await account(), last.session)
    expect((await account()).endedSessions).toBeUndefined()
    for (const token of [open.token, last.token, ...ended]) expect(await read(token)).toBe('ended')
  })

  it('and is forgotten when its time would have been up', async () => {
    const first = await begun()
    await endSelfSession(world.ports, await account(), first.session)
    world.advance(first.session.exp * 1000 - world.now())
    const second = await begun()
    await endSelfSession(world.ports, await account(), second.session)
    const until = second.session.exp * 1000
    expect((await account()).endedSessions).toEqual([{ id: second.session.id, until }])
  })
})

describe('an activation', () => {
  it('is in force while its user has no token, and ends with the first', async () => {
    await world.addUser('carol')
    const { session, token } = await activation('carol')
    expect(session).toMatchObject({ purpose: 'activation' })
    expect(session).not.toHaveProperty('serial')
    expect(await read(token)).toMatchObject({ session })
    await world.enrol(await account('carol'), { serial: 'EMCAROL' })
    expect(await read(token)).toBe('ended')
  })

  it('is none for a user who has a token', async () => {
    expect(await read((await activation('alice')).token)).toBe('ended')
  })
})

describe('a fresh session', () => {
  it('is as young as the settings say', async () => {
    world.set({ 'selfservice.reauth_minutes': '2' })
    const settings = await world.ports.settings.current()
    const { session } = await begun()
    const until = session.auth_time * 1000 + 2 * MINUTE
    expect(freshUntil(session, settings)).toBe(until)
    expect(isFresh(session, settings, until - 1)).toBe(true)
    expect(isFresh(session, settings, until)).toBe(false)
  })

  it('is not fresh beyond its end', async () => {
    world.set({ 'selfservice.reauth_minutes': '5' })
    const settings = await world.ports.settings.current()
    const { session } = await begun()
    const short = { ...session, exp: session.auth_time + 60 }
    expect(freshUntil(short, settings)).toBe(short.exp * 1000)
  })
})
