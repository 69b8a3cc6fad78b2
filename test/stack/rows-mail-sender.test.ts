/** NetIQ's mail sender, row by row: set over HTTP, read from what a mail server on loopback was told. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import { mailOf, type SoundMail } from '../mail-wire/sound-mail.ts'
import {
  octetsOf,
  type SmtpServer,
  type SmtpServerOptions,
  type SmtpSession,
  startSmtp,
  verbsOf,
} from '../support/smtp-server.ts'
import type { Answer } from './support-http.ts'
import { adminSession, answer, codeIn, isAccepted, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

const PATH = '/v1/mail-sender'
const SENDER = 'otp@company.example'
const PASSWORD = 'geheim-"ü'
/** Functions keep their settings for seconds. */
const SOON_MS = 20_000

let world: TestStack
let headers: Record<string, string>
let certificates: Certificates
const started: SmtpServer[] = []
beforeAll(async () => {
  certificates = await makeCertificates(['127.0.0.1', 'localhost'])
  // long enough to learn what became of a mail, however busy the machine is
  const parameters = { 'email.ca': certificates.ca, 'email.delivery_wait': '10' }
  world = await startTestStack({ parameters })
  headers = await adminSession(world)
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()))
})
afterAll(() => world?.stack.stop())

async function server(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const one = await startSmtp({ certificate: certificates.server, ...options })
  started.push(one)
  return one
}

const read = async () => (await world.api.get(PATH, {}, headers)).json
const put = (members: object): Promise<Answer> => world.api.json('PUT', PATH, members, headers)
/** Saves a mail server without a login, but for what is said. */
async function save(members: object): Promise<any> {
  const anonymous = { authentication_required: false, username: '', password: '' }
  const usual = { kind: 'smtp', host: '127.0.0.1', tls: 'none', sender: SENDER, ...anonymous }
  const saved = await put({ ...usual, ...members })
  expect(saved.status, saved.text).toBe(200)
  return saved.json
}

/** What must not be saved: refused by the name of a member, and nothing has changed. */
async function isRefused(members: object, parameter: string): Promise<void> {
  const before = await read()
  const { status, json } = await put(members)
  expect([status, json.parameter]).toEqual([400, parameter])
  expect(await read()).toEqual(before)
}

type Mailed = { session: SmtpSession; mail: SoundMail }

/** A login whose code comes by this server; newcomers ask until the change is in force. */
async function logsInBy(one: SmtpServer, from = SENDER): Promise<Mailed> {
  const until = Date.now() + SOON_MS
  for (;;) {
    const { user, email } = await world.addUser()
    const asked = await world.api.post('/validate/check', { user, pass: '' })
    const session = one.sessions.find(({ lines }) => lines.some(({ text }) => text.includes(email)))
    if (session) {
      const mail = mailOf(session, { from, to: email })
      const id = asked.json.detail.transaction_id as string
      expect(isAccepted(await answer(world, user, id, codeIn(mail)))).toBe(true)
      return { session, mail }
    }
    if (Date.now() > until) throw new Error(`No mail came by this server: ${asked.text}`)
  }
}

/** A login whose code goes nowhere, least of all to this server, which is asked first. */
async function getsNoMail(one: SmtpServer): Promise<void> {
  const until = Date.now() + SOON_MS
  for (;;) {
    const { user } = await world.addUser()
    const asked = await world.api.post('/validate/check', { user, pass: '' })
    if (one.sessions.length > 0) {
      expect(asked.json.detail.message).toMatch(/could not be sent/)
      expect(one.sessions.flatMap(({ messages }) => messages)).toEqual([])
      expect(one.sessions.flatMap(verbsOf)).not.toContain('MAIL')
      return
    }
    if (Date.now() > until) throw new Error(`This server was not asked: ${asked.text}`)
  }
}

it('N01: one resource holds it all, and what it exports it imports', async () => {
  const { port } = world.stack.smtp
  await save({ port, timeout: 7, recipient_mask: 'e***e@t***.com' })
  const { provider, version, ...exported } = await read()
  expect(Object.keys(exported).sort()).toEqual([
    ...['authentication_required', 'host', 'kind', 'password', 'port', 'recipient_mask'],
    ...['sender', 'subject', 'timeout', 'tls', 'username'],
  ])
  await save({ host: 'elsewhere.example', port: 2525, timeout: 3, recipient_mask: '****@****.**' })
  expect((await read()).version).not.toBe(version)
  const imported = await put(exported)
  expect([imported.status, imported.json]).toEqual([200, { provider, version, ...exported }])
})

describe('host and port', () => {
  it.each(['127.0.0.1', 'localhost'])('N02: the server %s is connected to', async (host) => {
    const one = await server()
    await save({ host, port: one.port })
    await logsInBy(one)
  })

  it('N02: so is an IPv6 literal', async ({ skip }) => {
    const one = await server({ host: '::1' }).catch(() => skip('no IPv6 here'))
    await save({ host: '::1', port: one.port })
    await logsInBy(one)
  })

  it('N02: an empty or malformed host is refused by name', async () => {
    for (const host of ['', 'a b', 'smtp://mail.example', 'mail.example:25']) {
      await isRefused({ kind: 'smtp', host }, 'host')
    }
  })

  it('N03: the port is the one that is set, else that of its encryption', async () => {
    const one = await server()
    expect(await save({ port: one.port })).toMatchObject({ port: one.port })
    await logsInBy(one)
    for (const [tls, port] of Object.entries({ none: 25, starttls: 587, implicit: 465 })) {
      expect(await save({ tls })).toMatchObject({ tls, port })
    }
  })

  it.each([0, 65_536, -1, 2.5, '465', 'smtp'])('N03: the port %j is refused by name', (port) =>
    isRefused({ port }, 'port'),
  )
})

describe('authentication', () => {
  const LOGIN = { authentication_required: true, password: PASSWORD }
  const credentials = (user: string) => Buffer.from(`\0${user}\0${PASSWORD}`).toString('base64')

  it.each(['noreply', 'noreply@company.example'])(
    'N04, N05: the user %s logs in before MAIL',
    async (username) => {
      const one = await server({ tls: 'starttls', offers: [], offersOverTls: ['AUTH PLAIN'] })
      await save({ port: one.port, tls: 'starttls', username, ...LOGIN })
      const { session } = await logsInBy(one)
      expect(verbsOf(session).slice(2, 5)).toEqual(['EHLO', 'AUTH', 'MAIL'])
      const line = session.lines.find(({ text }) => text.startsWith('AUTH'))
      expect(line).toEqual({ text: `AUTH PLAIN ${credentials(username)}`, secure: true })
    },
  )

  it('N04: switched off, nobody logs in although a user is stored', async () => {
    const one = await server()
    await save({ port: one.port, username: 'noreply', ...LOGIN })
    expect(await put({ authentication_required: false })).toMatchObject({ status: 200 })
    expect(await read()).toMatchObject({ authentication_required: false, username: 'noreply' })
    await expect
      .poll(async () => verbsOf((await logsInBy(one)).session), { timeout: SOON_MS })
      .not.toContain('AUTH')
  })

  it('N04, N06: switched on, it is not saved without user and password', async () => {
    const { port } = world.stack.smtp
    expect(await save({ port })).toMatchObject({ authentication_required: false })
    const on = { authentication_required: true }
    await isRefused({ ...on, username: 'noreply' }, 'password')
    await isRefused({ ...on, username: 'noreply', password: '' }, 'password')
    await isRefused({ ...on, password: PASSWORD }, 'username')
  })

  it('N06: the password is masked, kept by its mask, and goes to no other server', async () => {
    const one = await server()
    const login = { username: 'noreply', ...LOGIN }
    expect(await save({ port: one.port, ...login })).toMatchObject({ password: '__CENSORED__' })
    expect((await world.api.get(PATH, {}, headers)).text).not.toContain('geheim')
    expect((await put({ password: '__CENSORED__', timeout: 9 })).status).toBe(200)
    await expect
      .poll(async () => octetsOf((await logsInBy(one)).session), { timeout: SOON_MS })
      .toContain(credentials('noreply'))
    await isRefused({ host: 'evil.example' }, 'password')
  })
})

describe('sender', () => {
  it('N07: is the From of the mail and of the envelope', async () => {
    const one = await server()
    await save({ port: one.port, sender: 'codes@company.example' })
    const { mail } = await logsInBy(one, 'codes@company.example')
    expect(mail.from).toBe('codes@company.example')
  })

  it('N07: that differs from the mail user is warned of, by name', async () => {
    const changed = await world.mail.json('PATCH', '/api/parameters', {
      'email.username': 'noreply@company.example',
      'email.password': PASSWORD,
      'email.mailfrom': SENDER,
    })
    expect(changed.json.configure.problems).toContainEqual(
      expect.objectContaining({ severity: 'warning', name: 'email.mailfrom' }),
    )
    await isRefused({ sender: 'a@company.example, b@company.example' }, 'sender')
  })
})

describe('encryption', () => {
  const secured = ({ lines }: SmtpSession) => lines.map(({ secure }) => secure)

  it('N09: none: in clear, even where STARTTLS is offered', async () => {
    const one = await server({ tls: 'starttls' })
    await save({ port: one.port, tls: 'none' })
    const { session } = await logsInBy(one)
    expect(verbsOf(session)).not.toContain('STARTTLS')
    expect(secured(session)).not.toContain(true)
  })

  it('N09: starttls: nothing but EHLO and STARTTLS is said before', async () => {
    const one = await server({ tls: 'starttls' })
    await save({ port: one.port, tls: 'starttls' })
    const { session } = await logsInBy(one)
    expect(verbsOf(session).slice(0, 4)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'MAIL'])
    expect(secured(session).indexOf(true)).toBe(2)
    expect(secured(session).lastIndexOf(false)).toBe(1)

    const clear = await server({ tls: 'none' })
    await save({ port: clear.port, tls: 'starttls' })
    await getsNoMail(clear)
  })

  it('N09: implicit: TLS from the first octet', async () => {
    const one = await server({ tls: 'implicit' })
    await save({ port: one.port, tls: 'implicit' })
    const { session } = await logsInBy(one)
    expect(verbsOf(session)).not.toContain('STARTTLS')
    expect(secured(session)).not.toContain(false)
  })
})
