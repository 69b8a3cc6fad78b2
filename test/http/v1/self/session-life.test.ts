import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setEnabled } from '../../../../functions/core/manage-tokens.ts'
import { issueSession } from '../../../../functions/core/sign-in.ts'
import { removeUser } from '../../../../functions/core/users.ts'
import { addAlice, type Api } from '../api.ts'
import {
  asks,
  createSelf,
  holding,
  MINUTE,
  problemType,
  reauthenticates,
  signsIn,
} from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let api: Api

beforeEach(async () => {
  api = await createSelf()
})

describe('a session', () => {
  it.each([
    ['none', undefined, 'no_session'],
    ['rubbish', 'Bearer a.b.c', 'bad_session'],
    ['Basic', 'Basic YTpi', 'bad_session'],
  ])('is needed: %s is not one', async (_, authorization, code) => {
    const { status, json } = await api.self('/v1/self', {
      headers: authorization ? { authorization } : {},
    })
    expect([status, json.type]).toEqual([401, problemType(code)])
  })

  it('is told from every other kind of session', async () => {
    for (const role of ['admin', 'user'] as const) {
      const session = await issueSession(api.ports, { username: 'alice', role, realm: 'demo' })
      expect((await holding(api, session).get('')).status, role).toBe(401)
    }
    const { session } = await signsIn(api)
    const headers = { authorization: `Bearer ${session}` }
    expect((await api.admin('/v1/users', { headers })).status).toBe(401)
  })

  it('is not read from a cookie', async () => {
    const { session } = await signsIn(api)
    const cookies = [`authorization=Bearer ${session}`, `session=${session}`]
    expect((await api.self('/v1/self', { cookies })).status).toBe(401)
  })

  it('says who is signed in, and until when', async () => {
    const { status, json } = await (await signsIn(api)).get('')

    expect(status).toBe(200)
    expect(json).toMatchObject({
      user: 'alice',
      realm: 'demo',
      email: 'alice@example.org',
      email_verified: false,
      factors: { login: ['emailOtp'], registration: ['emailOtp'] },
      rights: expect.arrayContaining(['setpin', 'enrollEMAIL', 'disable']),
      session: {
        purpose: 'full',
        auth_time: '2026-11-21T12:00:00.000Z',
        fresh_until: '2026-11-21T12:05:00.000Z',
        expires_at: '2026-11-21T12:30:00.000Z',
      },
    })
  })

  it('ends when its time is up, as the settings say', async () => {
    api.set({ 'selfservice.session_minutes': '10' })
    const alice = await signsIn(api)
    api.advance(9 * MINUTE)
    expect((await alice.get('')).status).toBe(200)
    api.advance(MINUTE)
    expect((await alice.get('')).json.type).toBe(problemType('expired_session'))
  })

  it('ends by signing out, and others go on', async () => {
    const [one, other] = [await signsIn(api), await signsIn(api)]
    expect((await one.remove('/sessions/current')).status).toBe(204)
    expect((await one.get('')).json.type).toBe(problemType('bad_session'))
    expect((await other.get('')).status).toBe(200)
  })

  it('ends everywhere at once', async () => {
    const [one, other] = [await signsIn(api), await signsIn(api)]
    expect((await one.remove('/sessions')).status).toBe(204)
    expect([(await one.get('')).status, (await other.get('')).status]).toEqual([401, 401])
    api.advance(2)
    expect((await (await signsIn(api)).get('')).status).toBe(200)
  })

  it('stays ended however many others end', async () => {
    const first = await signsIn(api)
    await first.remove('/sessions/current')
    for (let more = 0; more < 25; more++) {
      api.advance(1)
      await (await signsIn(api)).remove('/sessions/current')
    }
    expect((await first.get('')).status).toBe(401)
    expect((await api.account('alice')).endedSessions?.length ?? 0).toBeLessThanOrEqual(20)
  })

  it('ends with its user', async () => {
    const alice = await signsIn(api)
    await removeUser(api.ports, 'demo', 'alice')
    expect((await alice.get('')).status).toBe(401)
  })

  it('is of no namesake of a user who was removed', async () => {
    const before = await signsIn(api)
    await removeUser(api.ports, 'demo', 'alice')
    await addAlice(api)
    expect((await before.get('')).status).toBe(401)
    expect((await (await signsIn(api)).get('')).status).toBe(200)
  })

  it('ends with its token, whoever disabled it', async () => {
    const alice = await signsIn(api)
    await setEnabled(api.ports, await api.account('alice'), 'EM00000001', false)
    expect((await alice.get('')).status).toBe(401)
  })

  it('is worth nothing in another name', async () => {
    const { session } = await signsIn(api)
    const [header, payload, signature] = session.split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, username: 'bob' })).toString('base64url')
    expect((await holding(api, `${header}.${forged}.${signature}`).get('')).status).toBe(401)
  })
})

describe('a re-authentication (R23)', () => {
  it('is asked for when the session is no longer fresh, and allows several changes', async () => {
    const alice = await signsIn(api)
    api.advance(5 * MINUTE)
    const change = { address: 'alice@new.example' }

    const refused = await alice.post('/address', change)
    expect(refused).toMatchObject({
      status: 403,
      json: { type: problemType('reauthentication_required') },
    })
    expect((await alice.put('/pin', { new: '9999' })).json.type).toBe(
      problemType('reauthentication_required'),
    )
    expect((await alice.get('')).status).toBe(200)

    const fresh = await reauthenticates(api, alice)
    expect((await fresh.post('/address', change)).status).toBe(202)
    expect((await fresh.put('/pin', { new: '9999' })).status).toBe(201)
  })

  it('needs the PIN and the code of the same person', async () => {
    const bob = await api.addUser('bob')
    await api.enrol(bob, { serial: 'EM0000000B', pin: 'bob' })
    const alice = await signsIn(api)

    expect((await alice.post('/reauthentications', { pin: 'wrong' })).status).toBe(403)
    const { json } = await asks(api, 'bob', 'bob')
    const step = { transaction_id: json.transaction_id, otp: api.lastCode() }
    expect((await alice.post('/reauthentications', step)).status).toBe(403)
  })

  it('is as short as the settings say', async () => {
    api.set({ 'selfservice.reauth_minutes': '1' })
    const alice = await signsIn(api)
    api.advance(MINUTE)
    expect((await alice.put('/pin', { new: '9999' })).status).toBe(403)
  })
})

describe('one re-authentication (X34)', () => {
  it('is enough for several changes', async () => {
    const alice = await signsIn(api)
    api.advance(10 * MINUTE)
    const fresh = await reauthenticates(api, alice)
    expect((await fresh.post('/address', { address: 'one@new.example' })).status).toBe(202)
    expect((await fresh.post('/tokens', { pin: '4711' })).status).toBe(201)
    expect((await fresh.put('/pin', { new: '9999' })).status).toBe(201)
  })
})
