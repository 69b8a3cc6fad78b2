/** Every phase of a session goes wrong in every way: what kind of failure it is, and how soon. */
import { createServer } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { smtpMailer, type SmtpServer as Target } from '../../functions/adapters/smtp-mailer.ts'
import type { Sent } from '../../functions/core/ports.ts'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import { OTP, sampleMail } from '../adapters/sample-mail.ts'
import { startSilentPort } from '../support/silent-port.ts'
import {
  octetsOf,
  type SmtpAnswer,
  type SmtpPhase,
  type SmtpServer,
  type SmtpServerOptions,
  startSmtp,
} from '../support/smtp-server.ts'

const TIMEOUT_MS = 400
/** What a busy machine may add. */
const MARGIN_MS = 5000
const PASSWORD = 'geheim-8261'
const LOGIN = { user: 'noreply', password: PASSWORD }

type Security = Target['security']
type Way = { way: string; how: SmtpAnswer }

const WAYS: Way[] = [
  { way: 'hangs', how: 'hang' },
  { way: 'resets', how: 'reset' },
  { way: 'hangs up', how: 'close' },
  { way: 'says 421', how: `421 4.3.2 not now, ${OTP} ${PASSWORD}` },
  { way: 'says 451', how: `451-4.7.0 later\r\n451 4.7.0 ${OTP}` },
  { way: 'says 550', how: `550 5.1.1 no, ${OTP} ${PASSWORD}` },
  { way: 'says 554', how: '554 5.0.0 never' },
  { way: 'forbids it by 554', how: '554 5.7.1 relay access denied' },
  { way: 'answers in another protocol', how: 'HTTP/1.1 400 Bad Request\r\nServer: x' },
  { way: 'answers in octets without sense', how: Buffer.from('\x00\xff\x80\x1b[2J\r\n', 'latin1') },
  { way: 'never ends its line', how: Buffer.from('250-' + 'x'.repeat(10_000)) },
]
const PHASES: SmtpPhase[] = [
  'greeting',
  'EHLO',
  'STARTTLS',
  'handshake',
  'EHLO over TLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'end',
  'QUIT',
]
const OF_STARTTLS: SmtpPhase[] = ['STARTTLS', 'EHLO over TLS']

type Verdict = 'sent' | Extract<Sent, { sent: false }>['failure']

/** What each way of a server to fail comes to. */
function verdict(phase: SmtpPhase, way: string): Verdict {
  if (phase === 'QUIT') return 'sent'
  if (/^(hangs|resets)/.test(way)) return phase === 'end' ? 'unknown' : 'transient'
  // words where TLS should be: the server is not what the settings say
  if (phase === 'handshake') return 'configuration'
  if (way.startsWith('never')) return phase === 'end' ? 'unknown' : 'transient'
  if (/ 4\d\d$/.test(way)) return 'transient'
  // what this server may not do for us says nothing of the recipient (RFC 3463 §3.8)
  if (way.startsWith('forbids')) return 'configuration'
  if (/ 5\d\d$/.test(way)) return phase === 'RCPT' ? 'address' : 'configuration'
  return phase === 'end' ? 'unknown' : 'configuration'
}

let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates(['127.0.0.1'])
})

/** Sends one mail, with a user and a password, to a server that does as it is told. */
async function send(security: Security, options: SmtpServerOptions, target: Partial<Target> = {}) {
  const server = await startSmtp({ tls: security, certificate: certificates.server, ...options })
  const mailer = smtpMailer({
    host: '127.0.0.1',
    port: server.port,
    security,
    ca: certificates.ca,
    timeoutMs: TIMEOUT_MS,
    ...LOGIN,
    ...target,
  })
  const began = performance.now()
  const sent = await mailer.send(sampleMail())
  const took = performance.now() - began
  await server.stop()
  expect(server.sessions.length).toBeLessThanOrEqual(1)
  return { sent, took, session: server.sessions[0] }
}

/** Messages with something in them: RFC 2920 §3.1 wants an empty one where DATA was let through. */
const messagesOf = (session: SmtpServer['sessions'][number] | undefined) =>
  session?.messages.filter((message) => message.toString() !== '.\r\n') ?? []

/** In clear nothing but the way to TLS may be said. */
function expectNothingInClear(session: SmtpServer['sessions'][number] | undefined): void {
  const clear = session?.lines.filter(({ secure }) => !secure).map(({ text }) => text) ?? []
  const other = clear.filter((text) => !/^(EHLO \[127\.0\.0\.1\]|STARTTLS|QUIT)$/.test(text))
  expect(other).toEqual([])
  // taken as a message before anything was encrypted
  if (!session?.lines.some(({ secure }) => secure)) expect(messagesOf(session)).toEqual([])
}

const PIPELINED = ['PIPELINING', 'AUTH PLAIN LOGIN', '8BITMIME', 'SIZE 10485760']

describe.each([
  { title: 'over none', security: 'none' },
  { title: 'over starttls', security: 'starttls' },
  { title: 'over implicit', security: 'implicit' },
  { title: 'that takes several commands at once', security: 'implicit', offers: PIPELINED },
] as const)('$title', ({ security, ...offer }) => {
  const phases = PHASES.filter((phase) => {
    if (security === 'starttls') return true
    return !OF_STARTTLS.includes(phase) && (security !== 'none' || phase !== 'handshake')
  })
  const rows = phases.flatMap((phase) =>
    WAYS.map((one) => ({ phase, ...one, is: verdict(phase, one.way) })),
  )

  it.concurrent.each(rows)('a server that $way at $phase: $is', async ({ phase, how, is }) => {
    const { sent, took, session } = await send(security, {
      script: { [phase]: how },
      ...('offers' in offer && { offers: PIPELINED }),
    })
    expect(sent.sent ? 'sent' : sent.failure).toBe(is)
    expect(took).toBeLessThan(TIMEOUT_MS + MARGIN_MS)
    expect(sent.reply).not.toMatch(new RegExp(`${OTP}|${PASSWORD}`))
    expect(sent.reply).not.toMatch(/\p{Cc}/u)
    expect(sent.reply.length).toBeLessThanOrEqual(300)
    if (security !== 'none') expectNothingInClear(session)
    const arrives = is === 'sent' || phase === 'end'
    expect(messagesOf(session)).toHaveLength(arrives ? 1 : 0)
  })
})

describe('a connection', () => {
  it('that is never made: transient, within the time', async ({ skip }) => {
    const silent = await startSilentPort()
    if (!silent) return skip('this system completes connections nobody accepts')
    const mailer = smtpMailer({
      host: '127.0.0.1',
      port: silent.port,
      security: 'none',
      timeoutMs: TIMEOUT_MS,
    })
    const began = performance.now()
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: false, failure: 'transient' })
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS + MARGIN_MS)
    await silent.stop()
  })

  it('that is refused: transient, at once', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    const mailer = smtpMailer({ host: '127.0.0.1', port, security: 'none', timeoutMs: 10_000 })
    const began = performance.now()
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: false, failure: 'transient' })
    expect(performance.now() - began).toBeLessThan(MARGIN_MS)
  })
})

describe.each(['starttls', 'implicit'] as const)('a certificate over %s', (security) => {
  const BAD: [string, () => Promise<Certificates['server']>][] = [
    ['of somebody else', async () => (await makeCertificates(['127.0.0.1'])).server],
    ['that signed itself', async () => selfSigned()],
  ]
  async function selfSigned() {
    const { generate } = await import('selfsigned')
    const pem = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keyType: 'ec' })
    return { cert: pem.cert, key: pem.private }
  }

  it.each(BAD)('%s: configuration, and nothing is said', async (_, make) => {
    const { sent, session } = await send(security, { certificate: await make() })
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    expectNothingInClear(session)
    expect(session?.lines.filter(({ secure }) => secure)).toEqual([])
  })

  it.each([
    ['for another name', ['mail.other.example'], undefined],
    ['that has ended', ['127.0.0.1'], new Date(Date.now() - 60_000)],
  ])('%s: configuration, and nothing is said', async (_, hosts, until) => {
    const { server: certificate, ca } = await makeCertificates(hosts, until)
    const { sent, session } = await send(security, { certificate }, { ca })
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    expect(sent.reply).toMatch(/certificate|altnames/i)
    expectNothingInClear(session)
    expect(session?.lines.filter(({ secure }) => secure)).toEqual([])
  })
})

describe('a server that does as it should and then hangs up', () => {
  const phases: SmtpPhase[] = ['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'end']
  it.concurrent.each(phases)('behind %s', async (phase) => {
    const { sent, took } = await send('implicit', { script: { [phase]: 'usual, close' } })
    expect(took).toBeLessThan(TIMEOUT_MS + MARGIN_MS)
    const verdicts: Partial<Record<SmtpPhase, Verdict>> = { DATA: 'unknown', end: 'sent' }
    expect(sent.sent ? 'sent' : sent.failure).toBe(verdicts[phase] ?? 'transient')
  })
})

describe('someone on the line', () => {
  it('who takes STARTTLS out of the offer gets neither password nor mail', async () => {
    const { sent, session } = await send('starttls', {
      tls: 'none',
      script: { STARTTLS: '502 no' },
    })
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    expectNothingInClear(session)
  })

  it('who puts answers behind the one to STARTTLS is not heard', async () => {
    const injected = '220 go ahead\r\n250-mitm.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok'
    const { sent, session } = await send('starttls', {
      script: { STARTTLS: injected },
      offersOverTls: ['8BITMIME'],
    })
    // the real server offers no AUTH: the injected offer must not have been taken for its answer
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    expect(octetsOf(session!)).not.toMatch(/AUTH|MAIL/)
  })

  it('who plays a server that needs no TLS gets nothing', async () => {
    const { sent, session } = await send('implicit', { tls: 'none' })
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    expect(octetsOf(session!)).not.toMatch(/EHLO|AUTH|MAIL/)
  })
})
