import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseSettings } from '../../functions/core/settings.ts'

const COMPLETE = { 'email.mailfrom': 'otp@x.example' }
const SMTP = { ...COMPLETE, 'mail.provider': 'smtp', 'email.mailserver': 'mail.example.com' }

const problemsOf = (raw: Record<string, string>, secrets: Record<string, number> = {}) =>
  parseSettings(raw, secrets).problems

describe('a problem', () => {
  it('names the parameter, the value, what is wrong and what is accepted', () => {
    expect(problemsOf({ ...COMPLETE, 'email.port': '70000' })).toEqual([
      {
        name: 'email.port',
        value: '70000',
        reason: 'is above 65535',
        accepted: 'a whole number from 1 to 65535',
        severity: 'error',
      },
    ])
  })

  it('quotes no more than the beginning of a long value', () => {
    const [problem] = problemsOf({ ...COMPLETE, profile: 'x'.repeat(4000) })
    expect(problem!.value).toBe(`${'x'.repeat(80)}…`)
  })

  it.each([
    ['email.valid_time', 'email.validtime'],
    ['Email.Port', 'email.port'],
    ['validate.client', 'validate.clients'],
    ['email.pasword', 'email.password'],
    ['realm/guests', 'realms/guests'],
    ['policys/pin', 'policies/pin'],
  ])('takes %s for a mistyped %s and quotes no value', (name, meant) => {
    expect(problemsOf({ ...COMPLETE, [name]: 'hunter2' })).toEqual([
      {
        name,
        reason: `is not a known parameter; did you mean ${meant}?`,
        accepted: meant,
        severity: 'error',
      },
    ])
  })

  it('only warns of a name that resembles none, which a newer version may know', () => {
    expect(problemsOf({ ...COMPLETE, 'webhooks/audit': 'x' }, { 'webhook.key': 1 })).toMatchObject([
      { name: 'webhooks/audit', severity: 'warning' },
      { name: 'webhook.key', severity: 'warning' },
    ])
  })

  it('is a secret stored in clear, and it is not quoted', () => {
    const { problems, values } = parseSettings({ ...COMPLETE, 'email.password': 'hunter2' })
    expect(problems).toMatchObject([{ name: 'email.password', severity: 'error' }])
    expect(JSON.stringify([problems, values])).not.toContain('hunter2')
  })

  it('is an encrypted parameter that is no secret', () => {
    expect(problemsOf(COMPLETE, { 'email.port': 1, 'realms/x': 1 })).toMatchObject([
      { name: 'email.port', accepted: 'a String', severity: 'error' },
      { name: 'realms/x', accepted: 'a String', severity: 'error' },
    ])
  })
})

describe('a policy', () => {
  it('that is refused says which member is wrong and what it accepts, without a quote', () => {
    const json = '{"scope": "authentication", "action": {"otppin": "pin"}}'
    const { settings, values, problems } = parseSettings({ ...COMPLETE, 'policies/pin': json })
    expect(problems).toEqual([
      {
        name: 'policies/pin',
        reason: 'cannot be used: its action.otppin is not one of the accepted words',
        accepted:
          'one of tokenpin (also 0, token_pin); userstore (also 1, password); ' +
          'none (also 2, only_otp); ignore_pin (also 3)',
        severity: 'error',
      },
    ])
    expect(settings.policies).toEqual([])
    expect(values).toEqual(COMPLETE)
  })

  it('is refused where it is encrypted', () => {
    expect(problemsOf(COMPLETE, { 'policies/pin': 1 })).toMatchObject([
      { name: 'policies/pin', accepted: 'a String', severity: 'error' },
    ])
  })

  it('with actions of other servers is in force, with a warning that names some of them', () => {
    const action = 'enable, enrollHOTP, enrollTOTP, enrollSMS, enrollPUSH, importtokens, hotp_2step'
    const json = JSON.stringify({ scope: 'admin', action })
    const { settings, problems } = parseSettings({ ...COMPLETE, 'policies/all': json })
    expect(problems).toEqual([
      {
        name: 'policies/all',
        reason:
          'has actions without effect here: ' +
          'enrollHOTP, enrollTOTP, enrollSMS, enrollPUSH, importtokens and 1 more',
        accepted: 'an action that Otpost knows in the scope admin',
        severity: 'warning',
      },
    ])
    expect(settings.policies[0]!.action).toMatchObject({ enable: true, hotp_2step: true })
  })
})

describe('a mail server', () => {
  it.each([
    ['Mail.Example.com', 'mail.example.com'],
    ['localhost', 'localhost'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['xn--mller-kva.example', 'xn--mller-kva.example'],
  ])('is %s', (text, host) => {
    const { settings, problems } = parseSettings({ ...SMTP, 'email.mailserver': text })
    expect(problems).toEqual([])
    expect(settings['email.mailserver']).toBe(host)
  })

  it.each([
    ['mail.example.com:587', 'email.port'],
    ['[2001:db8::7]:25', 'email.port'],
    ['smtps://mail.example.com', 'email.tls=implicit'],
    ['smtp://otp:hunter2@mail.example.com', 'bare host'],
    ['192.0.2.777', 'neither'],
    ['mail_server', 'neither'],
    ['mail server', 'neither'],
    [`${'a'.repeat(64)}.example`, 'neither'],
  ])('is not %s, with advice and without a quote', (text, advice) => {
    const [problem] = problemsOf({ ...COMPLETE, 'email.mailserver': text })
    expect(problem).toMatchObject({ name: 'email.mailserver', severity: 'error' })
    expect(problem!.reason).toContain(advice)
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })

  it('is required by mail.provider=smtp', () => {
    expect(problemsOf({ ...SMTP, 'email.mailserver': '' })).toMatchObject([
      { name: 'email.mailserver', severity: 'error' },
    ])
  })

  it('is pointless with SES', () => {
    expect(problemsOf({ ...SMTP, 'mail.provider': 'ses' })).toMatchObject([
      { name: 'email.mailserver', severity: 'warning' },
    ])
  })
})

describe('a sender', () => {
  it.each(['otp@x.example', "o'brien+otp@mail.example.com", 'privacyidea@localhost'])(
    'is %s',
    (text) => {
      const { settings, problems } = parseSettings({ 'email.mailfrom': text })
      expect(problems).toEqual([])
      expect(settings['email.mailfrom']).toBe(text)
    },
  )

  it.each([
    'example.com',
    '@example.com',
    'a@b@example.com',
    'a..b@example.com',
    'OTP <otp@example.com>',
    'a@example.com, b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('is not %j', (text) => {
    expect(problemsOf({ 'email.mailfrom': text })).toContainEqual(
      expect.objectContaining({ name: 'email.mailfrom', severity: 'error' }),
    )
  })

  it.each(['linotp@example.com', 'otp@Example.ORG', 'a@example.net'])(
    'should not be the placeholder %s',
    (text) => {
      expect(problemsOf({ 'email.mailfrom': text })).toMatchObject(
        [{ name: 'email.mailfrom', reason: /is a placeholder/, severity: 'warning' }].map(
          ({ reason, ...rest }) => ({ ...rest, reason: expect.stringMatching(reason) }),
        ),
      )
    },
  )

  it('should be the mail user', () => {
    const tls = { 'email.tls': 'starttls' }
    const secrets = { 'email.password': 1 }
    const other = { ...SMTP, ...tls, 'email.username': 'other@example.com' }
    expect(problemsOf(other, secrets)).toMatchObject([
      { name: 'email.mailfrom', severity: 'warning' },
    ])
    expect(problemsOf({ ...other, 'email.username': 'OTP@x.example' }, secrets)).toEqual([])
  })
})

describe('a mail user', () => {
  it('comes with a password, and a password with a user', () => {
    expect(problemsOf({ ...SMTP, 'email.username': 'otp' })).toMatchObject([
      { name: 'email.password', severity: 'error' },
    ])
    expect(problemsOf(SMTP, { 'email.password': 1 })).toMatchObject([
      { name: 'email.username', severity: 'error' },
    ])
  })

  it('is warned when the password travels in clear', () => {
    expect(problemsOf({ ...SMTP, 'email.username': 'otp' }, { 'email.password': 1 })).toMatchObject(
      [{ name: 'email.tls', severity: 'warning', reason: expect.stringContaining('port 25') }],
    )
  })
})

describe('a text', () => {
  it('of a subject is one line of at most 200 characters', () => {
    expect(problemsOf({ ...COMPLETE, 'email.subject': 'x'.repeat(200) })).toEqual([])
    expect(problemsOf({ ...COMPLETE, 'email.subject': 'x'.repeat(201) })).toHaveLength(1)
    expect(problemsOf({ ...COMPLETE, 'email.subject': 'a\r\nBcc: b' })).toHaveLength(1)
  })

  it('of a mail is several lines of at most 4000 characters', () => {
    const longest = `Code:\r\n\t{otp}\n${'x'.repeat(4000)}`.slice(0, 4000)
    expect(problemsOf({ ...COMPLETE, 'email.text': longest })).toEqual([])
    expect(problemsOf({ ...COMPLETE, 'email.text': `${longest}x` })).toHaveLength(1)
    expect(problemsOf({ ...COMPLETE, 'email.text': 'bell\u0007!' })).toHaveLength(1)
  })
})

describe('certificates', () => {
  let cert: string
  let key: string
  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: 'mail.example.com' }])
    cert = pair.cert
    key = pair.private
  })

  it('are PEM, one or several', () => {
    expect(problemsOf({ ...COMPLETE, 'email.ca': `${cert}\n${cert}` })).toEqual([])
  })

  it('are never quoted, least of all with a key among them', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
    for (const text of [`${cert}${key}`, broken, 'hunter2', `${cert} hunter2`]) {
      const [problem] = problemsOf({ ...COMPLETE, 'email.ca': text })
      expect(problem).toMatchObject({ name: 'email.ca', severity: 'error' })
      expect(problem).not.toHaveProperty('value')
    }
  })

  it('of a client come with a key, and a key with a certificate', () => {
    const client = { ...COMPLETE, 'email.client_certificate': cert }
    expect(problemsOf(client)).toMatchObject([{ name: 'email.client_key', severity: 'error' }])
    expect(problemsOf(COMPLETE, { 'email.client_key': 1 })).toMatchObject([
      { name: 'email.client_certificate', severity: 'error' },
    ])
    expect(problemsOf(client, { 'email.client_key': 1 })).toEqual([])
  })
})

describe('the chance to guess a code', () => {
  it.each([
    ['1', '4'],
    ['10', '5'],
    ['100', '6'],
    ['1000', '7'],
  ])('may be 10^-4: %s guesses at %s digits', (guesses, digits) => {
    const raw = { ...COMPLETE, 'account.max_wrong_per_day': guesses, 'otp.length': digits }
    expect(problemsOf(raw)).toEqual([])
  })

  it('is refused above, with the formula and its numbers', () => {
    const { settings, values, problems } = parseSettings({
      ...COMPLETE,
      'account.max_wrong_per_day': '101',
    })
    expect(problems).toMatchObject([{ name: 'account.max_wrong_per_day', severity: 'error' }])
    expect(problems[0]!.reason).toContain('101 guesses / 10^6 codes (otp.length=6) = 1.0e-4')
    expect(settings['account.max_wrong_per_day']).toBe(20)
    expect(values).toEqual(COMPLETE)
  })
})
