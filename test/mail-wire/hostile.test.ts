/** 10,000 mails with hostile values in every attribute, read octet by octet as a server got them. */
import fc from 'fast-check'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryTemplates } from '../../functions/adapters/memory-templates.ts'
import { toMime } from '../../functions/adapters/mime.ts'
import { smtpMailer } from '../../functions/adapters/smtp-mailer.ts'
import type { Message } from '../../functions/core/deliver-otp.ts'
import type { Mail } from '../../functions/core/ports.ts'
import { isTokenSerial } from '../../functions/core/registration/code-serials.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { readProviderConfig } from '../../functions/core/provider.ts'
import { otpMail } from '../../functions/mail/otp-mail.ts'
import { octetsOf, type SmtpServer, startSmtp, verbsOf } from '../support/smtp-server.ts'
import { createWorld } from '../support/world.ts'
import { hostileValue, shown } from './hostile-values.ts'
import { soundMail } from './sound-mail.ts'

const OTP = '28708231'
const FROM = 'login@otpost.example'
const TO = 'alice+otp@firma.example'
const MAILS = 10_000
const LONGEST = 254

/** Every tag that stands for something of a person, a token or a client, in all three forms. */
const TEXT = [
  'Dear {givenname} <surname>,',
  '{surname}',
  '.{user}',
  '${username} of {userrealm} at ${client_ip}',
  'CODE',
  '{otp}',
  'END',
  '.',
  '{recipient_surname}{recipient_givenname}<serial>',
].join('\n')
const CODE_LINE = 5
const SUBJECT = '{givenname}: ${surname} <username>'

const base = { 'realm.default': 'demo', 'email.mailfrom': FROM }
const policy = (action: string) => ({
  'policies/mail': JSON.stringify({ scope: 'authentication', active: true, action }),
})
const quoted = (text: string) => text.replaceAll('\n', '\\n')

const STYLES = {
  'our own mail': parseSettings(base),
  'a text of the settings': parseSettings({
    ...base,
    'email.text': TEXT,
    'email.subject': SUBJECT,
  }),
  'a text with other line ends': parseSettings({
    ...base,
    'email.text': TEXT.replaceAll('\n', '\r\n'),
  }),
  'a text of a policy': parseSettings({
    ...base,
    ...policy(
      `emailtext=${quoted('{givenname} {surname} {challenge} {otp}')}, emailsubject=${SUBJECT}`,
    ),
  }),
  'a template': parseSettings(base),
} as const
type Style = keyof typeof STYLES

const reading = readProviderConfig(JSON.stringify({ server: 'mail.example', template: 'own' }))
if ('refused' in reading) throw new Error(reading.refused)
const TEMPLATED = { name: 'main', ...reading.value.provider }
const templates = memoryTemplates()
const compose = otpMail({ templates, log: () => undefined })
/** Values between tags, within attributes of either quote, and alone on their lines. */
const HTML = [
  '<html lang="en"><body title="{givenname} ${surname}">',
  "<p class='{username}'>{surname}</p>",
  '{description}',
  '<p id="code">{otp}</p>',
  '{challenge}</body></html>',
].join('\n')

const value = hostileValue(OTP)
const person = fc.record({
  login: value,
  realm: value,
  givenname: value,
  surname: value,
  description: value,
  // one that begins with `@` is no token's, and has a mail of another kind
  serial: value.filter((text) => isTokenSerial(text)),
  clientIp: value,
  text: value,
  language: fc.constantFrom('en', 'de', 'zh-CN', '"><script>', 'de\r\nBcc: v@x.example'),
})
type Person = typeof person extends fc.Arbitrary<infer T> ? T : never
const style = fc.constantFrom(...(Object.keys(STYLES) as Style[]))

let message: Message
let server: SmtpServer
beforeAll(async () => {
  server = await startSmtp()
  await templates.put({
    ...{ name: 'own', savedAt: 0, inline: [] },
    ...{ subject: SUBJECT, fromName: '{surname}', text: TEXT, html: HTML },
  })
  const world = createWorld({ settings: { 'email.delivery_wait': '0' } })
  world.ports.outbox.send = async () => undefined
  const account = await world.addUser('alice')
  await world.enrol(account, { serial: 'EM00000001' })
  const asked = await world.check({ user: 'alice', pass: '1234' })
  if (asked.outcome !== 'challenged') throw new Error(asked.outcome)
  const { transactionId } = asked.issued[0]!
  const challenge = (await world.ports.challenges.get(transactionId, 'EM00000001'))!
  const stored = await world.account('alice')
  const token = stored.tokens.EM00000001!
  message = { otp: OTP, to: TO, account: stored, token, challenge, now: world.now() }
})
afterAll(() => server.stop())

async function written(who: Person, how: Style): Promise<Mail> {
  const { login, realm, givenname, surname, description, serial, clientIp, text, language } = who
  const { account, token, challenge } = message
  const about: Message = {
    ...message,
    account: { ...account, login, realm, givenname, surname },
    token: { ...token, serial, description },
    challenge: { ...challenge, serial, clientIp, text, language },
  }
  const provider = how === 'a template' ? TEMPLATED : undefined
  const mail = await compose(about, STYLES[how].settings, provider)
  if ('unwritable' in mail) throw new Error(mail.unwritable)
  return mail
}

const BENIGN: Person = {
  login: 'alice',
  realm: 'demo',
  givenname: 'Alice',
  surname: 'Cooper',
  description: 'mail',
  serial: 'EM1',
  clientIp: '192.0.2.1',
  text: 'a payment',
  language: 'en',
}
const tagsOf = (html: string) => html.match(/<[^>]*>/g) ?? []
const timesIn = (text: string, what: string) => text.split(what).length - 1

/** What the settings' text must have become: each value once, in its place, never read again. */
function expectedText(who: Person): string {
  const values: Record<string, string> = {
    givenname: who.givenname,
    user: who.givenname,
    recipient_givenname: who.givenname,
    surname: who.surname,
    recipient_surname: who.surname,
    username: who.login,
    userrealm: who.realm,
    client_ip: who.clientIp,
    serial: who.serial,
    otp: OTP,
  }
  const parts = TEXT.split(/\$?\{(\w+)\}|<(\w+)>/)
  return parts
    .map((part, at) => {
      if (part === undefined) return ''
      return at % 3 === 0 ? part : shown(values[part]!, LONGEST)
    })
    .join('')
}

/** Fails unless the octets are a sound mail that says what it should and nothing else. */
async function judge(data: Buffer, who: Person, how: Style): Promise<void> {
  const mail = soundMail(data)
  expect(mail.from.replace(/^.* <(.*)>$/s, '$1')).toBe(FROM)
  expect(mail.to).toBe(TO)
  expect(timesIn(mail.text, OTP)).toBe(1)
  expect(mail.subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
  expect(mail.subject).not.toContain(OTP)
  const lines = mail.text.trimEnd().split('\n')
  if (how === 'our own mail') {
    const usual = await usualFor(who)
    expect(lines.length).toBe(usual.text.trimEnd().split('\n').length)
    expect(lines[2]).toBe(OTP)
    expect(mail.html).toContain(`>${OTP}</p>`)
    judgeHtml(mail.html!, usual.html!)
  } else if (how === 'a template') {
    expect(mail.html).toContain(`<p id="code">${OTP}</p>`)
    judgeHtml(mail.html!, HTML)
  } else {
    expect(mail.html).toBeUndefined()
    expect(mail.contentType).toMatch(/^text\/plain; charset=utf-8/)
  }
  if (how !== 'our own mail' && how !== 'a text of a policy') {
    expect(lines.slice(CODE_LINE - 1, CODE_LINE + 2)).toEqual(['CODE', OTP, 'END'])
    expect(mail.text.trimEnd()).toBe(expectedText(who).trimEnd())
  }
}

/** The same elements and attributes as without the values; whatever they contain is text. */
function judgeHtml(html: string, like: string): void {
  const shape = (text: string) =>
    tagsOf(text).map((tag) => tag.replaceAll(/"[^"]*"|'[^']*'/g, '""'))
  expect(timesIn(html, OTP)).toBe(1)
  expect(shape(html)).toEqual(shape(like))
  expect(html.replaceAll(/<style>[^]*?<\/style>|<[^>]*>/g, '')).not.toMatch(/[<>"]/)
}

const usuals = new Map<string, Mail>()
/** Our own mail to somebody like them whose values are harmless. */
async function usualFor({ language, login }: Person): Promise<Mail> {
  const like = { ...BENIGN, language, login: login && BENIGN.login }
  const key = `${like.language} ${like.login}`
  const usual = usuals.get(key) ?? (await written(like, 'our own mail'))
  usuals.set(key, usual)
  return usual
}

describe('whatever the values of a mail contain', () => {
  it(`stays inside of it, ${MAILS} times over one connection`, async () => {
    const { port, sessions } = server
    const connection = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true })
    connection.on('error', () => undefined)
    await new Promise<void>((resolve, reject) =>
      connection.connect((error) => (error ? reject(error) : resolve())),
    )
    const session = sessions.at(-1)!
    const property = fc.asyncProperty(person, style, async (who, how) => {
      const mime = await toMime(await written(who, how))
      const before = session.messages.length
      await new Promise((resolve, reject) =>
        connection.send({ from: FROM, to: [TO] }, mime, (error) =>
          error ? reject(error) : resolve(undefined),
        ),
      )
      expect(session.messages.length).toBe(before + 1)
      const [data] = session.messages.splice(0)
      session.chunks.length = 0
      const said = session.lines.splice(0).map(({ text }) => text)
      await judge(data!, who, how)
      expect(said.filter((text) => !text.startsWith('EHLO'))).toEqual([
        `MAIL FROM:<${FROM}>`,
        `RCPT TO:<${TO}>`,
        'DATA',
      ])
    })
    await fc.assert(property, { numRuns: MAILS })
    connection.close()
  }, 180_000)

  it('stays inside of it when the mailer itself sends it', async () => {
    const mailer = smtpMailer({
      host: '127.0.0.1',
      port: server.port,
      security: 'none',
      timeoutMs: 20_000,
    })
    const property = fc.asyncProperty(person, style, async (who, how) => {
      server.sessions.length = 0
      expect(await mailer.send(await written(who, how))).toMatchObject({ sent: true })
      const [session] = server.sessions
      expect(server.sessions).toHaveLength(1)
      expect(verbsOf(session!)).toEqual(expect.arrayContaining(['EHLO', 'MAIL', 'RCPT', 'DATA']))
      expect(octetsOf(session!).match(/RCPT TO:<alice\+otp@firma\.example>/g)).toHaveLength(1)
      await judge(session!.messages[0]!, who, how)
    })
    await fc.assert(property, { numRuns: 500 })
  }, 60_000)
})
