/** What the documents say of a mail server's settings, row by row, read from what went over the wire. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import {
  octetsOf,
  type SmtpServer,
  type SmtpServerOptions,
  startSmtp,
  verbsOf,
} from '../support/smtp-server.ts'
import { codeIn } from '../support/world.ts'
import { ALICE, createMailWorld, type MailWorld } from './mail-world.ts'
import { mailOf } from './sound-mail.ts'
import { trust } from './trust.ts'

const HOST = '127.0.0.1'
/** Where the ports everybody knows are free even on a machine that has a mail server. */
const OWN_HOST = '127.0.0.9'
const FROM = 'codes@firma.example'

let certificates: Certificates
let distrust: () => void
const started: SmtpServer[] = []
beforeAll(async () => {
  certificates = await makeCertificates([HOST, OWN_HOST, 'localhost'])
  distrust = trust(certificates.ca)
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()))
})
afterAll(() => distrust())

async function start(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const server = await startSmtp({ certificate: certificates.server, ...options })
  started.push(server)
  return server
}

/** Saves a provider in LinOTP's words for this server; it is the default. */
async function linotp(config: Record<string, unknown>, world?: MailWorld): Promise<MailWorld> {
  const own = world ?? (await createMailWorld())
  const saved = await own.save('main', { SMTP_SERVER: HOST, EMAIL_FROM: FROM, ...config })
  expect(saved).toMatchObject({ outcome: 'in_force', isDefault: true })
  return own
}

/** The refusal of a provider that must not be saved. */
async function refusalOf(config: unknown): Promise<string> {
  const world = await createMailWorld()
  const saved = await world.save('main', config)
  if (saved.outcome !== 'refused') throw new Error(saved.outcome)
  expect(await world.editing.parameters.list()).not.toHaveProperty('values.providers/main')
  return saved.problems.map(({ name, reason }) => `${name} ${reason}`).join()
}

/** Asks for a code; the one session, whose mail must be sound and carry a code that is accepted. */
async function mailed(world: MailWorld, server: SmtpServer, from = FROM) {
  const { outcome, failed } = await world.ask()
  expect(failed).toEqual([])
  if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
  expect(server.sessions).toHaveLength(1)
  const session = server.sessions[0]!
  await expect.poll(() => session.closed).toBe(true)
  const mail = mailOf(session, { from, to: ALICE })
  const { transactionId } = outcome.issued[0]!
  const answered = await world.check({ user: 'alice', transactionId, pass: codeIn(mail) })
  expect(answered.outcome).toBe('accepted')
  return { session, mail }
}

/** Asks for a code that cannot be sent, and gives the failure. */
async function notMailed(world: MailWorld): Promise<string> {
  const { outcome, failed } = await world.ask()
  expect(outcome.outcome).not.toBe('challenged')
  expect(failed).toHaveLength(1)
  return String(failed[0]!.failure)
}

describe('host and port', () => {
  it.each(['127.0.0.1', 'localhost'])('P09 N02 L23 the server %s is connected to', async (host) => {
    const server = await start()
    await mailed(await linotp({ SMTP_SERVER: host, SMTP_PORT: server.port }), server)
  })

  it('P09 an IPv6 literal is connected to', async ({ skip }) => {
    const server = await start({ host: '::1' }).catch(() => skip('no IPv6 here'))
    await mailed(await linotp({ SMTP_SERVER: '[::1]', SMTP_PORT: server.port }), server)
  })

  it('L23 P09 a provider without a server is refused', async () => {
    expect(await refusalOf({ EMAIL_FROM: FROM })).toMatch(/server is missing/i)
    expect(await refusalOf({ SMTP_SERVER: '', EMAIL_FROM: FROM })).toMatch(/server/i)
    expect(await refusalOf({ server: '' })).toMatch(/server/i)
  })

  it.each(['PORT', 'SMTP_PORT'])('L31 P10 N03 the port of %s is used', async (name) => {
    const server = await start()
    await mailed(await linotp({ [name]: server.port }), server)
    const text = await linotp({ [name]: String(server.port) })
    server.sessions.length = 0
    await mailed(text, server)
  })

  it.each([0, 65_536, 'smtp', -1, 2.5])('P10 L31 the port %s is refused', async (port) => {
    expect(await refusalOf({ SMTP_SERVER: HOST, SMTP_PORT: port })).toMatch(/PORT/)
    expect(await refusalOf({ server: HOST, port })).toMatch(/port/)
  })

  it.each([
    ['25 by default', 25, 'none', {}],
    ['587 with START_TLS', 587, 'starttls', { START_TLS: true }],
    ['465 with USE_SSL', 465, 'implicit', { USE_SSL: true }],
    ['465 where both are set: USE_SSL wins', 465, 'implicit', { USE_SSL: true, START_TLS: true }],
    ['2525 if it says so', 2525, 'none', { SMTP_PORT: 2525 }],
  ] as const)('L31 L28 L32 connects to port %s', async (_, port, tls, config) => {
    const world = await linotp({ SMTP_SERVER: OWN_HOST, ...config })
    const { providers } = await world.ports.settings.current()
    expect(providers.get('main')).toMatchObject({ port, tls })
    const server = await start({ host: OWN_HOST, port, tls }).catch(() => undefined)
    // not everybody may listen there
    if (server) await mailed(world, server)
  })
})

describe('TLS', () => {
  it('L28 N09 START_TLS: EHLO, STARTTLS, EHLO, and all else over TLS', async () => {
    const server = await start({ tls: 'starttls' })
    const world = await linotp({ SMTP_PORT: server.port, START_TLS: 'True' })
    const { session } = await mailed(world, server)
    expect(verbsOf(session)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'])
    expect(session.lines.map(({ secure }) => secure)).toEqual([
      ...[false, false],
      ...[true, true, true, true, true],
    ])
  })

  it('L28 a server that offers no STARTTLS is sent nothing', async () => {
    const server = await start({ tls: 'none' })
    const world = await linotp({
      SMTP_PORT: server.port,
      START_TLS: true,
      SMTP_USER: 'noreply',
      SMTP_PASSWORD: 'geheim',
    })
    expect(await notMailed(world)).toBe('configuration')
    expect(verbsOf(server.sessions[0]!).filter((verb) => /AUTH|MAIL/.test(verb))).toEqual([])
  })

  it('L32 N09 USE_SSL: TLS from the first octet, also with START_TLS', async () => {
    for (const both of [{}, { START_TLS: true }]) {
      const server = await start({ tls: 'implicit' })
      const world = await linotp({ SMTP_PORT: server.port, USE_SSL: true, ...both })
      const { session } = await mailed(world, server)
      expect(verbsOf(session)).not.toContain('STARTTLS')
      expect(session.lines.every(({ secure }) => secure)).toBe(true)
    }
  })

  it('N09 without either the mail goes in clear, even where STARTTLS is offered', async () => {
    const server = await start({ tls: 'starttls' })
    const { session } = await mailed(await linotp({ SMTP_PORT: server.port }), server)
    expect(verbsOf(session)).not.toContain('STARTTLS')
  })

  describe.each([
    { tls: 'starttls', config: { START_TLS: true } },
    { tls: 'implicit', config: { USE_SSL: true } },
  ] as const)(
    'L29 L30 a server that knows its clients by certificate ($tls)',
    ({ tls, config }) => {
      const demanding = () => start({ tls, clientCa: certificates.ca })

      it('takes mail by CERTFILE and KEYFILE', async () => {
        const server = await demanding()
        const { cert, key } = certificates.client
        const world = await linotp({
          ...{ SMTP_PORT: server.port, CERTFILE: cert, KEYFILE: key },
          ...config,
        })
        const { session } = await mailed(world, server)
        expect(session.client).toBe('otpost')
      })

      it('gets nothing without them', async () => {
        const server = await demanding()
        const world = await linotp({ SMTP_PORT: server.port, ...config })
        await notMailed(world)
        expect(server.sessions.flatMap(({ messages }) => messages)).toEqual([])
      })
    },
  )

  it('L30 the key goes into the secret store only', async () => {
    const { cert, key } = certificates.client
    const world = await linotp({ USE_SSL: true, CERTFILE: cert, KEYFILE: key })
    const { values, secrets } = await world.editing.parameters.list()
    expect(JSON.stringify(values)).not.toContain('PRIVATE KEY')
    expect(secrets).toHaveProperty(['providers/main.client_key'])
    expect(await refusalOf({ SMTP_SERVER: HOST, KEYFILE: '/etc/ssl/key.pem' })).toMatch(/KEYFILE/)
    expect(await refusalOf({ SMTP_SERVER: HOST, CERTFILE: '/etc/ssl/c.pem' })).toMatch(/CERTFILE/)
  })
})

describe('user and password', () => {
  const PASSWORD = 'geheim-"ü'
  const credentials = (user: string) => Buffer.from(`\0${user}\0${PASSWORD}`).toString('base64')

  it('P11 L24 N04 without a user nobody logs in', async () => {
    const server = await start()
    const { session } = await mailed(await linotp({ SMTP_PORT: server.port }), server)
    expect(verbsOf(session)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'])
  })

  it.each(['noreply', 'noreply@firma.example'])(
    'P11 P12 L24 L25 N05 the user %s logs in before MAIL',
    async (user) => {
      const server = await start({ tls: 'starttls', offers: [], offersOverTls: ['AUTH PLAIN'] })
      const world = await linotp({
        ...{ SMTP_PORT: server.port, START_TLS: true },
        ...{ SMTP_USER: user, SMTP_PASSWORD: PASSWORD },
      })
      const { session } = await mailed(world, server)
      const verbs = verbsOf(session).slice(2)
      expect(verbs).toEqual(['EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'QUIT'])
      const auth = session.lines.find(({ text }) => text.startsWith('AUTH'))!
      expect(auth).toEqual({ text: `AUTH PLAIN ${credentials(user)}`, secure: true })
    },
  )

  it('P11 logs in by AUTH LOGIN where that is all there is', async () => {
    const server = await start({ tls: 'implicit', offers: ['AUTH LOGIN'] })
    const world = await linotp({
      ...{ SMTP_PORT: server.port, USE_SSL: true },
      ...{ SMTP_USER: 'noreply', SMTP_PASSWORD: PASSWORD },
    })
    const { session } = await mailed(world, server)
    const said = session.lines.map(({ text }) => text)
    expect(said.slice(1, 4)).toEqual([
      'AUTH LOGIN',
      Buffer.from('noreply').toString('base64'),
      Buffer.from(PASSWORD).toString('base64'),
    ])
  })

  it('P12 L25 N06 the password is stored as a secret, and its mask keeps it', async () => {
    const server = await start()
    const login = { SMTP_PORT: server.port, SMTP_USER: 'noreply' }
    const world = await linotp({ ...login, SMTP_PASSWORD: PASSWORD })
    const { values, secrets } = await world.editing.parameters.list()
    expect(JSON.stringify(values)).not.toContain('geheim')
    expect(secrets).toHaveProperty(['providers/main.password'])
    await linotp({ ...login, SMTP_PASSWORD: '__CENSORED__' }, world)
    const { session } = await mailed(world, server)
    expect(octetsOf(session)).toContain(credentials('noreply'))
  })

  it('L24 N04 N06 a user without a password is refused', async () => {
    const world = await createMailWorld()
    const config = { SMTP_SERVER: HOST, SMTP_USER: 'noreply', EMAIL_FROM: FROM }
    const saved = await world.save('main', config)
    expect(saved.outcome).toBe('refused')
  })

  it('L24 with a user and no AUTH offered neither password nor mail is sent', async () => {
    const server = await start({ offers: ['8BITMIME'] })
    const login = { SMTP_USER: 'noreply', SMTP_PASSWORD: PASSWORD }
    const world = await linotp({ SMTP_PORT: server.port, ...login })
    expect(await notMailed(world)).toBe('configuration')
    expect(verbsOf(server.sessions[0]!)).toEqual(['EHLO'])
  })
})

describe('sender, subject, time', () => {
  it('L26 P13 N07 EMAIL_FROM is the From of the mail and of the envelope', async () => {
    const server = await start()
    const world = await linotp({
      SMTP_PORT: server.port,
      EMAIL_FROM: 'Firma, Login <otp@f.example>',
    })
    const { mail } = await mailed(world, server, 'otp@f.example')
    expect(mail.from).toBe('"Firma, Login" <otp@f.example>')
  })

  it('L26 P13 without one it is email.mailfrom, and no placeholder', async () => {
    const server = await start()
    const world = await linotp({ SMTP_PORT: server.port, EMAIL_FROM: '' })
    const { mail } = await mailed(world, server, 'otp@example.org')
    expect(mail.from).toBe('otp@example.org')
    expect(mail.raw.toString()).not.toMatch(/linotp@example\.com|privacyidea@localhost/)
  })

  it.each([
    ['L27 the default', {}, 'Your OTP'],
    [
      'L27 EMAIL_SUBJECT',
      { EMAIL_SUBJECT: 'Ihr Code für Jürgen 验证码' },
      'Ihr Code für Jürgen 验证码',
    ],
    ['X20 EMAIL_SUBJECT with a tag', { EMAIL_SUBJECT: 'For <serial>' }, 'For EMALICE'],
  ])('%s is the subject', async (_, config, subject) => {
    const server = await start()
    const { mail } = await mailed(await linotp({ SMTP_PORT: server.port, ...config }), server)
    expect(mail.subject).toBe(subject)
  })

  it.each([
    ['seconds', 1],
    ['text', '1'],
    ['a pair: to connect and to answer', [0.5, 0.5]],
  ])('X24 TIMEOUT as %s ends a server that hangs', async (_, TIMEOUT) => {
    const server = await start({ script: { MAIL: 'hang' } })
    const world = await linotp({ SMTP_PORT: server.port, TIMEOUT })
    const began = performance.now()
    expect(await notMailed(world)).toBe('transient')
    const took = performance.now() - began
    expect(took).toBeGreaterThan(900)
    expect(took).toBeLessThan(8000)
  })

  it('X24 TIMEOUT is neither how long a code is valid nor when it may be asked for again', async () => {
    const server = await start()
    const world = await linotp({ SMTP_PORT: server.port, TIMEOUT: 1 })
    const settings = await world.ports.settings.current()
    expect(settings['email.validtime']).toBe(120)
    expect(settings['email.resend_after']).toBe(0)
    const { outcome } = await world.ask()
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    expect(outcome.issued[0]!.expiresAt - world.now()).toBeGreaterThan(100_000)
  })
})
