/** Mails by a provider's template: what it decides, and what it leaves to others. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../functions/core/deliver-otp.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import type { MailTemplate } from '../../functions/core/template.ts'
import { htmlTokens } from '../../functions/mail/check/html-tokens.ts'
import { otpMail } from '../../functions/mail/otp-mail.ts'
import { authentication } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

const PROVIDER = '{"server": "smtp.x.example", "template": "file://code.eml"}'
const SETTINGS = {
  'realm.default': 'demo',
  'email.mailfrom': 'otpost@example.org',
  'email.identifier': 'main',
  'providers/main': PROVIDER,
}
const ALL = '${otp} {user} <surname> {username} ${phone} {mobile} {email} {userid} {description}'

let world: World
let message: Message
beforeEach(async () => {
  world = createWorld({ settings: SETTINGS })
  const alice = await world.addUser('alice')
  await world.ports.accounts.save(alice, {
    ...alice,
    ...{ givenname: 'Alice', surname: 'Cooper', phone: '1', mobile: '2' },
  })
  await world.enrol(await world.account('alice'), { serial: 'EM1', description: 'my mail' })
  const { transactionId } = await world.triggered('alice')
  const account = await world.account('alice')
  const challenge = (await world.ports.challenges.get(transactionId, 'EM1'))!
  message = {
    ...{ otp: '287082', to: 'alice@example.org', account, token: account.tokens.EM1! },
    ...{ challenge: { ...challenge, userAgent: 'VPN 4', text: 'VPN' }, now: world.now() },
  }
  world.lines.length = 0
})

type Options = { settings?: Record<string, string>; about?: Partial<Message>; provider?: string }

async function compose({ settings: changes, about, provider = 'main' }: Options = {}) {
  const { settings } = parseSettings({ ...SETTINGS, ...changes })
  const found = settings.providers.get(provider)
  const named = found && { name: provider, ...found }
  const write = otpMail({ templates: world.templates, log: world.ports.log })
  const mail = await write({ ...message, ...about }, settings, named)
  if ('unwritable' in mail) throw new Error(mail.unwritable)
  return mail
}
const save = (template: Partial<MailTemplate>, name = 'code') =>
  world.templates.put({ name, text: '{otp}\n', inline: [], savedAt: 0, ...template })

describe('a template', () => {
  it('decides subject, name, text, HTML and images', async () => {
    await save({
      subject: 'Code {otp} for ${username}',
      fromName: '{app} IT',
      text: `${ALL}\n`,
      html: '<p>{user} <otp> ${surname}</p><img src="cid:logo" alt="">',
      inline: [{ cid: 'logo', type: 'image/png', base64: 'AQID' }],
    })
    expect(await compose({ settings: { 'mail.service': 'Example' } })).toEqual({
      from: 'otpost@example.org',
      fromName: 'Example IT',
      to: 'alice@example.org',
      subject: 'Code 287082 for alice',
      text: '287082 Alice Cooper alice 1 2 alice@example.org alice my mail\n',
      html: '<p>Alice 287082 Cooper</p><img src="cid:logo" alt="">',
      inline: [{ cid: 'logo', type: 'image/png', content: Buffer.from([1, 2, 3]) }],
      date: expect.any(Date),
    })
  })

  it("knows NetIQ's tags (X29) and LinOTP's for the mail itself (X25)", async () => {
    await save({
      text: '{otp}\n{endpoint}|{event}|{number}|{Subject}|{From}|{To}|{Date}|{message}',
    })
    expect((await compose()).text).toBe(
      '287082\nVPN 4|VPN|1|Your OTP|otpost@example.org|alice@example.org|' +
        'Sat, 21 Nov 2026 12:00:00 +0000|287082',
    )
  })

  it('leaves unknown tags and the PIN as they are, and reports them once', async () => {
    await save({ text: '{otp} ${nope} ${Pin}\n', html: '<p>{otp} {nope}</p>' })
    const write = otpMail({ templates: world.templates, log: world.ports.log })
    const { settings } = parseSettings(SETTINGS)
    const provider = { name: 'main', ...settings.providers.get('main')! }
    for (let tries = 0; tries < 2; tries++) {
      expect(await write(message, settings, provider)).toMatchObject({
        text: '287082 ${nope} ${Pin}\n',
        html: '<p>287082 {nope}</p>',
      })
    }
    const said = world.lines.filter((line) => line.message === 'the mail names unknown tags')
    expect(said).toEqual([expect.objectContaining({ level: 'warn', tags: ['nope', 'Pin'] })])
  })

  it('exists in the language of the person, or in the one for all', async () => {
    await save({ text: 'any {otp}' })
    await save({ text: 'deutsch {otp}' }, 'code.de')
    const { account } = message
    expect((await compose()).text).toBe('any 287082')
    expect((await compose({ about: { account: { ...account, locale: 'de-AT' } } })).text).toBe(
      'deutsch 287082',
    )
    expect((await compose({ about: { account: { ...account, locale: 'zh' } } })).text).toBe(
      'any 287082',
    )
  })

  it('that is missing does not stop the login, and the log says so', async () => {
    expect((await compose()).text).toContain('The code is valid for 2 minutes')
    expect(world.lines).toMatchObject([
      { level: 'error', template: expect.stringContaining('code') },
    ])
  })
})

describe('who decides the subject', () => {
  const policy = authentication('emailsubject=policy, emailtext=policy <otp>')
  const withSubject = {
    'providers/main': '{"server": "x.example", "template": "code", "subject": "provider {otp}"}',
  }
  const plain = { 'providers/main': '{"server": "x.example"}' }
  const ofProvider = { 'providers/main': '{"server": "x.example", "subject": "provider {otp}"}' }
  const setting = { 'email.subject': 'setting' }

  it.each([
    [
      'the template',
      { subject: 'template' },
      { ...withSubject, ...policy, ...setting },
      'template',
    ],
    ['its provider', {}, { ...withSubject, ...policy, ...setting }, 'provider 287082'],
    ['the policy', {}, { ...policy, ...setting }, 'policy'],
    ['the setting', {}, setting, 'setting'],
    ['nobody: ours', {}, {}, 'Your OTP'],
    [
      'without a template the policy',
      undefined,
      { ...ofProvider, ...policy, ...setting },
      'policy',
    ],
    ['then the provider', undefined, { ...ofProvider, ...setting }, 'provider 287082'],
    ['then the setting', undefined, { ...plain, ...setting }, 'setting'],
    ['then nobody: ours', undefined, plain, 'Your OTP'],
  ])('%s', async (_who, template, settings, subject) => {
    if (template) await save(template)
    expect((await compose({ settings })).subject).toBe(subject)
  })

  it('a template makes the text of policies ignored, with a warning', async () => {
    await save({ text: 'template {otp}' })
    expect((await compose({ settings: policy })).text).toBe('template 287082')
    expect(world.lines).toMatchObject([
      { level: 'warn', message: expect.stringMatching(/template.*ignored/), policies: ['p'] },
    ])
  })

  it('also of policies that contradict each other', async () => {
    await save({ text: 'template {otp} {message}' })
    const settings = {
      ...authentication('emailtext=A <otp>', {}, 'a'),
      ...authentication('emailtext=B <otp>', {}, 'b'),
    }
    expect((await compose({ settings })).text).toBe('template 287082 287082')
  })
})

describe('the language of a mail', () => {
  it.each([
    ['de', 'en', 'zh-CN', 'Ihr Einmalcode'],
    [undefined, 'de', 'zh-CN', 'Ihr Einmalcode'],
    [undefined, undefined, 'de', 'Ihr Einmalcode'],
    [undefined, 'fr', 'zh-CN', '您的一次性验证码'],
    [undefined, undefined, undefined, 'Your OTP'],
  ])('of a person with %s whose program asks for %s, with mail.locale=%s', async (...given) => {
    const [locale, language, setting, subject] = given
    const { account, challenge } = message
    const { language: _language, ...rest } = challenge
    const about = {
      account: { ...account, ...(locale ? { locale } : {}) },
      challenge: { ...rest, ...(language ? { language } : {}) },
    }
    const settings = { 'providers/main': '{"server": "x.example"}' }
    const mail = await compose({
      about,
      settings: setting ? { ...settings, 'mail.locale': setting } : settings,
    })
    expect(mail.subject).toBe(subject)
  })
})

it('a code that proves an address comes with another subject than one to sign in with', async () => {
  const { account } = message
  const open = account.open.map((one) => ({ ...one, purpose: 'enrolment' as const }))
  const settings = { 'providers/main': '{"server": "x.example"}', 'email.subject': 'Sign in' }
  const mail = await compose({ about: { account: { ...account, open } }, settings })
  expect(mail.subject).toBe('Confirm your e-mail address')
  expect(mail.text).toMatch(/^287082$/m)
})

describe('whatever the values are', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom(
      '</p><script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='x",
      '{otp} ${otp} <otp> {surname}',
      'A\r\nBcc: eve@example.org',
      '<!--',
      ']]>',
      '$& $1 $`',
      '\u202ereversed\u2028line',
    ),
  )
  const HTML = '<p title="{user}">{user} ${surname} {username}</p><b>{otp}</b><i>{endpoint}</i>'
  const shape = (html: string) =>
    htmlTokens(html).flatMap((token) =>
      token.kind === 'open'
        ? [token.name, ...token.attributes.map(({ name }) => name)]
        : token.kind,
    )

  it('no value leaves its place: the HTML keeps its elements, the subject its line', async () => {
    await save({
      subject: 'S {user} {surname} {event}',
      fromName: '{user}',
      text: '{otp}\n{user}|{surname}|{username}|{endpoint}\nend\n',
      html: HTML,
    })
    const plain = shape((await compose()).html!)
    const run = fc.asyncProperty(hostile, hostile, hostile, hostile, async (a, b, c, d) => {
      const account = { ...message.account, givenname: a, surname: b, login: c }
      const challenge = { ...message.challenge, userAgent: d, text: d }
      const mail = await compose({ about: { account, challenge } })

      expect(shape(mail.html!).filter((one) => one !== 'text')).toEqual(
        plain.filter((one) => one !== 'text'),
      )
      expect(mail.html!.split('287082')).toHaveLength(2)
      expect(mail.text.split('\n')).toHaveLength(4)
      expect(mail.text.split('287082')).toHaveLength(2)
      expect(`${mail.subject}${mail.fromName ?? ''}`).not.toMatch(
        /[\p{Cc}\u2028\u2029\u202a-\u202e]/u,
      )
    })
    await fc.assert(run, { numRuns: 300 })
  })
})
