import { describe, expect, it } from 'vitest'
import { chooseLocale, durationInWords, LOCALES } from '../../functions/mail/locale.ts'
import { renderMail } from '../../functions/mail/render.ts'
import { tagsOf, type MailValues } from '../../functions/mail/tags.ts'

const values: MailValues = {
  otp: '287082',
  validSeconds: 120,
  at: new Date('2026-11-21T01:18:26.886Z'),
  serial: 'EM0001ABCD',
  username: 'alice',
  userrealm: 'realm1',
  givenname: 'Alice',
  surname: 'Cooper',
  clientIp: '192.0.2.7',
  app: 'Example GmbH',
  email: 'alice@example.org',
  phone: '1',
  mobile: '2',
  userid: 'alice',
  description: 'my mail',
  endpoint: 'VPN 4',
  challenge: 'VPN',
  number: 3,
}

const en = { locale: 'en' } as const

function text(template: string, changes: Partial<MailValues> = {}): string {
  return renderMail(
    'authentication',
    { ...values, ...changes },
    { ...en, custom: { text: template } },
  ).text
}

describe('tags', () => {
  it.each([
    ['otp', '287082'],
    ['serial', 'EM0001ABCD'],
    ['user', 'Alice'],
    ['givenname', 'Alice'],
    ['surname', 'Cooper'],
    ['username', 'alice'],
    ['userrealm', 'realm1'],
    ['tokentype', 'email'],
    ['recipient_givenname', 'Alice'],
    ['recipient_surname', 'Cooper'],
    ['time', '01:18:26'],
    ['date', '2026-11-21'],
    ['client_ip', '192.0.2.7'],
    ['validtime', '2 minutes'],
    ['app', 'Example GmbH'],
    ['email', 'alice@example.org'],
    ['phone', '1'],
    ['mobile', '2'],
    ['userid', 'alice'],
    ['description', 'my mail'],
    ['endpoint', 'VPN 4'],
    ['event', 'VPN'],
    ['number', '3'],
  ])('%s is %s in all three forms', (tag, value) => {
    const written = `{otp}|{${tag}}|<${tag}>|\${${tag}}|`
    expect(text(written)).toBe(`287082|${value}|${value}|${value}|`)
  })

  it('are these and no others', () => {
    expect(tagsOf(values, 'en').size).toBe(23)
  })

  it('are empty when there is no value', () => {
    expect(text('[{givenname}] {otp}', { givenname: undefined })).toBe('[] 287082')
  })

  it('stay as they are written, and are reported, when they mean nothing', () => {
    const custom = { subject: 'Code {nope}', text: '{nope} <b>{otp}</b> ${pin} {constructor}' }
    expect(renderMail('authentication', values, { ...en, custom })).toEqual({
      subject: 'Code {nope}',
      text: '{nope} <b>287082</b> ${pin} {constructor}',
      unknown: ['nope', 'b', 'pin', 'constructor'],
    })
  })

  it('are inserted once', () => {
    const givenname = '{otp} ${surname} <otp> $& $1'
    expect(text('{user}: {otp}', { givenname })).toBe(`${givenname}: 287082`)
  })

  it('cannot add lines', () => {
    const givenname = 'A\r\nB\u2028C\u0000D\u202eE'
    expect(text('{user}\n{otp}', { givenname })).toBe('A B C D E\n287082')
  })
})

describe('a custom mail', () => {
  it.each([
    ['<otp>', '287082'],
    ['Zeile1, mit Komma: <otp>', 'Zeile1, mit Komma: 287082'],
    ['Your code', 'Your code\n287082'],
    ['Your code:\n', 'Your code:\n287082'],
    ['', '287082'],
    ['{ lone brace {otp}', '{ lone brace 287082'],
  ])('%j is exactly %j, in plain text only', (template, body) => {
    expect(renderMail('authentication', values, { ...en, custom: { text: template } })).toEqual({
      subject: 'Your OTP',
      text: body,
      unknown: [],
    })
  })

  it('may change the subject alone', () => {
    const mail = renderMail('authentication', values, {
      ...en,
      custom: { subject: 'OTP {otp} für {user} <serial>' },
    })
    expect(mail.subject).toBe('OTP 287082 für Alice EM0001ABCD')
    expect(mail.html).toBeDefined()
  })

  it('has a subject of one line of at most 200 characters', () => {
    const subject = `A\r\nBcc: b@y.example {user}${'x'.repeat(500)}`
    const mail = renderMail(
      'authentication',
      { ...values, givenname: 'C\nD' },
      { ...en, custom: { subject } },
    )
    expect(mail.subject).toMatch(/^A Bcc: b@y\.example C Dx+$/)
    expect(mail.subject).toHaveLength(200)
  })
})

describe('locales', () => {
  it.each([
    ['de-AT', 'de'],
    ['fr-FR, zh-Hans;q=0.8, de;q=0.7', 'zh-CN'],
    ['DE', 'de'],
    ['fr', 'en'],
    ['', 'en'],
    [undefined, 'en'],
  ])('reads %j in %s', (preference, locale) => expect(chooseLocale(preference)).toBe(locale))

  it('takes the weightiest preference that names a language there is', () => {
    expect(chooseLocale('zh-TW', 'de', 'en')).toBe('zh-CN')
    expect(chooseLocale(undefined, 'fr, de;q=0.5', 'en')).toBe('de')
    expect(chooseLocale('', 'fr', 'de')).toBe('de')
  })

  it.each([
    [1, 'en', '1 second'],
    [60, 'en', '1 minute'],
    [90, 'en', '90 seconds'],
    [120, 'de', '2 Minuten'],
    [150, 'en', '2 minutes'],
    [3600, 'en', '60 minutes'],
    [7200, 'de', '2 Stunden'],
    [300, 'zh-CN', '5分钟'],
  ] as const)('says %d seconds in %s as %s', (seconds, locale, words) => {
    expect(durationInWords(seconds, locale)).toBe(words)
  })

  it.each(LOCALES)('default subject (%s) is one short line', (locale) => {
    expect(renderMail('authentication', values, { locale }).subject).toMatch(/^[^\r\n]{5,40}$/)
  })
})
