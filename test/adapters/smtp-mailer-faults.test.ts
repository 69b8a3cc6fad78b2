import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { smtpFailure } from '../../functions/adapters/smtp-failure.ts'
import { smtpMailer, type SmtpServer } from '../../functions/adapters/smtp-mailer.ts'
import { OTP, sampleMail } from './sample-mail.ts'
import {
  startScripted,
  type Misbehaviour,
  type Phase,
  type ScriptedServer,
} from './scripted-smtp.ts'

const TIMEOUT_MS = 300
const PASSWORD = 'geheim'

let server: ScriptedServer | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function sendTo(at: Phase, how: Misbehaviour, mail = sampleMail()) {
  server = await startScripted(at, how)
  const login: Partial<SmtpServer> = at === 'AUTH' ? { user: 'noreply', password: PASSWORD } : {}
  const mailer = smtpMailer({
    host: '127.0.0.1',
    port: server.port,
    security: at === 'STARTTLS' ? 'starttls' : 'none',
    timeoutMs: TIMEOUT_MS,
    ...login,
  })
  const started = performance.now()
  const sent = await mailer.send(mail)
  return { sent, took: performance.now() - started, heard: server.heard }
}

const PHASES: Phase[] = ['greeting', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'end']

describe.each(PHASES)('a server that fails at %s', (phase) => {
  const lost = phase === 'end' ? 'unknown' : 'transient'

  it(`and hangs: ${lost}, within the time allowed`, async () => {
    const { sent, took } = await sendTo(phase, 'hang')
    expect(sent).toEqual({ sent: false, failure: lost, reply: 'No answer within 300 ms.' })
    expect(took).toBeLessThan(TIMEOUT_MS + 1000)
  })

  it.each(['reset', 'close'])(`and answers by a %s: ${lost}`, async (how) => {
    const { sent } = await sendTo(phase, how)
    expect(sent).toMatchObject({ sent: false, failure: lost })
    expect(sent.reply).not.toContain('No answer')
  })

  it('and says 421 or 451: transient, in its words', async () => {
    for (const words of ['421 4.3.2 closing', '451 4.7.0 try later']) {
      const { sent } = await sendTo(phase, words)
      expect(sent).toEqual({ sent: false, failure: 'transient', reply: words })
      await server?.stop()
    }
  })

  const refused = phase === 'RCPT' ? 'address' : 'configuration'
  it(`and says 550: ${refused}, in its words`, async () => {
    const { sent } = await sendTo(phase, '550-5.1.1 no\r\n550 5.1.1 never')
    expect(sent).toEqual({
      sent: false,
      failure: refused,
      reply: '550-5.1.1 no 550 5.1.1 never',
    })
  })
})

describe('while another provider waits', () => {
  const LIMITS = { timeoutMs: 900, readyMs: 100 }
  async function sendLimited(at: Phase, how: Misbehaviour = 'hang') {
    server = await startScripted(at, how)
    const { port } = server
    const mailer = smtpMailer({ host: '127.0.0.1', port, security: 'none', timeoutMs: 5000 })
    const began = performance.now()
    const sent = await mailer.send(sampleMail(), LIMITS)
    return { sent, took: performance.now() - began }
  }

  it.each<Phase>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
    'a server that hangs at %s is left soon, with nothing sent',
    async (phase) => {
      const { sent, took } = await sendLimited(phase)
      expect(sent).toEqual({ sent: false, failure: 'transient', reply: 'No answer within 100 ms.' })
      expect(took).toBeLessThan(LIMITS.timeoutMs)
    },
  )

  it('one that has the message may take its time, though not more than all', async () => {
    const { sent, took } = await sendLimited('end')
    expect(sent).toEqual({ sent: false, failure: 'unknown', reply: 'No answer within 900 ms.' })
    expect(took).toBeGreaterThan(LIMITS.timeoutMs - 50)
  })
})

describe('before the session', () => {
  it('a refused connection is transient', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))

    const mailer = smtpMailer({ host: '127.0.0.1', port, security: 'none', timeoutMs: 5000 })
    expect(await mailer.send(sampleMail())).toMatchObject({
      sent: false,
      failure: 'transient',
      reply: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it.each([
    ['EAI_AGAIN', 'transient'],
    ['ENOTFOUND', 'configuration'],
  ])('a name look-up that ends in %s is %s', (originalCode, failure) => {
    const error = Object.assign(new Error('look-up'), { code: 'EDNS', originalCode })
    expect(smtpFailure(error, false)).toBe(failure)
  })
})

describe('a TLS handshake', () => {
  it.each([
    ['implicit', 'greeting'],
    ['starttls', 'ClientHello'],
  ] as const)('that never ends is given up in time (%s)', async (security, phase) => {
    server = await startScripted(phase, 'hang')
    const mailer = smtpMailer({
      host: '127.0.0.1',
      port: server.port,
      security,
      timeoutMs: TIMEOUT_MS,
    })
    expect(await mailer.send(sampleMail())).toEqual({
      sent: false,
      failure: 'transient',
      reply: 'No answer within 300 ms.',
    })
  })

  it.each(['reset', 'close'])('that ends in a %s is transient', async (how) => {
    server = await startScripted('ClientHello', how)
    const mailer = smtpMailer({
      host: '127.0.0.1',
      port: server.port,
      security: 'starttls',
      timeoutMs: TIMEOUT_MS,
    })
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: false, failure: 'transient' })
  })
})

describe('a server that wants something else', () => {
  it('asks for authentication at RCPT: configuration, and the address is not to blame', async () => {
    const { sent } = await sendTo('RCPT', '530 5.7.0 authentication required')
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
  })

  it.each([
    ['554 5.7.1 <a@x.example>: Relay access denied', 'configuration'],
    ['550 5.7.1 not permitted', 'configuration'],
    ['550 5.1.1 no such user', 'address'],
    ['550 no such user', 'address'],
    ['454 Throttling failure: Daily message quota exceeded.', 'quota'],
    ['454 Throttling failure: Maximum sending rate exceeded.', 'transient'],
  ] as const)('says %s at RCPT: %s', async (words, failure) => {
    const { sent } = await sendTo('RCPT', words)
    expect(sent).toMatchObject({ sent: false, failure })
  })

  it('speaks another protocol: configuration', async () => {
    const { sent } = await sendTo('greeting', 'HTTP/1.1 400 Bad Request')
    expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
  })
})

describe('what is said and what is kept back', () => {
  it('says nothing after a refused STARTTLS', async () => {
    const { heard } = await sendTo('STARTTLS', '502 not here')
    expect(heard).toEqual(['EHLO [127.0.0.1]', 'STARTTLS'])
  })

  it('does not log in where no user is set', async () => {
    const { heard } = await sendTo('end', '250 fine')
    expect(heard.filter((line) => line.startsWith('AUTH'))).toEqual([])
    expect(heard).toContain('MAIL FROM:<login@otpost.example>')
    expect(heard).toContain('RCPT TO:<Alice.Cooper+otp@firma.example>')
  })

  it('R01: names an international domain in its ASCII form', async () => {
    const { heard } = await sendTo('end', '250 fine', sampleMail({ to: 'alice@bücher.example' }))
    expect(heard).toContain('RCPT TO:<alice@xn--bcher-kva.example>')
  })

  it('keeps code and password out of the reply', async () => {
    const coded = await sendTo('end', `554 spam: ${OTP}`)
    expect(coded.sent.reply).toBe('554 spam: ***')
    await server?.stop()

    const credentials = Buffer.from(`\0noreply\0${PASSWORD}`).toString('base64')
    const echoed = await sendTo('AUTH', `535 bad ${PASSWORD} in AUTH PLAIN ${credentials}`)
    expect(echoed.sent.reply).toBe('535 bad *** in AUTH PLAIN ***')
  })

  it('keeps at most 300 characters of one line', async () => {
    const { sent } = await sendTo('MAIL', `550 ${'x'.repeat(1000)}\t\u0007end`)
    expect(sent.reply).toHaveLength(300)
  })
})
