/** N14, X30: applications that are known by their API keys, each with its own factors and mail. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ENV } from '../../functions/env.ts'
import { adminSession, codeIn, isAccepted, startTestStack, type TestStack } from './support.ts'

const OPERATOR = 'otpost-local-operator'
const [USER, PIN, PASSWORD] = ['pat', 'the pin of pat', 'the password of pat'] as const
const MAIL = 'pat@example.org'

type Json = any
type Named = 'portal' | 'vpn' | 'wiki'

let world: TestStack
let keys: Record<Named, { key: string; id: string }>

const operator = async (command: string, args: object): Promise<Json> => {
  const reply: Json = await world.stack.invoke(OPERATOR, { command, args })
  if (!reply.ok) throw new Error(JSON.stringify(reply))
  return reply.value
}
const policy = (name: string, application: string, action: Record<string, string>) => ({
  [`policies/${name}`]: JSON.stringify({ scope: 'authentication', application, action }),
})
async function listed(names: readonly Named[]) {
  const entries = names.map((name) => `${name}:${keys[name].id}:${SOME_DAY}`)
  await world.stack.parameters.set({ api_keys: entries.join(', ') })
}
const OTHERS = '*, -portal, -vpn, -otpost:self-service'
const SOME_DAY = 4_000_000_000

beforeAll(async () => {
  world = await startTestStack({ environment: { [ENV.settingsCacheMs]: '0' } })
  await operator('user.add', { user: USER, email: MAIL, password: PASSWORD })
  await operator('token.enrol', { user: USER, pin: PIN })
  const made = { portal: undefined, vpn: undefined, wiki: undefined } as Record<Named, Json>
  for (const name of Object.keys(made) as Named[]) {
    made[name] = await operator('apikey.create', { name, days: 1 })
  }
  keys = made
  await listed(['portal', 'vpn', 'wiki'])
  await world.stack.parameters.set({
    ...policy('portal', 'portal', {
      otppin: 'userstore',
      emailsubject: 'Your portal code',
      email_otplen: '8',
      email_validtime: '600',
      email_challenge_text: 'Portal code?',
    }),
    ...policy('vpn', 'vpn', { otppin: 'tokenpin', emailsubject: 'Your VPN code' }),
    ...policy('rest', OTHERS, { disabled_token_types: 'email' }),
  })
})
afterAll(() => world?.stack.stop())

const withKey = (name: Named | undefined): Record<string, string> =>
  name === undefined ? {} : { authorization: `Bearer ${keys[name].key}` }
const check = (name: Named | undefined, form: Record<string, string>) =>
  world.api.post('/validate/check', { user: USER, ...form }, withKey(name))
const challenges = (name: Named | undefined, pin: string) =>
  world.api.json('POST', '/v1/challenges', { user: USER, pin }, withKey(name))

/** Asks for a code; the challenge and the mail. */
async function asked(name: Named, pass: string) {
  const { json, text } = await check(name, { pass })
  if (json.result.authentication !== 'CHALLENGE') throw new Error(text)
  const mail = await world.nextMail(MAIL)
  const { transaction_id: id, message } = json.detail
  return { id: id as string, message, subject: mail.subject, code: codeIn(mail), mail }
}

it('N14: one application asks for password and mail, one for PIN and mail', async () => {
  for (const [name, right, wrong] of [
    ['portal', PASSWORD, PIN],
    ['vpn', PIN, PASSWORD],
  ] as const) {
    expect((await check(name, { pass: wrong })).json.result).toMatchObject({ value: false })
    const { id, code } = await asked(name, right)
    const answer = await check(name, { transaction_id: id, pass: code })
    expect(isAccepted(answer)).toBe(true)
    const { status, json } = await challenges(name, right)
    expect(status).toBe(201)
    const otp = codeIn(await world.nextMail(MAIL))
    const path = `/v1/challenges/${json.transaction_id}/answer`
    const done = await world.api.json('POST', path, { user: USER, otp }, withKey(name))
    expect(done).toMatchObject({ status: 200 })
  }
  expect(world.unreadMails(MAIL)).toEqual([])
})

it('N14: who is not assigned is offered no mail, told as where the factor is off', async () => {
  const told = async (name: Named | undefined) => {
    const { status, text } = await check(name, { pass: PIN })
    const v1 = await challenges(name, PIN)
    const linotp = await world.api.post(
      '/linotp/validate/check',
      { user: USER, pass: PIN },
      withKey(name),
    )
    const plain = (body: string) => body.replace(/"(time|signature|id)":\s*("[^"]*"|[\d.]+)/g, '')
    return [status, plain(text), v1.status, v1.json.reason, linotp.status, plain(linotp.text)]
  }
  const forWiki = await told('wiki')
  expect(forWiki).toEqual(await told(undefined))
  await world.stack.parameters.set({ 'allowed.auth.factors': 'password' })
  expect(await told('vpn')).toEqual(forWiki)
  await world.stack.parameters.set({ 'allowed.auth.factors': null })
  expect(forWiki).toContain('no_token')

  const audited = world.lines.filter(({ fields }) => fields.reason === 'no_suitable_token')
  expect(audited.map(({ fields }) => (fields.actor as Json)?.username)).toContain('wiki')
  expect(world.unreadMails(MAIL)).toEqual([])
})

it('N14: a name is worth nothing without its key, nor is a key that was revoked', async () => {
  const forged = [keys.vpn.key.slice(0, -4) + 'AAAA', 'vpn', keys.vpn.id]
  for (const authorization of forged) {
    const { json } = await world.api.post(
      '/validate/check',
      { user: USER, pass: PIN },
      { authorization, 'user-agent': 'vpn' },
    )
    expect(json.result).toMatchObject({ authentication: 'REJECT' })
  }
  await listed(['portal', 'wiki'])
  expect((await check('vpn', { pass: PIN })).json.result).toMatchObject({
    authentication: 'REJECT',
  })
  await listed(['portal', 'vpn', 'wiki'])
  expect(world.unreadMails(MAIL)).toEqual([])
})

it('N14: a code that one application asked for lets in at no other', async () => {
  const begun = await asked('vpn', PIN)
  const elsewhere = await check('portal', { transaction_id: begun.id, pass: begun.code })
  expect(isAccepted(elsewhere)).toBe(false)
  const combined = await check('portal', { pass: `${PASSWORD}${begun.code}` })
  expect(isAccepted(combined)).toBe(false)
  const at = await check('vpn', { transaction_id: begun.id, pass: begun.code })
  expect(isAccepted(at)).toBe(true)
})

it('X30: subject, length, period and prompt are those of the application', async () => {
  const portal = await asked('portal', PASSWORD)
  expect(portal).toMatchObject({ subject: 'Your portal code', message: 'Portal code?' })
  expect(portal.code).toHaveLength(8)
  expect(portal.mail.text).toContain('10 minutes')
  expect(isAccepted(await check('portal', { pass: PASSWORD + portal.code }))).toBe(true)

  const vpn = await asked('vpn', PIN)
  expect(vpn).toMatchObject({ subject: 'Your VPN code' })
  expect(vpn.message).not.toBe(portal.message)
  expect(vpn.code).toHaveLength(6)
  expect(vpn.mail.text).toContain('2 minutes')
})

it('X30: a late code behind the PIN is no wrong PIN, however long the application has it', async () => {
  const { id, code } = await asked('portal', PASSWORD)
  await check('portal', { transaction_id: id, pass: code })
  expect((await check('portal', { pass: PASSWORD + code })).json.detail).toMatchObject({
    message: expect.not.stringContaining('pin'),
  })
})

it('N14: what is begun elsewhere ends no login, nor is one told of to who cannot finish it', async () => {
  await world.stack.parameters.set(policy('rest', '*, -portal, -vpn', { otppin: 'none' }))
  const begun = await asked('vpn', PIN)
  await world.stack.parameters.set({ 'email.resend_after': '60' })
  expect((await check(undefined, { pass: '' })).json.result.authentication).toBe('CHALLENGE')
  const mailed = await world.nextMail(MAIL)

  const session = await adminSession(world)
  const triggers = () => world.api.post('/validate/triggerchallenge', { user: USER }, session)
  const { transaction_id: id } = (await triggers()).json.detail
  expect(id).not.toBe(begun.id)
  const anywhere = codeIn(await world.nextMail(MAIL))
  expect(anywhere).not.toBe(codeIn(mailed))
  expect((await triggers()).json.detail.transaction_id).toBe(id)
  expect(world.unreadMails(MAIL)).toEqual([])

  const status = async (name: Named) => {
    const form = { transactionid: begun.id, pass: name === 'portal' ? PASSWORD : PIN }
    const path = '/linotp/validate/check_status'
    return (await world.api.post(path, form, withKey(name))).json.result.value
  }
  expect(await status('portal')).toBe(false)
  expect(await status('vpn')).toBe(true)
  expect(isAccepted(await check('vpn', { transaction_id: begun.id, pass: begun.code }))).toBe(true)
  expect(isAccepted(await check('portal', { transaction_id: id, pass: anywhere }))).toBe(true)
  await world.stack.parameters.set({
    ...policy('rest', OTHERS, { disabled_token_types: 'email' }),
    'email.resend_after': null,
  })
})

it('N14: the self-service is an application that the others need not open', async () => {
  const step = (json: object) =>
    world.api.json('POST', '/v1/self/sessions', { user: USER, ...json }, {})
  const { status, json } = await step({ pin: PIN })
  expect(status).toBe(202)
  const otp = codeIn(await world.nextMail(MAIL))
  expect((await step({ transaction_id: json.transaction_id, otp })).status).toBe(201)
})
