/** NetIQ's Email OTP, row by row, over HTTP: what is shown, how mail goes out and what is learned of it. */
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CognitoUser } from '../../lib/local/cognito.ts'
import { type SmtpServer, type SmtpServerOptions, startSmtp } from '../support/smtp-server.ts'
import {
  adminSession,
  answer,
  codeIn,
  isAccepted,
  logsIn,
  startTestStack,
  trigger,
} from './support.ts'
import type { TestStack, User } from './support.ts'

const PIN = '1234'
const WAIT = { 'email.delivery_wait': '1' }
/** `email.delivery_wait` and what a busy machine takes; far below {@link SLOW_MS}. */
const ANSWERED_WITHIN_MS = 4000
const SLOW_MS = 10_000
/** Functions keep their settings, and what they know of users, for seconds. */
const SOON = { timeout: 20_000, interval: 100 }
const POOL = 'us-east-1_LocalPool'
/** RFC 4226, appendix D, and the code of counter 1. */
const RFC_SEED = '3132333435363738393031323334353637383930'
const RFC_CODE = '287082'

const pat: CognitoUser = {
  username: 'pat',
  password: 'pat-secret',
  attributes: { sub: '1', email: 'pat@first.example', email_verified: 'true' },
}

let world: TestStack
let headers: Record<string, string>
const started: SmtpServer[] = []
beforeAll(async () => {
  const users = { type: 'cognito', user_pool_id: POOL, client_id: 'client' }
  world = await startTestStack({
    cognito: { pools: new Map([[POOL, [pat]]]), clients: new Map([['client', POOL]]) },
    parameters: {
      ...WAIT,
      'email.timeout': '25',
      'realms/pool': 'users',
      'resolvers/users': JSON.stringify(users),
    },
  })
  headers = await adminSession(world)
})
afterEach(async () => {
  if (started.length === 0) return
  await patch({ 'email.port': String(world.stack.smtp.port), ...WAIT })
  // until the change is in force everywhere, mails still go to the server of the test
  await vi.waitFor(async () => logsIn(world, await world.addUser(), 1000), SOON)
  await Promise.all(started.splice(0).map((one) => one.stop()))
})
afterAll(() => world?.stack.stop())

const patch = (parameters: Record<string, string | null>) =>
  world.mail.json('PATCH', '/api/parameters', parameters)
/** Has all mail go to a server of its own; in force within seconds. */
async function mailBy(options: SmtpServerOptions): Promise<SmtpServer> {
  const one = await startSmtp(options)
  started.push(one)
  await patch({ 'email.port': String(one.port) })
  return one
}

const ask = ({ user, pin }: User) => world.api.json('POST', '/v1/challenges', { user, pin })
const answerV1 = (user: string, id: string, otp: string) =>
  world.api.json('POST', `/v1/challenges/${id}/answer`, { user, otp })
const stateOf = async (user: string, id: string): Promise<string> =>
  (await world.api.get(`/v1/challenges/${id}`, { user })).json.challenges[0].delivery
/** The delivery log of a transaction, oldest first. */
const deliveries = async (id: string): Promise<any[]> =>
  (
    await world.api.get('/v1/deliveries', { transaction_id: id }, headers)
  ).json.deliveries.toReversed()

it('N08: a login shows a mask of the address, on every wire, and never the address', async () => {
  const { user, email, pin } = await world.addUser(PIN)
  const mask = 'us********@e****.org'
  const asked = await ask({ user, email, pin })
  expect(asked.json.challenges).toMatchObject([{ address: mask }])
  const own = await world.api.json('POST', '/v1/self/sessions', { user, pin })
  expect(own.json.challenges).toMatchObject([{ address: mask }])
  const others = [
    await world.api.post('/validate/check', { user, pass: pin }),
    await world.api.post('/validate/triggerchallenge', { user }, headers),
    await world.api.post('/linotp/validate/check', { user, pass: pin }),
    await world.api.json('POST', '/v1/authentications', { user, pass: pin }),
  ]
  for (const { text, status } of [asked, own, ...others]) {
    expect(status).toBeLessThan(300)
    expect(text).not.toContain(email)
  }
  await patch({ 'mask.address': 'e***e@t***.com' })
  const shown = async () => (await ask(await world.addUser(PIN))).json.challenges[0].address
  await expect.poll(shown, SOON).toMatch(/^u\*\*\*\d@e\*\*\*\.org$/)
  await patch({ 'mask.address': null })
})

it('N12: a mail server that takes 10 s keeps nobody waiting, and the mail is sent all the same', async () => {
  const slow = await mailBy({ slowMs: SLOW_MS })
  const hasAsked = (email: string) =>
    slow.sessions.find(({ lines }) => lines.some(({ text }) => text.includes(email)))
  const timed = async () => {
    const person = await world.addUser(PIN)
    const began = performance.now()
    const { json } = await ask(person)
    return { person, began, ms: performance.now() - began, json }
  }
  let first = await timed()
  const until = Date.now() + SOON.timeout
  while (!hasAsked(first.person.email) && Date.now() < until) first = await timed()
  const all = [first, ...(await Promise.all([timed(), timed(), timed()]))]
  for (const { ms } of all) expect(ms).toBeLessThan(ANSWERED_WITHIN_MS)
  expect(first.json.delivery).toBe('queued')
  const health = performance.now()
  expect((await world.api.get('/healthz')).status).toBe(200)
  expect(performance.now() - health).toBeLessThan(ANSWERED_WITHIN_MS)

  const { person, json, began } = first
  const id: string = json.transaction_id
  await expect.poll(() => stateOf(person.user, id), { timeout: 25_000 }).toBe('sent')
  expect(performance.now() - began).toBeGreaterThan(SLOW_MS - 500)
  const code = codeIn({ text: hasAsked(person.email)!.messages[0]!.toString() })
  expect((await answerV1(person.user, id, code)).json).toMatchObject({ accepted: true })
})

describe('what becomes of a mail', () => {
  it('N18, N19: the code is its content; taken by the server, it is sent', async () => {
    const person = await world.addUser(PIN)
    const asked = await ask(person)
    const { text, html } = await world.nextMail(person.email)
    const code = codeIn({ text })
    expect(html).toContain(`>${code}<`)
    expect(await stateOf(person.user, asked.json.transaction_id)).toBe('sent')
    const answered = await answerV1(person.user, asked.json.transaction_id, code)
    expect(answered.json.accepted).toBe(true)
  })

  it("N13, N19: refused, it is failed, and the log has the server's words without the code", async () => {
    await mailBy({ script: { end: `550 5.6.0 we do not take ${RFC_CODE}` } })
    await patch({ 'email.delivery_wait': '0' })
    const failed = async () => {
      const { user, email } = await world.addUser(PIN)
      const serial = `RFC${user}`
      const init = { type: 'email', user, serial, email, pin: 'rfc', otpkey: RFC_SEED }
      const made = await world.api.post('/token/init', init, headers)
      expect(made.json.result.value).toBe(true)
      const { transaction_id: id } = (await ask({ user, email, pin: 'rfc' })).json
      if (id === undefined) return 'not asked'
      await expect.poll(() => stateOf(user, id), SOON).not.toMatch(/queued|sending/)
      return (await stateOf(user, id)) === 'failed' ? (id as string) : 'sent'
    }
    let id = await failed()
    for (let tries = 1; !/^\d/.test(id) && tries < 50; tries++) id = await failed()
    await expect
      .poll(() => deliveries(id), SOON)
      .toMatchObject([
        { state: 'queued', transaction_id: id },
        { state: 'failed', transaction_id: id, reply: '550 5.6.0 we do not take ***' },
      ])
    expect(JSON.stringify(await deliveries(id))).not.toContain(RFC_CODE)
  })
})

describe('N17: an address that the user store keeps (dynamic)', () => {
  const person = { user: 'pat@pool', email: '', pin: PIN }
  beforeAll(async () => {
    const dynamic = { type: 'email', user: 'pat', realm: 'pool', pin: PIN, dynamic_email: '1' }
    const made = await world.api.post('/token/init', dynamic, headers)
    expect(made.json.result.value, made.text).toBe(true)
  })

  it('N17: is read when the mail is sent', async () => {
    const id = await trigger(world, person)
    const code = await world.nextCode('pat@first.example')
    expect(isAccepted(await answer(world, person.user, id, code))).toBe(true)
    pat.attributes.email = 'pat@second.example'
    await trigger(world, person)
    await world.nextMail('pat@second.example')
    expect(world.unreadMails('pat@first.example')).toEqual([])
  })

  it('N17: that is missing by then: no mail, and the log says the user does not have an email', async () => {
    pat.attributes.email = 'pat@third.example'
    // long enough to learn what became of a mail, however busy the machine is
    await patch({ 'email.delivery_wait': '10' })
    await setTimeout(6000)
    await trigger(world, person)
    await world.nextMail('pat@third.example')
    delete pat.attributes.email
    const asked = await world.api.post('/validate/check', { user: person.user, pass: PIN })
    expect(asked.json.result.authentication).toBe('REJECT')
    expect(asked.json.detail.message).toBe('The PIN was correct, but the EMail could not be sent!')
    expect(asked.json.detail).not.toHaveProperty('transaction_id')
    const dropped = async () =>
      world.lines.filter(({ fields }) => fields.reason === 'user does not have an email').length
    await expect.poll(dropped, SOON).toBeGreaterThan(0)
    expect(world.stack.messages().filter(({ to }) => to.join().includes('pat@'))).toHaveLength(3)
    await patch(WAIT)
  })
})

it('N16, N20: a browser and an API client are asked in the words that are set for them', async () => {
  const [prompt, text] = ['Was steht in der Mail?', 'Der Code aus der Mail an {email_redacted}']
  const policy = { scope: 'authentication', action: { email_challenge_text: text } }
  await patch({ EMAIL_CHALLENGE_PROMPT: prompt, 'policies/prompt': JSON.stringify(policy) })
  const asked = async () => (await ask(await world.addUser(PIN))).json.message
  await expect.poll(asked, SOON).toBe(prompt)

  const person = await world.addUser(PIN)
  const page = { origin: 'https://app.example', 'accept-language': 'de', 'user-agent': 'Firefox' }
  const form = { user: person.user, pass: PIN }
  const browser = await world.api.post('/validate/check', form, page)
  expect(browser.json.detail).toMatchObject({
    message: 'Der Code aus der Mail an us********@e****.org',
    client_mode: 'interactive',
  })
  const pass = await world.nextCode(person.email)
  const { transaction_id } = browser.json.detail
  const typed = { user: person.user, transaction_id, pass }
  expect(isAccepted(await world.api.post('/validate/check', typed, page))).toBe(true)

  const other = await world.addUser(PIN)
  const client = await ask(other)
  const code = await world.nextCode(other.email)
  const answered = await answerV1(other.user, client.json.transaction_id, code)
  expect(answered.json).toMatchObject({ accepted: true, user: other.user })
  await patch({ EMAIL_CHALLENGE_PROMPT: null, 'policies/prompt': null })
})
