/** X26: whichever way tokens are enrolled and PINs are set, the user is told once. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { policy } from '../support/policies.ts'
import { createOperator } from '../core/operator/operator.ts'
import { createTokenAdmin, type TokenAdmin } from './linotp/token-admin.ts'
import type { AdminWorld } from './privacyidea/admin-world.ts'
import { createApi, signedIn } from './v1/api.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const TOLD = policy('notification', 'enrollment=email, setPin=email', {}, 'tell')
const ENROLLED = 'A new token for your account'
const PIN_SET = 'Your PIN was changed'
const PIN = 'S3cret-PIN'

/** To whom mails went, and what they were called. */
const told = ({ mails }: Pick<AdminWorld, 'mails'>) => {
  for (const { text, html } of mails) expect(text + html).not.toContain(PIN)
  return mails.map(({ to, subject }) => [to, subject])
}

let admin: TokenAdmin
let world: AdminWorld
beforeEach(async () => {
  admin = await createTokenAdmin()
  world = admin.world
})

/** Tokens `A` and `B` of alice, and `NOBODYS`, before anybody wants to be told. */
async function withTokens() {
  for (const serial of ['A', 'B']) await world.init({ user: 'alice', email: 'a@x.example', serial })
  await world.init({ email: 'a@x.example', serial: 'NOBODYS' })
  await world.configure(TOLD)
}

type Way = [string, Record<string, string>, string?]
const alices = (subject: string) => [['alice@example.org', subject]]

describe('privacyIDEA’s wire', () => {
  it.each<Way>([
    ['/token/init', { user: 'alice', type: 'email', email: 'a@x.example', pin: PIN }, ENROLLED],
    ['/token/init', { user: 'alice', type: 'spass', pin: PIN }, ENROLLED],
    ['/token/init', { serial: 'A', type: 'email', email: 'a@x.example', pin: PIN }, ENROLLED],
    ['/token/lost/A', {}, ENROLLED],
    ['/token/setpin', { serial: 'A', otppin: PIN }, PIN_SET],
    ['/token/setpin', { user: 'alice', otppin: PIN }, PIN_SET],
    ['/token/set', { serial: 'A', pin: PIN }, PIN_SET],
    ['/token/assign', { user: 'alice', serial: 'NOBODYS', pin: PIN }, PIN_SET],
    ['/token/assign', { user: 'alice', serial: 'NOBODYS' }],
    ['/token/set', { serial: 'A', max_failcount: '5' }],
    ['/token/setpin', { serial: 'NOBODYS', otppin: PIN }],
    ['/token/init', { type: 'email', email: 'a@x.example', pin: PIN }],
    ['/token/disable', { serial: 'A' }],
  ])('%s %j: %s', async (path, form, subject) => {
    await withTokens()
    const { status, text } = await world.call('POST', path, { form })
    expect([status, text]).toEqual([200, expect.any(String)])
    expect(told(world)).toEqual(subject === undefined ? [] : alices(subject))
  })

  it('names every token whose PIN was set in one notice', async () => {
    await withTokens()
    await world.call('POST', '/token/setpin', { form: { user: 'alice', otppin: PIN } })
    expect(world.mails[0]!.text).toContain('A, B')
  })

  it('tells people of what they do at /auth, in the language of their program', async () => {
    await world.configure({ ...TOLD, ...policy('user', 'enrollEMAIL', {}, 'own') })
    const session = await world.sessionOf('alice', 'alicepw')
    const form = { type: 'email', email: 'alice@example.org', pin: PIN }
    const headers = { 'accept-language': 'de' }
    await world.callAs(session)('POST', '/token/init', { form, headers })
    expect(told(world)).toEqual(alices('Ein neues Token für Ihr Benutzerkonto'))
  })

  it('tells them in no language of an administrator', async () => {
    await withTokens()
    const form = { serial: 'A', otppin: PIN }
    const headers = { 'accept-language': 'de' }
    await world.call('POST', '/token/setpin', { form, headers })
    expect(told(world)).toEqual(alices(PIN_SET))
  })

  it('asks policies for the address and the program of who acts', async () => {
    await withTokens()
    const form = { serial: 'A', otppin: PIN }
    const only = { user_agents: 'helpdesk' }
    await world.configure(policy('notification', 'setPin=email', only, 'tell'))
    await world.call('POST', '/token/setpin', { form })
    expect(told(world)).toEqual([])
    const headers = { 'user-agent': 'helpdesk/1' }
    await world.call('POST', '/token/setpin', { form, headers })
    expect(told(world)).toEqual(alices(PIN_SET))
  })
})

describe('LinOTP’s wire', () => {
  const email_address = 'a@x.example'

  it.each<Way>([
    ['init', { user: 'alice', type: 'email', email_address, pin: PIN }, ENROLLED],
    ['init', { user: 'alice', type: 'spass', pin: PIN }, ENROLLED],
    ['set', { serial: 'A', pin: PIN }, PIN_SET],
    ['set', { user: 'alice', pin: PIN }, PIN_SET],
    ['assign', { user: 'alice', serial: 'NOBODYS', pin: PIN }, PIN_SET],
    ['assign', { user: 'alice', serial: 'NOBODYS' }],
    ['set', { serial: 'A', MaxFailCount: '5' }],
    ['set', { serial: 'NOBODYS', pin: PIN }],
    ['init', { type: 'email', email_address, pin: PIN }],
  ])('%s %j: %s', async (verb, form, subject) => {
    await withTokens()
    const answer = await admin.done(verb, form)
    expect(answer.value).toBeTruthy()
    expect(told(world)).toEqual(subject === undefined ? [] : alices(subject))
  })
})

describe('/v1', () => {
  it('tells of a new token and of its PIN, and of nothing else', async () => {
    const api = createApi({ settings: TOLD })
    await api.addUser('alice')
    const headers = await signedIn(api)
    const made = await api.admin('/v1/tokens', { headers, json: { user: 'alice', pin: PIN } })
    const path = `/v1/tokens/${made.json.serial}`
    for (const json of [{ description: 'new' }, { pin: PIN }, { enabled: false }]) {
      expect((await api.admin(path, { method: 'PATCH', headers, json })).status).toBe(200)
    }
    expect(told(api)).toEqual([...alices(ENROLLED), ...alices(PIN_SET)])
  })
})

describe('the command line', () => {
  it('tells of a token and of its PIN, and of no import', async () => {
    const { done, world: operated } = createOperator({ settings: TOLD })
    const rows = [{ user: 'bob', email: 'bob@example.org', pin: PIN }]
    await done('user.import', { rows, enrol: true })
    expect(told(operated)).toEqual([])
    await done('user.add', { user: 'alice', email: 'alice@example.org' })
    const { serial } = (await done('token.enrol', { user: 'alice', pin: PIN })) as never
    await done('token.setpin', { serial, pin: PIN })
    expect(told(operated)).toEqual([...alices(ENROLLED), ...alices(PIN_SET)])
  })
})
