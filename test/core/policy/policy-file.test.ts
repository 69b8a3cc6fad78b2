import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../../functions/core/policy/policy.ts'
import {
  FILE_FORMATS,
  formatPolicyFile,
  readPolicyFile,
} from '../../../functions/core/policy/policy-file.ts'
import { storedName } from '../../../functions/core/policy/stored-policy.ts'
import { policy } from './policies.ts'

const read = (text: string) => {
  const reading = readPolicyFile(text)
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value
}

const LINOTP = `# exported
[otp_all]
realm = *
active = True
user = *
client = ""
time = ""
action = "otppin=2, emailtext='Code, <otp>', !passOnNoToken, forward_server=x"
scope = authentication

["helpdesk"]
realm = "corp", home   # two realms
user = help*, !helga
action = '''initEMAIL, remove, setOTPPIN, show, !losttoken'''
scope = admin
active = False
time = * 8-17 * * 1-5 *;!* 12 * * * *
client = 10.0.0.0/8, -10.0.0.1
[self]
scope = selfservice
action = edit_email=0, setOTPPIN, history
[sys]
scope = system
action = read
[limits]
scope = enrollment
action = maxtoken=3, maxtokenEMAIL=1
[tokens]
scope = gettoken
action = max_count_totp=10
`

describe("LinOTP's policy.cfg", () => {
  const file = read(LINOTP)
  const found = (name: string) => file.policies.find((each) => each.name === name)

  it('is read with its scopes and actions in our words', () => {
    expect(file.format).toBe('linotp')
    expect(file.problems).toEqual([])
    expect(found('otp_all')).toMatchObject({
      scope: 'authentication',
      active: true,
      user: [],
      realm: [],
      client: [],
      time: '',
      precedence: 'specific',
      action: { emailtext: 'Code, <otp>', '!passOnNoToken': true, forward_server: 'x' },
    })
    expect(found('helpdesk')).toMatchObject({
      scope: 'admin',
      active: false,
      user: [],
      adminuser: ['help*', '!helga'],
      realm: ['corp', 'home'],
      client: ['10.0.0.0/8', '-10.0.0.1'],
      time: '* 8-17 * * 1-5 *;!* 12 * * * *',
      action: {
        enrollEMAIL: true,
        delete: true,
        setpin: true,
        tokenlist: true,
        '!losttoken': true,
      },
    })
    expect(found('self')).toMatchObject({
      scope: 'user',
      action: { edit_email: '0', setpin: true, auditlog: true },
    })
    expect(found('sys')!.action).toEqual({
      configread: true,
      policyread: true,
      resolverread: true,
      smtpserver_read: true,
    })
    expect(found('limits')!.action).toEqual({
      max_token_per_user: '3',
      email_max_token_per_user: '1',
    })
  })

  it('says what has no effect and what was left out', () => {
    expect(file.withoutEffect).toEqual(new Map([['otp_all', ['!passOnNoToken', 'forward_server']]]))
    expect(file.leftOut).toEqual(new Map([['tokens', 'its scope has no counterpart here']]))
  })

  it.each([
    ['passthru', { passthru: 'userstore' }],
    ['passthru=True', { passthru: 'userstore' }],
    ['passthru=0, otppin=none', { '!passthru': true, otppin: 'none' }],
    ['passOnNoToken=1', { passOnNoToken: true }],
    ['passOnNoUser=False', { '!passOnNoUser': true }],
    ['passOnNoToken=True, passOnNoToken=True', { passOnNoToken: true }],
    [`emailtext="it's <otp>"`, { emailtext: "it's <otp>" }],
    [`emailtext='say "'"it's"'"', otppin=none`, { emailtext: `say "it's"`, otppin: 'none' }],
    ['emailsubject=a=b', { emailsubject: 'a=b' }],
  ])('takes the action %s', (action, expected) => {
    const [only] = read(`[p]\nscope = authentication\naction = '''${action}'''\n`).policies
    expect(only!.action).toEqual(expected)
  })

  it.each([
    ['user = adm.*', 'user', 'is a pattern'],
    ['user = #email==a', 'user', 'is missing'],
    ['user = "#email==a"', 'user', 'attribute'],
    ['time = * * *', 'time', 'fields'],
    ['action = "otppin=1, otppin=2"', 'action', 'sets otppin twice'],
    [`action = "emailtext='x"`, 'action', 'does not close'],
    [`action = "emailtext='x' y"`, 'action', 'goes on behind'],
  ])('refuses %s', (line, member, reason) => {
    const key = line.split(' ', 1)[0]
    const rest = ['scope = authentication', 'action = "otppin=none"'].filter(
      (each) => !each.startsWith(`${key} `),
    )
    const { problems, policies } = read(`[p]\n${[...rest, line].join('\n')}\n`)
    if (reason === 'is missing') expect(policies[0]!.user).toEqual([])
    else {
      expect(problems).toMatchObject([
        { name: 'p', refused: { member, reason: expect.stringContaining(reason) } },
      ])
    }
  })
})

describe("privacyIDEA's export", () => {
  it('is read as Python writes it', () => {
    const { format, policies, problems } = read(
      `[mail texts]
name = mail texts
active = True
scope = authentication
realm = ['Realm1', 'realm2']
user = []
resolver = []
adminrealm = []
client = ['10.0.0.0/8']
time = Mon-Fri: 8-18
action = {'emailtext': "it's\\n{otp}, \\u00fc", 'emailautosend': True}
conditions = []
check_all_resolvers = False
priority = 3
description = None
`,
    )
    expect({ format, problems }).toEqual({ format: 'privacyidea', problems: [] })
    expect(policies).toEqual([
      policy({
        name: 'mail texts',
        realm: ['realm1', 'realm2'],
        client: '10.0.0.0/8',
        time: 'Mon-Fri: 8-18',
        priority: 3,
        action: { emailtext: "it's\n{otp}, ü", emailautosend: true },
      }),
    ])
  })

  it.each([
    [
      'the answer of its API',
      { result: { value: [{ name: 'p', scope: 'user', action: 'delete' }] } },
    ],
    ['the list in it', [{ name: 'p', scope: 'user', action: { delete: true } }]],
  ])('may be %s', (_, content) => {
    expect(read(JSON.stringify(content)).policies).toMatchObject([
      { name: 'p', action: { delete: true } },
    ])
  })

  it.each([
    ['a policy with conditions', [{ name: 'p', scope: 'user', action: 'delete', conditions: [1] }]],
    ['a policy without a name', [{ scope: 'user', action: 'delete' }]],
  ])('is refused with %s', (_, content) => {
    expect(read(JSON.stringify(content))).toMatchObject({ policies: [], problems: [{}] })
  })
})

describe('a file of policies', () => {
  it.each([
    ['', 'holds no policy'],
    ['[]', 'holds no policy'],
    ['{"a": 1}', 'no list of policies'],
    ['[5]', 'no list of policies'],
    ['key = value', 'line 1 stands before the first [name]'],
    ['[a]\nwhat', 'line 2 is neither'],
    ['[a]\nx = 1\nx = 2', 'line 3 sets x again'],
    ['[a]\n[a]', 'line 2 begins a again'],
    ['[a]\nx = """1\n2', 'opens """ and does not close it'],
  ])('that is %j is refused: %s', (text, reason) => {
    expect(readPolicyFile(text)).toEqual({ refused: expect.stringContaining(reason) })
  })

  const LONG = 65_000
  it.each([
    ['blanks within a line', `[p]\na${' '.repeat(LONG)}b`],
    ['lines of a text without an end', `[p]\na = """${'\n'.repeat(LONG)}`],
    ['ends of a text', `[p]\na = """${'"""#'.repeat(LONG / 4)}\nx""" y`],
    ['sections', Array.from({ length: LONG / 8 }, (_, index) => `[${index}]\n`).join('')],
    ['actions', `[p]\nscope = admin\naction = "${'a, '.repeat(LONG / 3)}"`],
  ])('takes no longer for many %s', (_what, text) => {
    const began = performance.now()
    readPolicyFile(text)
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it('reads a text up to the quotes that nothing but a comment follows', () => {
    const reading = readPolicyFile(
      "[p]\nscope = admin\nuser = '''a'''\naction = '''enable, disable''' # both\n" +
        '[q]\nscope = admin\naction = """\nenable\n"""\n',
    )
    if ('refused' in reading) throw new Error(reading.refused)
    expect(reading.value.problems).toEqual([])
    expect(reading.value.policies.map(({ action }) => Object.keys(action))).toEqual([
      ['enable', 'disable'],
      ['enable'],
    ])
  })

  it('is never thrown at, whatever it holds', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('[p]', 'action = "otppin=1"', 'scope = admin', 'action = {', "user = ['a'"),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(() => readPolicyFile(lines.join('\n'))).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })

  it('X26 tells which policies privacyIDEA has no words for', () => {
    const notice = policy({ name: 'n', scope: 'notification', action: 'setPin=email::office' })
    const { text, leftOut } = formatPolicyFile([notice, policy({ name: 'p' })], 'privacyidea')
    expect([...leftOut]).toEqual([['n', 'privacyIDEA has no scope notification']])
    expect(text).toContain('[p]')
    for (const format of ['linotp', 'json'] as const) {
      const again = readPolicyFile(formatPolicyFile([notice], format).text)
      expect(again).toMatchObject({
        value: { policies: [{ scope: 'notification', action: { setPin: 'email::office' } }] },
      })
    }
  })

  it('tells which policies LinOTP has no words for', () => {
    const policies = [
      policy({ name: 'a', resolver: 'ldap' }),
      policy({ name: 'b b' }),
      policy({ name: 'c', priority: 2 }),
      policy({ name: 'd', time: 'Sat: 9-12' }),
      policy({ name: 'e', user_agents: 'keycloak' }),
      policy({ name: 'f', scope: 'webui', action: 'login_mode=disable' }),
      policy({ name: 'g', scope: 'admin', action: 'disable', user: 'alice' }),
      policy({ name: 'h', application: 'vpn' }),
    ]
    const { text, leftOut } = formatPolicyFile(policies, 'linotp')
    expect(text).toBe('')
    expect([...leftOut.keys()]).toEqual(['a', 'b b', 'c', 'd', 'e', 'f', 'g', 'h'])
  })

  const someText = fc
    .string({ unit: fc.constantFrom(...`a,'"=#\\ <>{}ü;[]`), minLength: 1, maxLength: 12 })
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.endsWith('\\') && !/""|''/.test(each))
  const lines = fc.array(someText, { minLength: 1, maxLength: 3 }).map((each) => each.join('\n'))
  const texts = { emailtext: lines, strange: someText }
  const flags = fc.subarray(['emailautosend', 'passOnNoToken', 'unheard_of'], { minLength: 1 })
  const grants = fc.subarray(['*', 'delete', '!enable', '-setpin', 'auditlog', 'enrollEMAIL'], {
    minLength: 1,
  })
  const asFlags = (names: string[]) => Object.fromEntries(names.map((name) => [name, true]))
  const system = fc.constant(
    asFlags(['configread', 'policyread', 'resolverread', 'smtpserver_read']),
  )
  const authentication = fc
    .tuple(flags.map(asFlags), fc.record(texts, { requiredKeys: [] }))
    .map((parts) => Object.assign({}, ...parts))
  const kinds = fc.oneof(
    fc.record({ scope: fc.constant('authentication'), action: authentication }),
    fc.record({ scope: fc.constantFrom('user', 'admin'), action: grants.map(asFlags) }),
    fc.record({ scope: fc.constant('admin'), action: system }),
  )
  const people = fc.subarray(['al*', 'bob', '-carol', '!d@r', 'e@x'], { minLength: 1 })
  const some = people.filter((each) => !each.every((one) => /^[-!]/.test(one)))
  const common = fc.record({
    name: fc.stringMatching(/^[a-zA-Z0-9_]{1,12}$/),
    active: fc.boolean(),
    realm: fc.subarray(['r', 's', '-t'], { minLength: 0 }).filter((each) => each[0] !== '-t'),
    client: fc.constantFrom('', '10.0.0.0/8, -10.1.1.1, ::1', '*, -::/8'),
    time: fc.constantFrom('', '* 8-17 * * 1-5 *', '* * * * * *;!1 2 * * * *'),
  })
  const ofLinotp = fc.tuple(kinds, common, fc.option(some)).map(([kind, members, whom]) =>
    policy({
      ...members,
      ...kind,
      precedence: 'specific',
      ...(whom && { [kind.scope === 'admin' ? 'adminuser' : 'user']: whom }),
    }),
  )
  const ours = fc
    .tuple(
      kinds,
      common,
      fc.record({
        name: fc.stringMatching(/^[a-zA-Z0-9_. -]{1,12}$/).map((name) => `p${name}p`),
        user: fc.oneof(fc.constant([]), some),
        resolver: fc.subarray(['a', 'b']),
        adminuser: fc.subarray(['a', 'b*']),
        adminrealm: fc.subarray(['a', 'b']),
        user_agents: fc.subarray(['a', 'b']),
        application: fc.subarray(['a', 'vpn-1']),
        time: fc.constantFrom('', 'Mon-Fri: 8-17', '* 8 * * * *'),
        priority: fc.integer({ min: 1, max: 99 }),
        precedence: fc.constantFrom('priority', 'specific'),
        description: fc.oneof(fc.constant(''), someText, lines),
      }),
    )
    .map(([kind, members, { application, ...more }]) =>
      policy({
        ...{ ...members, ...kind, ...more },
        ...(kind.scope === 'authentication' ? { application } : {}),
      }),
    )
  const uniquely = (each: fc.Arbitrary<Policy>) =>
    fc.uniqueArray(each, { selector: ({ name }) => storedName(name), minLength: 1, maxLength: 4 })

  it.each(FILE_FORMATS)('in the format %s is read as it was written', (format) => {
    fc.assert(
      fc.property(uniquely(format === 'linotp' ? ofLinotp : ours), (policies) => {
        const { text, leftOut } = formatPolicyFile(policies, format)
        const file = readPolicyFile(text)
        expect(file).toMatchObject({ value: { format, problems: [] } })
        const kept = policies.filter(({ name }) => !leftOut.has(name))
        expect('value' in file && file.value.policies).toEqual(kept)
        expect(leftOut.size).toBe(0)
      }),
      { numRuns: 1000 },
    )
  })
})
