import { networkInterfaces } from 'node:os'
import { simpleParser } from 'mailparser'
import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { smtpMailer, type SmtpServer } from '../../functions/adapters/smtp-mailer.ts'
import { makeCertificates, type Certificates } from './certificates.ts'
import { OTP, sampleMail } from './sample-mail.ts'
import { startSink, type Sink } from './smtp-sink.ts'

let certificates: Certificates
let sink: Sink | undefined

beforeAll(async () => {
  certificates = await makeCertificates(['localhost', '127.0.0.1'])
})

afterEach(async () => {
  await sink?.stop()
  sink = undefined
})

/** Starts a server and makes a mailer for it. */
async function setUp(server: SMTPServerOptions, client: Partial<SmtpServer> = {}) {
  sink = await startSink({ ...certificates.server, ...server })
  const mailer = smtpMailer({
    host: '127.0.0.1',
    port: sink.port,
    security: 'none',
    ca: certificates.ca,
    timeoutMs: 5000,
    ...client,
  })
  return { mailer, sink }
}

describe('without encryption', () => {
  it('hands the mail over and reports the words of the server', async () => {
    const { mailer, sink } = await setUp({})
    expect(await mailer.send(sampleMail())).toEqual({ sent: true, reply: '250 OK: message queued' })
    expect(sink.received).toHaveLength(1)
    expect(sink.received[0]).toMatchObject({ secure: false })
    expect(sink.logins).toEqual([])
  })

  it('names the sender and exactly the stored address in the envelope', async () => {
    const { mailer, sink } = await setUp({})
    await mailer.send(sampleMail())
    expect(sink.received[0]).toMatchObject({
      from: 'login@otpost.example',
      recipients: ['Alice.Cooper+otp@firma.example'],
    })
  })

  it('does not encrypt even where STARTTLS is offered with a certificate nobody trusts', async () => {
    const { mailer, sink } = await setUp({}, { ca: undefined })
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
    expect(sink.received[0]?.secure).toBe(false)
  })

  it('logs in before MAIL when a user is set', async () => {
    const login = { user: 'noreply@firma.example', password: 'pä$$ word' }
    const { mailer, sink } = await setUp({ allowInsecureAuth: true, authOptional: false }, login)
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
    expect(sink.logins).toEqual([login])
    expect(sink.received[0]?.user).toBe(login.user)
  })

  it('keeps the password when the server offers no AUTH', async () => {
    const { mailer, sink } = await setUp(
      { disabledCommands: ['AUTH', 'STARTTLS'] },
      { user: 'noreply', password: 'geheim' },
    )
    expect(await mailer.send(sampleMail())).toMatchObject({
      sent: false,
      failure: 'configuration',
    })
    expect(sink.logins).toEqual([])
    expect(sink.received).toEqual([])
  })
})

describe('with encryption', () => {
  const modes = [
    { security: 'starttls', secure: false },
    { security: 'implicit', secure: true },
  ] as const

  describe.each(modes)('$security', ({ security, secure }) => {
    it('sends over TLS to a server whose certificate is trusted', async () => {
      const { mailer, sink } = await setUp({ secure }, { security })
      expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
      expect(sink.received[0]?.secure).toBe(true)
    })

    it('checks the host name when the server is given by name', async () => {
      const { mailer } = await setUp({ secure }, { security, host: 'localhost' })
      expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
    })

    it('logs in over TLS', async () => {
      const login = { user: 'noreply', password: 'geheim' }
      const { mailer, sink } = await setUp({ secure }, { security, ...login })
      expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
      expect(sink.logins).toEqual([login])
    })

    it('sends nothing when the certificate is not trusted', async () => {
      const { mailer, sink } = await setUp({ secure }, { security, ca: undefined })
      expect(await mailer.send(sampleMail())).toMatchObject({
        sent: false,
        failure: 'configuration',
        reply: expect.stringContaining('certificate'),
      })
      expect(sink.received).toEqual([])
    })

    it('sends nothing when the certificate is for another host', async () => {
      const { server, ca } = await makeCertificates(['mail.other.example'])
      const { mailer, sink } = await setUp({ secure, ...server }, { security, ca })
      expect(await mailer.send(sampleMail())).toMatchObject({
        sent: false,
        failure: 'configuration',
        reply: expect.stringContaining('altnames'),
      })
      expect(sink.received).toEqual([])
    })

    it('refuses TLS 1.1', async () => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
      const { mailer, sink } = await setUp({ secure, ...old }, { security })
      expect(await mailer.send(sampleMail())).toMatchObject({
        sent: false,
        failure: 'configuration',
      })
      expect(sink.received).toEqual([])
    })

    it('shows its client certificate', async () => {
      const { cert, key } = certificates.client
      const { mailer } = await setUp(
        { secure, requestCert: true, rejectUnauthorized: true, ca: [certificates.ca] },
        { security, clientCertificate: cert, clientKey: key },
      )
      expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
    })

    it('sends nothing without the client certificate the server asks for', async () => {
      const { mailer, sink } = await setUp(
        { secure, requestCert: true, rejectUnauthorized: true, ca: [certificates.ca] },
        { security },
      )
      expect(await mailer.send(sampleMail())).toMatchObject({ sent: false })
      expect(sink.received).toEqual([])
    })

    it('names a certificate file it cannot read a configuration failure', async () => {
      const { mailer } = await setUp({ secure }, { security, clientCertificate: 'not PEM' })
      expect(await mailer.send(sampleMail())).toMatchObject({
        sent: false,
        failure: 'configuration',
      })
    })
  })

  it('never falls back to plain text when STARTTLS is missing', async () => {
    const { mailer, sink } = await setUp(
      { disabledCommands: ['STARTTLS'] },
      { security: 'starttls' },
    )
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: false, failure: 'configuration' })
    expect(sink.received).toEqual([])
  })
})

describe('addresses', () => {
  it('sends a local part beyond ASCII where SMTPUTF8 is offered', async () => {
    const { mailer, sink } = await setUp({})
    expect(await mailer.send(sampleMail({ to: 'jürgen@x.example' }))).toMatchObject({ sent: true })
    expect(sink.received[0]?.recipients).toEqual(['jürgen@x.example'])
  })

  it('does not try a local part beyond ASCII elsewhere', async () => {
    const { mailer, sink } = await setUp({ hideSMTPUTF8: true })
    expect(await mailer.send(sampleMail({ to: 'jürgen@x.example' }))).toMatchObject({
      sent: false,
      failure: 'address',
    })
    expect(sink.received).toEqual([])
  })

  it.each([
    [{ to: 'a@x.example, b@y.example' }, 'address'],
    [{ to: 'a@x.example\r\nRCPT TO:<b@y.example>' }, 'address'],
    [{ to: 'Alice <a@x.example>' }, 'address'],
    [{ from: 'a@x.example>\r\nDATA' }, 'configuration'],
  ] as const)('does not even connect for %j', async (changes, failure) => {
    const mailer = smtpMailer({ host: '127.0.0.1', port: 1, security: 'none', timeoutMs: 5000 })
    expect(await mailer.send(sampleMail(changes))).toMatchObject({
      sent: false,
      failure,
      reply: expect.stringContaining('not one mailbox'),
    })
  })
})

describe('the host', () => {
  const loopbacks = Object.values(networkInterfaces()).flat()
  const hasIpv6 = loopbacks.some((address) => address?.address === '::1')

  it.skipIf(!hasIpv6).each(['::1', '[::1]'])('may be an IPv6 literal: %s', async (host) => {
    sink = await startSink(certificates.server, '::1')
    const mailer = smtpMailer({ host, port: sink.port, security: 'none', timeoutMs: 5000 })
    expect(await mailer.send(sampleMail())).toMatchObject({ sent: true })
  })
})

describe('the message', () => {
  it('arrives as it was written, text part first', async () => {
    const { mailer, sink } = await setUp({})
    const mail = sampleMail({ subject: 'Ihr Einmalcode für Jürgen', fromName: '示例, "公司"' })
    await mailer.send(mail)
    const parsed = await simpleParser(sink.received[0]!.raw)
    expect(parsed.subject).toBe(mail.subject)
    expect(parsed.from?.value).toEqual([{ name: mail.fromName, address: mail.from }])
    expect(parsed.date).toEqual(mail.date)
    expect(parsed.text?.trim()).toBe(mail.text.trim())
    const raw = sink.received[0]!.raw.toString('latin1')
    expect(raw.indexOf('text/plain')).toBeLessThan(raw.indexOf('text/html'))
  })

  it('keeps the code out of the reply even if the server repeats it', async () => {
    const { mailer } = await setUp({
      onData(stream, _session, done) {
        stream.resume()
        stream.on('end', () => done(new Error(`I refuse to pass on ${OTP} and 99${OTP}1`)))
      },
    })
    const sent = await mailer.send(sampleMail())
    expect(sent).toMatchObject({ sent: false, reply: expect.stringContaining('I refuse') })
    expect(sent.reply).not.toContain(OTP)
  })
})
