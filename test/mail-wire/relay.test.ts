/** Through a real mail server, postfix, by STARTTLS, and on to a server that keeps every octet. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smtpMailer } from '../../functions/adapters/smtp-mailer.ts'
import type { Mail } from '../../functions/core/ports.ts'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import { OTP, sampleMail } from '../adapters/sample-mail.ts'
import { type Postfix, startPostfix, whyNoPostfix } from '../support/postfix.ts'
import { readMessage, unstuff } from '../support/smtp-message.ts'
import { type SmtpServer, type SmtpSession, startSmtp, verbsOf } from '../support/smtp-server.ts'

const OFFERS = ['8BITMIME', 'SMTPUTF8', 'SIZE 10485760']
const why = whyNoPostfix()
const skipped = why === undefined ? '' : ` (skipped: ${why})`

describe.skipIf(why !== undefined)(`a mail that postfix relays${skipped}`, () => {
  let certificates: Certificates
  let behind: SmtpServer
  let postfix: Postfix
  beforeAll(async () => {
    certificates = await makeCertificates(['127.0.0.1'])
    behind = await startSmtp({ offers: OFFERS })
    postfix = await startPostfix({ certificate: certificates.server, relayTo: behind.port })
  })
  afterAll(async () => {
    await postfix?.stop()
    await behind?.stop()
  })

  const mailer = (security: 'none' | 'starttls' = 'starttls', ca?: string) =>
    smtpMailer({
      host: '127.0.0.1',
      port: postfix.port,
      security,
      ca: ca ?? certificates.ca,
      timeoutMs: 10_000,
    })

  /** Sends it and waits for the session in which it comes out again. */
  async function relayed(mail: Mail): Promise<SmtpSession> {
    const before = behind.sessions.length
    expect(await mailer().send(mail)).toEqual({
      sent: true,
      reply: expect.stringMatching(/^250 2\.0\.0 Ok: queued as \w+$/),
    })
    await expect.poll(() => behind.sessions[before]?.messages.length).toBe(1)
    return behind.sessions[before]!
  }

  it('arrives as it left: every header, every line, one Received on top', async () => {
    const mail = sampleMail({
      subject: 'Ihr Einmalcode für Jürgen 验证码',
      text: `Guten Tag,\n\n${OTP}\n\n.\n..\n.Punkt am Anfang\nFrom here\nÄÖÜ ${'x'.repeat(2000)}\n`,
    })
    const session = await relayed(mail)
    const left = await sentBy(mail)

    const arrived = unstuff(session.messages[0]!)
    const [received, ...rest] = readMessage(arrived).headers
    expect(received!.name).toBe('Received')
    expect(received!.value).toMatch(/by relay\.example \(Postfix\) with ESMTPS/)
    expect(rest.filter(({ name }) => /^(received|dkim-signature|bcc|cc)$/i.test(name))).toEqual([])
    expect(afterReceived(arrived)).toBe(left)
    expect(verbsOf(session)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'])
    expect(envelopeOf(session)).toEqual([`FROM:<${mail.from}>`, `TO:<${mail.to}>`])
  })

  it.each([
    ['jürgen@firma.example', 'jürgen@firma.example'],
    ['用户@例子.example', '用户@例子.example'],
    ['alice@bücher.example', 'alice@xn--bcher-kva.example'],
  ])('to %s arrives at %s', async (to, wire) => {
    const session = await relayed(sampleMail({ to }))
    expect(envelopeOf(session)[1]).toBe(`TO:<${wire}>`)
    const international = /[^\x00-\x7f]/.test(wire)
    expect(session.lines.some(({ text }) => /^MAIL.* SMTPUTF8/.test(text))).toBe(international)
    const message = readMessage(unstuff(session.messages[0]!))
    const field = message.headers.find(({ name }) => name === 'To')!
    expect(Buffer.from(field.value, 'latin1').toString('utf8')).toBe(wire)
    expect(message.parts[0]!.text).toContain(OTP)
  })

  it('is refused in clear, where the server wants TLS', async () => {
    expect(await mailer('none').send(sampleMail())).toMatchObject({
      sent: false,
      failure: 'configuration',
      reply: expect.stringContaining('530'),
    })
  })

  it('is not sent to it with a certificate nobody trusts', async () => {
    const { ca } = await makeCertificates(['127.0.0.1'])
    expect(await mailer('starttls', ca).send(sampleMail())).toMatchObject({
      sent: false,
      failure: 'configuration',
    })
  })

  it('leaves no code in its log, and ends every session it was taken in by QUIT', () => {
    const log = postfix.log()
    expect(log).not.toContain(OTP)
    expect(log).not.toContain('improper command pipelining')
    const taken = log.split('\n').filter((line) => / disconnect from .* data=1 /.test(line))
    expect(taken).toHaveLength(4)
    for (const line of taken)
      expect(line).toMatch(/ ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 /)
  })

  const envelopeOf = ({ lines }: SmtpSession) =>
    lines.filter(({ text }) => /^(MAIL|RCPT)/.test(text)).map(({ text }) => text.split(' ')[1])

  /** The same mail as a server without a relay gets it. Its Message-ID is another one. */
  async function sentBy(mail: Mail): Promise<string> {
    const direct = await startSmtp({ offers: OFFERS })
    const port = direct.port
    await smtpMailer({ host: '127.0.0.1', port, security: 'none', timeoutMs: 5000 }).send(mail)
    const octets = unstuff(direct.sessions[0]!.messages[0]!)
    await direct.stop()
    return withoutChance(octets.toString('latin1'))
  }
  const afterReceived = (octets: Buffer) =>
    withoutChance(octets.toString('latin1').replace(/^Received:.*\r\n([ \t].*\r\n)*/, ''))
  const withoutChance = (text: string) =>
    text.replaceAll(/<[0-9a-f-]{36}@/g, '<id@').replaceAll(/--_NmP-[0-9a-zA-Z]+/g, '--boundary')
})
