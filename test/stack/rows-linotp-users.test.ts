/** LinOTP's first token by password and its notices, over HTTP on the whole service. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMessage } from '../support/smtp-message.ts'
import { adminSession, codeIn, selfServiceSession, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

const PASSWORD = 'Opensesame-7'
const NOTICES = 'notices@otpost.example'
const policy = (scope: string, action: string, members = {}) =>
  JSON.stringify({ scope, action, precedence: 'specific', ...members })

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack({
    parameters: {
      'policies/first': policy('enrollment', 'autoenrollment=email', { user: 'new*' }),
      'policies/told': policy(
        'notification',
        'autoenrollment=email::office, enrollment=email::office, setPin=email::office email::gone',
      ),
    },
  })
  await world.stack.parameters.set({
    'providers/office': JSON.stringify({
      ...{ server: world.stack.smtp.host, port: world.stack.smtp.port, sender: NOTICES },
    }),
  })
  headers = await adminSession(world)
})
afterAll(() => world.stack.stop())

let people = 0
/** Somebody with a password and no token, whom the policy is for. */
async function newcomer(more: Record<string, string> = {}) {
  const user = `new${(people += 1)}`
  const email = `${user}@example.org`
  const made = await world.api.post(
    '/user/',
    { user, email, password: PASSWORD, resolver: 'directory', ...more },
    headers,
  )
  expect(made.json.result, made.text).toMatchObject({ status: true })
  return { user, email }
}

const check = (form: Record<string, string>) => world.api.post('/linotp/validate/check', form)

async function tokensOf(user: string): Promise<{ serial: string }[]> {
  const bearer = { authorization: `Bearer ${headers.authorization}` }
  return (await world.api.get('/v1/tokens', { user }, bearer)).json.tokens
}

/** The mail with a code and the notice, in whatever order they came. */
async function mailsTo(email: string) {
  const both = [await world.nextMail(email), await world.nextMail(email)]
  const notice = both.find(({ from }) => from === NOTICES)
  const code = both.find((mail) => mail !== notice)
  if (!notice || !code) throw new Error(both.map(({ from, subject }) => from + subject).join())
  return { code, notice }
}

test('X26: a password brings who has no token one, its code and a notice', async () => {
  const { user, email } = await newcomer()
  const wrong = await check({ user, pass: 'wrong' })
  expect(wrong.json.result).toEqual({ status: true, value: false })
  expect(wrong.json).not.toHaveProperty('detail')
  expect(await tokensOf(user)).toEqual([])

  const evil = { email: 'eve@evil.example', email_address: 'eve@evil.example' }
  const asked = await check({ user, pass: PASSWORD, ...evil })
  expect(asked.json.result).toEqual({ status: true, value: false })
  const { transactionid, linotp_tokenserial: serial } = asked.json.detail
  expect(await tokensOf(user)).toMatchObject([{ serial }])
  const { code, notice } = await mailsTo(email)
  expect(notice.subject).toBe('From now on you sign in with a code')
  expect(notice.text).toContain(serial)
  expect(world.unreadMails('eve@evil.example')).toEqual([])

  const answer = { user, pass: codeIn(code), transactionid }
  expect((await check(answer)).json.result.value).toBe(true)
  expect((await check(answer)).json.result.value).toBe(false)

  expect((await check({ user, pass: PASSWORD })).json.detail).toMatchObject({
    linotp_tokenserial: serial,
  })
  const next = await world.nextCode(email)
  expect((await check({ user, pass: PASSWORD + next })).json.result.value).toBe(true)
  expect((await check({ user, pass: PASSWORD + next })).json.result.value).toBe(false)
  expect(await tokensOf(user)).toHaveLength(1)
})

test('X26: two first logins at the same time bring one token', async () => {
  const { user } = await newcomer()
  const both = await Promise.all([1, 2].map(() => check({ user, pass: PASSWORD })))
  const [token, ...others] = await tokensOf(user)
  expect(others).toEqual([])
  for (const { json } of both) expect(json.detail.linotp_tokenserial).toBe(token!.serial)
})

test('X26: the other wires bring it, too', async () => {
  const one = await newcomer()
  const asked = await world.api.post('/validate/check', { user: one.user, pass: PASSWORD })
  expect(asked.json.result.authentication).toBe('CHALLENGE')
  const { transaction_id } = asked.json.detail
  const pass = codeIn((await mailsTo(one.email)).code)
  const answered = await world.api.post('/validate/check', { user: one.user, transaction_id, pass })
  expect(answered.json.result).toMatchObject({ value: true, authentication: 'ACCEPT' })

  const other = await newcomer()
  const body = { user: other.user, pin: PASSWORD }
  const made = await world.api.json('POST', '/v1/challenges', body)
  expect(made.status, made.text).toBe(201)
  expect(await tokensOf(other.user)).toMatchObject([{ serial: made.json.challenges[0].serial }])
})

test('X26: who has no address is told why, by the password only', async () => {
  const { user } = await newcomer({ email: '' })
  expect((await check({ user, pass: 'wrong' })).json).not.toHaveProperty('detail')
  const { json } = await check({ user, pass: PASSWORD })
  expect(json.detail).toEqual({ error: 'The user has no e-mail address.' })
  expect(json.result.value).toBe(false)
  expect(await tokensOf(user)).toEqual([])
})

test('X26: administrators and people themselves enrol and set PINs, and the user is told', async () => {
  const person = await world.addUser('first-Pin')
  const bearer = { authorization: `Bearer ${headers.authorization}` }
  const made = await world.api.json(
    'POST',
    '/v1/tokens',
    { user: person.user, pin: 'second-Pin', email: `other-${person.email}` },
    bearer,
  )
  expect(made.status, made.text).toBe(201)
  const enrolled = await world.nextMail(person.email)
  expect([enrolled.from, enrolled.subject]).toEqual([NOTICES, 'A new token for your account'])
  expect(enrolled.text).toContain(made.json.serial)
  const { parts } = readMessage(Buffer.from(enrolled.raw))
  expect(parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html'])

  const serial: string = made.json.serial
  await world.api.json('DELETE', `/v1/tokens/${serial}`, undefined, bearer)
  const [own] = await tokensOf(person.user)
  await world.api.post('/token/setpin', { serial: own!.serial, otppin: 'third-Pin' }, headers)
  const set = await world.nextMail(person.email)
  expect([set.from, set.subject]).toEqual([NOTICES, 'Your PIN was changed'])

  const session = await selfServiceSession(world, { ...person, pin: 'third-Pin' })
  const changed = await world.api.json(
    ...(['PUT', '/v1/self/pin', { new: 'fourth-Pin' }] as const),
    { authorization: `Bearer ${session}`, 'accept-language': 'de' },
  )
  expect(changed.status, changed.text).toBe(201)
  const own2 = await world.nextMail(person.email)
  expect([own2.from, own2.subject]).toEqual([NOTICES, 'Ihre PIN wurde geändert'])
  for (const { raw } of [enrolled, set, own2]) expect(raw).not.toMatch(/-Pin\b|\b\d{6}\b(?!-)/)
})

test('X26: no log has a password or a PIN, and says which provider is missing', () => {
  const texts = world.lines.map(({ text }) => text).join('\n')
  expect(texts).not.toMatch(/Opensesame|-Pin\b/)
  expect(world.lines.map(({ fields }) => fields)).toContainEqual(
    expect.objectContaining({ message: 'no such provider', missing: ['gone'] }),
  )
})
