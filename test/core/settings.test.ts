import { BlockList, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCHEMA, SECRETS } from '../../functions/core/settings-schema.ts'
import { defaultSettings, parseSettings } from '../../functions/core/settings.ts'

const POLICY = '{"scope": "authentication", "action": {"otppin": "none"}}'

/** Settings that are complete, so that a test sees only the problems it asks for. */
const COMPLETE = { 'email.mailfrom': 'otp@x.example' }

const problemsOf = (raw: Record<string, string>, secrets: Record<string, number> = {}) =>
  parseSettings({ ...COMPLETE, ...raw }, secrets).problems

const valueOf = (name: keyof typeof SCHEMA, text: string) => {
  const { settings, problems } = parseSettings({ ...COMPLETE, [name]: text })
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return settings[name]
}

describe('settings', () => {
  it('have the documented defaults while nothing is set', () => {
    expect(defaultSettings).toMatchObject({
      'email.mailserver': '',
      'email.port': 25,
      'email.tls': 'none',
      'email.validtime': 120,
      'email.concurrent_challenges': false,
      'email.subject': '',
      'mail.locale': 'en',
      'email.delivery_wait': 1.5,
      'email.timeout': 10,
      'mail.provider': 'ses',
      'mail.per_hour': 5,
      'mail.per_day': 10,
      'otp.length': 6,
      'challenge.max_attempts': 5,
      'account.max_wrong_per_day': 20,
      'account.max_consecutive_wrong': 100,
      'token.max_failcount': 10,
      'realm.default': 'default',
      splitAtSign: true,
      profile: 'compat',
      'validate.clients': [],
      api_key_required: false,
      'log.level': 'info',
    })
    expect(defaultSettings['email.password']).toBeUndefined()
    expect(defaultSettings.realms).toEqual(new Set(['default']))
    expect(defaultSettings.policies).toEqual([])
  })

  it('name the missing sender as incomplete, not as an error', () => {
    expect(parseSettings({}).problems).toEqual([
      expect.objectContaining({
        name: 'email.mailfrom',
        reason: expect.stringContaining('incomplete'),
        severity: 'warning',
      }),
    ])
  })

  it('cannot be changed', () => {
    const { settings } = parseSettings({ 'validate.clients': '10.0.0.1' })
    expect(() => Object.assign(settings, { 'otp.length': 1 })).toThrow(TypeError)
    expect(() => Object.assign(settings['validate.clients'], ['0.0.0.0'])).toThrow(TypeError)
  })

  it.each([
    ['email.port', 1, 65_535],
    ['email.validtime', 10, 86_400],
    ['email.timeout', 1, 25],
    ['email.delivery_wait', 0, 10],
    ['mail.per_hour', 0, 1000],
    ['mail.per_day', 0, 1000],
    ['challenge.max_attempts', 1, 10],
    ['account.max_consecutive_wrong', 1, 100],
    ['token.max_failcount', 1, 100],
  ] as const)('%s goes from %i to %i', (name, min, max) => {
    expect(valueOf(name, String(min))).toBe(min)
    expect(valueOf(name, String(max))).toBe(max)
    for (const beyond of [min - 1, max + 1]) {
      expect(problemsOf({ [name]: String(beyond) })).toEqual([
        expect.objectContaining({ name, value: String(beyond), severity: 'error' }),
      ])
    }
  })

  it('otp.length goes from 4 to 12, below six with fewer guesses only', () => {
    const problems = (length: string, guesses: string) =>
      problemsOf({ 'otp.length': length, 'account.max_wrong_per_day': guesses })
    for (const [length, guesses] of Object.entries({ 4: '1', 5: '10', 12: '1000' })) {
      expect(problems(length, guesses)).toEqual([])
    }
    for (const length of ['3', '13']) {
      expect(problems(length, '1')).toMatchObject([{ name: 'otp.length', value: length }])
    }
    for (const [length, guesses] of Object.entries({ 4: '2', 5: '11' })) {
      expect(problems(length, guesses)).toMatchObject([{ name: 'account.max_wrong_per_day' }])
    }
  })

  it('read a wait in fractions of a second', () => {
    expect(valueOf('email.delivery_wait', ' 0.25 ')).toBe(0.25)
  })

  it.each(['', '5s', '0x10', '1e2', '+5', '5.0', '٥'])('take no %j for a whole number', (text) => {
    expect(problemsOf({ 'email.validtime': text })).toHaveLength(1)
  })

  it.each(['true', 'TRUE', '1', 'yes', 'On'])('take %s for a true value', (text) => {
    expect(valueOf('email.concurrent_challenges', text)).toBe(true)
  })

  it.each(['false', 'False', '0', 'no', 'OFF'])('take %s for a false value', (text) => {
    expect(valueOf('splitAtSign', text)).toBe(false)
  })

  it('refuse a switch that is neither', () => {
    expect(problemsOf({ splitAtSign: 'maybe' })).toHaveLength(1)
  })

  it.each([
    ['none', 'none', 25],
    ['false', 'none', 25],
    ['0', 'none', 25],
    ['True', 'starttls', 587],
    ['yes', 'starttls', 587],
    ['1', 'starttls', 587],
    ['STARTTLS', 'starttls', 587],
    ['ssl', 'implicit', 465],
    ['implicit', 'implicit', 465],
  ])('read email.tls=%s as %s, on port %i unless another is set', (text, tls, port) => {
    const { settings } = parseSettings({ 'email.tls': text })
    expect(settings).toMatchObject({ 'email.tls': tls, 'email.port': port })
    expect(parseSettings({ 'email.tls': text, 'email.port': '26' }).settings['email.port']).toBe(26)
  })

  it('list the default realm with the declared ones, lower-cased', () => {
    const { settings, problems } = parseSettings({
      ...COMPLETE,
      'realm.default': 'Corp',
      'realms/Guests': 'directory, hr',
    })
    expect(problems).toEqual([])
    expect(settings.realms).toEqual(new Set(['guests', 'corp']))
    expect(settings.resolvers.get('guests')).toEqual(['directory', 'hr'])
    expect(settings.resolvers.get('corp')).toEqual(['directory'])
  })

  it.each([
    ['realms/', 'directory'],
    ['realms/a/b', 'directory'],
    ['realms/a', ' , '],
    ['realms/a', 'no spaces'],
  ])('refuse %s=%j', (name, text) => {
    expect(problemsOf({ [name]: text })).toMatchObject([{ name, severity: 'error' }])
  })

  it('refuse a realm that is declared twice', () => {
    const { settings, problems } = parseSettings({
      ...COMPLETE,
      'realms/a': 'first',
      'realms/A': 'second',
    })
    expect(problems).toMatchObject([{ name: 'realms/A', reason: 'is declared twice' }])
    expect(settings.resolvers.get('a')).toEqual(['first'])
  })

  it('list policies by name, and keep them as they were set', () => {
    const { settings, values, problems } = parseSettings({
      ...COMPLETE,
      'policies/pin': POLICY,
      'policies/Autosend':
        '{"scope": "authentication", "action": "emailautosend", "active": false}',
    })
    expect(problems).toEqual([])
    expect(settings.policies).toMatchObject([
      { name: 'Autosend', active: false, action: { emailautosend: true } },
      { name: 'pin', active: true, scope: 'authentication', action: { otppin: 'none' } },
    ])
    expect(values['policies/pin']).toBe(POLICY)
    expect(() => (settings.policies as unknown[]).push({})).toThrow(TypeError)
    expect(() => Object.assign(settings.policies[0]!, { active: true })).toThrow(TypeError)
  })

  it('list networks that a block list understands', () => {
    const clients = valueOf('validate.clients', '10.0.0.0/8,, 192.0.2.7 ,2001:db8::/32,::1')
    expect(clients).toEqual(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'])
    for (const client of clients as string[]) {
      const [address = '', prefix] = client.split('/')
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      const list = new BlockList()
      expect(() => list.addSubnet(address, Number(prefix ?? 32), family)).not.toThrow()
    }
  })

  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0',
    'example.com',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    'fe80::1%1',
  ])('refuse the network %s', (text) => {
    expect(problemsOf({ 'validate.clients': `127.0.0.1, ${text}` })).toHaveLength(1)
  })

  it('hold the version of a secret, never the secret', () => {
    const { settings, values, problems } = parseSettings(
      { ...COMPLETE, 'email.username': 'otp' },
      { 'email.password': 7 },
    )
    expect(settings['email.password']).toBe(7)
    expect(values).not.toHaveProperty('email.password')
    expect(problems).toEqual([])
  })

  it('fall back to the strictest value where the default would open something', () => {
    const { settings, values } = parseSettings({
      'email.tls': 'start-tls',
      profile: 'hard',
      'validate.clients': '10.0.0.0/88',
      api_key_required: 'ja',
      'email.validtime': 'long',
    })
    expect(settings).toMatchObject({
      'email.tls': 'implicit',
      profile: 'hardened',
      'validate.clients': ['127.0.0.1', '::1'],
      api_key_required: true,
      'email.validtime': 120,
    })
    expect(parseSettings(values).settings).toEqual(settings)
  })

  it('answer any input with problems, never with an exception', () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...Object.keys(SCHEMA),
        ...SECRETS,
        'realms/x',
        'policies/p',
        'policies/',
        '__proto__',
        'constructor',
      ),
      fc.string(),
    )
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.anything()) as fc.Arbitrary<string>
    const tree = fc.dictionary(name, fc.oneof(text, fc.constant(POLICY)))
    fc.assert(
      fc.property(tree, fc.dictionary(name, fc.nat()), (raw, secrets) => {
        const { settings, values } = parseSettings(raw, secrets)
        expect(Object.isFrozen(settings)).toBe(true)
        expect(settings.realms.has(settings['realm.default'])).toBe(true)
        expect(parseSettings(values, secrets).settings).toEqual(settings)
      }),
      { numRuns: 300 },
    )
  })
})

describe('mail servers by name', () => {
  const SINK = '{"server": "mail.example.org", "tls": true, "username": "otp"}'

  it('have defaults, and the version of their password', () => {
    const { settings, problems } = parseSettings(
      { ...COMPLETE, 'providers/sink': SINK, 'email.identifier': 'sink' },
      { 'providers/sink.password': 4 },
    )
    expect(problems).toEqual([])
    expect(settings.providers.get('sink')).toEqual({
      ...{ kind: 'smtp', server: 'mail.example.org', port: 587, tls: 'starttls' },
      ...{ username: 'otp', sender: '', senderName: '', subject: '', template: '', timeout: 10 },
      ...{ clientCertificate: '', ca: '', description: '', password: 4, clientKey: undefined },
    })
  })

  it.each([
    [
      'providers/sink',
      '{"server": "x.example", "password": "s"}',
      /holds its password in clear.*providers\/<name>.password/,
    ],
    ['providers/sink', 'mail.example.org', /is not JSON: .* line 1, column 1/],
    ['providers/sink', '{"server": "smtp://x"}', /its server carries a scheme/],
    ['providers/a/b', SINK, /has a name that is not a name of a provider/],
    ['providers/sink.password', 's3cret', /is stored in clear/],
    ['resolvers/r', '{"type": "ldapresolver"}', /is of the type ldapresolver/],
    ['resolvers/r', 'x', /is not JSON: .* line 1, column 1/],
    ['resolvers/r.password', 's3cret', /is stored in clear/],
  ])('%s is refused as %s, and never quoted', (name, text, reason) => {
    const [problem] = problemsOf({ [name]: text })
    expect(problem).toMatchObject({ name, severity: 'error' })
    expect(problem!.reason).toMatch(reason)
    expect(JSON.stringify(problem)).not.toContain('s3cret')
  })

  it('that nobody declared are named as a gap, also where a policy wants them', () => {
    const action = { email_provider: 'sink nope' }
    const policy = JSON.stringify({ scope: 'authentication', action })
    const raw = { 'email.identifier': 'sink, none', 'providers/sink': SINK, 'policies/p': policy }
    expect(problemsOf(raw, { 'providers/sink.password': 1 })).toMatchObject([
      { name: 'email.identifier', severity: 'warning', reason: expect.stringContaining(' none,') },
      { name: 'policies/p', severity: 'warning', reason: expect.stringContaining(' nope,') },
    ])
  })

  it('X26 that a notice is to be sent by are named, too, where there are none', () => {
    const action = { setPin: 'email::nope', enrollment: 'email' }
    const policy = JSON.stringify({ scope: 'notification', action })
    expect(problemsOf({ 'policies/p': policy })).toMatchObject([
      { name: 'policies/p', severity: 'warning', reason: expect.stringContaining(' nope,') },
    ])
  })

  it('send as themselves: no other sender is missing then', () => {
    const sender = '{"server": "x.example", "sender": "pi@x.example"}'
    const raw = { 'providers/sink': sender, 'email.identifier': 'sink' }
    expect(parseSettings(raw).problems).toEqual([])
  })

  it('stand beside the directories, of which a realm may name undeclared ones', () => {
    const { settings } = parseSettings({
      'resolvers/r1': '{"type": "passwdresolver"}',
      'realms/a': 'r1, r2',
    })
    expect([...settings.directories]).toEqual(
      expect.arrayContaining([
        ['r1', { type: 'passwdresolver' }],
        ['r2', { type: 'directory' }],
        ['directory', { type: 'directory' }],
      ]),
    )
  })
})
