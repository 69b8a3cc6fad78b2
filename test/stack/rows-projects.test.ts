/** What the documents leave to the projects (X) and their older edition (T02), row by row, over HTTP. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { adminSession, answer, isAccepted, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack, User } from './support.ts'
import { SOON, storedItems } from './support-rows.ts'

const PIN = '1234'
const BASE = { 'policies/rows': null, EMAIL_CHALLENGE_PROMPT: null, 'email.validtime': null }

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack()
  headers = await adminSession(world)
})
afterEach(() => patch(BASE))
afterAll(() => world?.stack.stop())

const patch = (parameters: Record<string, string | null>) =>
  world.mail.json('PATCH', '/api/parameters', parameters)
const policy = (action: string, user: string) =>
  patch({
    'policies/rows': JSON.stringify({
      ...{ scope: 'authentication', realm: ['demo'], user: [user] },
      action: { [action]: 'true' },
    }),
  })
const linotp = (form: Record<string, string>) => world.api.post('/linotp/validate/check', form)
const operator = (command: string, args: object) =>
  world.stack.invoke('otpost-local-operator', { command, args }) as Promise<any>
/** Seconds from asking for a code until it expires, as it is stored. */
async function validity(person: User): Promise<number> {
  const [{ createdAt, expiresAt } = {} as any] = await storedItems(world).challenges(
    await trigger(world, person),
  )
  return (expiresAt - createdAt) / 1000
}
async function initToken(form: Record<string, string>) {
  const { json } = await world.api.post('/token/init', { type: 'email', ...form }, headers)
  return json
}

it('X18, X29: a code is good for 120 s, as its token says, and never longer than a day', async () => {
  const [first, second] = await world.addUsers(2, PIN)
  expect(await validity(first!)).toBe(120)
  const { json } = await world.api.get('/token/', { user: second!.user }, headers)
  const [{ serial }] = json.result.value.tokens
  const path = `/token/info/${serial}/challenge_validity_time`
  await world.api.post(path, { value: '600' }, headers)
  expect(await validity(second!)).toBe(600)

  const set = (value: string) => world.api.post('/system/email.validtime', { value }, headers)
  expect((await set('86401')).json.result.error.message).toContain('email.validtime')
  expect((await set('86400')).json.result.status).toBe(true)
  const newcomers = async () => validity(await world.addUser(PIN))
  await expect.poll(newcomers, SOON).toBe(86_400)
})

it('X19: LinOTP sends no second mail while the first is open, and does once it is answered', async () => {
  const { user, email } = await world.addUser(PIN)
  const ask = async () => (await linotp({ user, pass: PIN })).json.detail
  const { transactionid } = await ask()
  const otp = await world.nextCode(email)
  expect(await ask()).toMatchObject({
    ...{ transactionid, message: 'e-mail with otp already submitted' },
  })
  expect(world.unreadMails(email)).toEqual([])
  expect((await linotp({ user, pass: otp, transactionid })).json.result.value).toBe(true)
  expect((await ask()).transactionid).not.toBe(transactionid)
  expect(await world.nextCode(email)).not.toBe(otp)
})

it('X21: dynamic_email_address mails to the address of the user, not to that of the token', async () => {
  const { user, email } = await world.addUser(PIN)
  const own = `${user}@token.example`
  await initToken({ user, realm: 'demo', email: own, pin: 'dynamic', serial: `DYN${user}` })
  await linotp({ user, pass: 'dynamic' })
  expect(await world.nextCode(own)).toMatch(/^\d{6}$/)
  await policy('dynamic_email_address', user)
  const asked = async () => {
    const { json } = await world.api.post('/validate/check', { user, pass: 'dynamic' })
    const [challenge] = await storedItems(world).challenges(json.detail.transaction_id)
    return challenge!.dynamicAddress
  }
  await expect.poll(asked, SOON).toBe(true)
  expect(await world.nextCode(email)).toMatch(/^\d{6}$/)
})

it('X23: EMAIL_CHALLENGE_PROMPT is what LinOTP says when a code was mailed', async () => {
  await patch({ EMAIL_CHALLENGE_PROMPT: 'Look into your mail' })
  const said = async () => {
    const { user } = await world.addUser(PIN)
    return (await linotp({ user, pass: PIN })).json.detail.message
  }
  await expect.poll(said, SOON).toBe('Look into your mail')
})

describe('a template', () => {
  const PIXEL =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
  const EML = [
    'Subject: Code for {username}',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=a',
    '',
    '--a',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '${otp}',
    '${username}|${surname}|${email}|${serial}|${tokentype}|{endpoint}|{event}|{number}',
    '--a',
    'Content-Type: multipart/related; boundary=b',
    '',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>{otp}</p><img src="cid:logo" alt="Logo">',
    '--b',
    'Content-Type: image/png',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    '',
    PIXEL,
    '--b--',
    '--a--',
    '',
  ].join('\r\n')
  /** The first mail by it: functions keep their settings for seconds, so newcomers ask until then. */
  async function mailed() {
    for (let tries = 1; ; tries++) {
      const { user } = await world.addUser()
      const email = `${user}@rows.example`
      const made = await initToken({
        ...{ user, realm: 'demo', email, pin: PIN, serial: `ROWS${user}` },
        'email.identifier': 'rows',
      })
      expect(made.result.status).toBe(true)
      await world.api.post('/validate/check', { user, pass: PIN })
      const mail = await world.nextMail(email, 5000).catch((error) => {
        if (tries === 5) throw error
      })
      if (mail) return { user, email, mail }
    }
  }
  const put = (name: string, source: string) =>
    operator('template.put', { name, source: Buffer.from(source).toString('base64') })

  it('X25, X29: has the tags of LinOTP and NetIQ, HTML and an image, and no way out of its store', async () => {
    expect(await put('../../etc/x', EML)).toMatchObject({ ok: false })
    expect(await put('rows', EML)).toMatchObject({ ok: true })
    const { port } = world.stack.smtp
    const json = { server: '127.0.0.1', port, template: 'rows', sender: 'otp@rows.example' }
    const bearer = { authorization: `Bearer ${headers.authorization}` }
    const set = await world.api.json('PUT', '/v1/providers/rows', json, bearer)
    expect(set.status).toBe(200)

    const { user, email, mail } = await mailed()
    expect(mail.subject).toBe(`Code for ${user}`)
    expect(mail.text).toMatch(/^\d{6}\s+/)
    expect(mail.text).toContain(`${user}||${email}|ROWS${user}|email|127.0.0.1||1`)
    expect(mail.raw).toMatch(/Content-ID: <[^>]+>/i)
    await world.api.send('/v1/default-providers', {
      method: 'PUT',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: '{"providers":""}',
    })
  })
})

it('X28: a managed provider is hidden, and opens to its password only', async () => {
  const managed = 'kept by the mail team'
  const set = (server: string, more: Record<string, string> = {}) =>
    world.api.post('/smtpserver/managed', { server, ...more }, headers)
  expect((await set('first.example', { managed })).json.result.value).toBe(true)
  const list = await world.api.get('/smtpserver/', {}, headers)
  expect(list.json.result.value.managed).toMatchObject({ managed: true })
  expect(list.text).not.toContain('first.example')
  const wrong: Record<string, string>[] = [{}, { managed: 'not the password' }]
  for (const more of wrong) {
    const { json } = await set('other.example', more)
    expect(json.result.error.message).toContain('managed is')
  }
  const drop = (name: string, more: Record<string, string> = {}) =>
    world.api.send(`/v1/providers/${name}`, { method: 'DELETE', headers: { ...bearer, ...more } })
  const bearer = { authorization: `Bearer ${headers.authorization}` }
  expect((await drop('managed.managed')).status).toBe(404)
  expect((await drop('managed')).status).toBe(400)
  expect((await set('second.example', { managed })).json.result.value).toBe(true)
  const { json: parameters } = await world.mail.get('/api/parameters')
  expect(parameters['providers/managed']).toContain('second.example')
  expect(JSON.stringify(parameters)).not.toContain(managed)
  expect((await drop('managed', { 'otpost-managed': encodeURIComponent(managed) })).status).toBe(
    204,
  )
})

it('X28: a challenge whose row was altered lets nobody in, and the log says so', async () => {
  const person = await world.addUser(PIN)
  const id = await trigger(world, person)
  const otp = await world.nextCode(person.email)
  const chosen = wrongCode(otp)
  await answer(world, person.user, id, chosen)
  const stored = storedItems(world)
  const [row] = await stored.challenges(id)
  await stored.setChallenges(id, { otpMac: row!.guessMac, guessMac: '-', attempts: 0 })
  expect(isAccepted(await answer(world, person.user, id, chosen))).toBe(false)
  const told = world.lines.filter(({ fields }) => fields.message === 'challenge altered')
  expect(told.map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ level: 'error', transaction_id: id }),
  ])
})

it('X31, X32: a token may be enrolled before its user has an address, and then sends nothing', async () => {
  const [nobody] = [{ user: 'x31', pin: PIN }]
  const added = await operator('user.add', { user: nobody!.user, realm: 'demo' })
  expect(added).toMatchObject({ ok: true })
  const form = { user: nobody!.user, realm: 'demo', pin: PIN }
  expect((await initToken({ ...form, email: '' })).result.status).toBe(false)
  const made = await initToken({ ...form, dynamic_email: '1', serial: 'X31' })
  expect(made.result.status).toBe(true)
  const before = world.stack.messages().length
  const { json } = await world.api.post('/validate/check', { user: 'x31', pass: PIN })
  expect(json.result.value).toBe(false)
  expect(json.detail).not.toHaveProperty('transaction_id')
  expect(world.stack.messages()).toHaveLength(before)
  const reasons = () => world.lines.map(({ fields }) => fields.reason)
  expect(reasons()).toContain('no_address')

  const email = 'x31@example.org'
  await operator('user.update', { user: 'x31', realm: 'demo', email })
  await trigger(world, { user: 'x31', pin: PIN, email })
  expect(await world.nextCode(email)).toMatch(/^\d{6}$/)
})

it('X32: a bad code and one that came too late are told alike', async () => {
  const [early, late] = await world.addUsers(2, PIN)
  const bad = await trigger(world, early!)
  const code = await world.nextCode(early!.email)
  const wrong = await answer(world, early!.user, bad, wrongCode(code))
  const id = await trigger(world, late!)
  const expired = await world.nextCode(late!.email)
  const stored = storedItems(world)
  await stored.setChallenges(id, { expiresAt: Date.now() - 1 })
  const after = await answer(world, late!.user, id, expired)
  expect(isAccepted(wrong) || isAccepted(after)).toBe(false)
  expect(after.json.detail.message).toBe(wrong.json.detail.message)
})

it('X33: registration and login by e-mail are on, and nothing else is a factor', async () => {
  const parameters = (await world.mail.get('/api/parameters')).json
  expect(parameters).not.toHaveProperty(['allowed.auth.factors'])
  expect(parameters).not.toHaveProperty(['allowed.reg.factors'])
  const person = await world.addUser(PIN)
  expect(await trigger(world, person)).toMatch(/^\d{20}$/)
})

it('X34: no browser is remembered: each sign-in to the self-service asks for PIN and code', async () => {
  const { user, email } = await world.addUser(PIN)
  for (let times = 0; times < 2; times++) {
    const asked = await world.api.json('POST', '/v1/self/sessions', { user, pin: PIN })
    expect(asked.json).toMatchObject({ transaction_id: expect.stringMatching(/^\d{20}$/) })
    expect(asked.headers.getSetCookie()).toEqual([])
    const otp = await world.nextCode(email)
    const { transaction_id } = asked.json
    const done = await world.api.json('POST', '/v1/self/sessions', { user, transaction_id, otp })
    expect(done.status).toBe(201)
  }
})

it('T02: an installation that nobody has changed takes the newest code only', async () => {
  const person = await world.addUser(PIN)
  const older = await trigger(world, person)
  const first = await world.nextCode(person.email)
  const newer = await trigger(world, person)
  const second = await world.nextCode(person.email)
  expect(isAccepted(await answer(world, person.user, older, first))).toBe(false)
  expect(isAccepted(await answer(world, person.user, newer, second))).toBe(true)
})
