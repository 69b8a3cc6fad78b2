import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { APPLICATION_SCOPES, SCOPES } from '../../../functions/core/policy/policy.ts'
import { policyFromWire, toWire } from '../../../functions/core/policy/policy-wire.ts'
import {
  formatPolicy,
  parsePolicy,
  storedName,
} from '../../../functions/core/policy/stored-policy.ts'
import { policy } from './policies.ts'

const parsed = (members: object) =>
  parsePolicy('p', JSON.stringify({ scope: 'authentication', action: 'emailautosend', ...members }))

describe('a stored policy', () => {
  it('needs a scope and an action; everything else has a default', () => {
    expect(parsePolicy('p', '{"scope": "user", "action": {"enable": true}}')).toEqual({
      policy: {
        name: 'p',
        active: true,
        scope: 'user',
        action: { enable: true },
        user: [],
        realm: [],
        resolver: [],
        adminuser: [],
        adminrealm: [],
        client: [],
        userAgents: [],
        application: [],
        time: '',
        priority: 1,
        description: '',
      },
      unknownActions: [],
    })
  })

  it.each([
    ['user', ' alice ,, -bob, !carol,*', ['alice', '-bob', '!carol', '*']],
    ['user', ['alice', 'o.brien+x', 'jürgen'], ['alice', 'o.brien+x', 'jürgen']],
    ['realm', 'Realm1', ['realm1']],
    ['adminrealm', 'HelpDesk', ['helpdesk']],
    ['client', '10.0.0.0/8, -10.0.0.1, ::1', ['10.0.0.0/8', '-10.0.0.1', '::1']],
    ['application', 'vpn-gateway, portal@corp', ['vpn-gateway', 'portal@corp']],
    ['active', 'False', false],
    ['active', 1, true],
    ['priority', '7', 7],
    ['time', 'Mon-Fri: 8-18', 'Mon-Fri: 8-18'],
    ['description', null, ''],
  ])('takes %s=%j', (member, given, held) => {
    expect(parsed({ [member]: given })).toHaveProperty(['policy', member], held)
  })

  it.each([{ conditions: [] }, { pinode: '' }, { check_all_resolvers: 'False' }])(
    'may say that it has no condition Otpost does not know: %j',
    (members) => {
      expect(parsed(members)).toEqual({ policy: policy(), unknownActions: [] })
    },
  )

  it.each([
    [{ scope: 'auth' }, 'scope', 'is not a known scope'],
    [{ scope: undefined }, 'scope', 'is missing'],
    [{ action: '' }, 'action', 'is missing'],
    [{ action: {} }, 'action', 'names no action'],
    [{ action: { emailautosend: false } }, 'action', 'neither true nor text'],
    [{ action: 'emailautosend=no' }, 'action.emailautosend', 'takes no value'],
    [{ action: 'otppin' }, 'action.otppin', 'needs a value'],
    [{ action: { emailtext: ' ' } }, 'action.emailtext', 'is empty'],
    [{ action: 'strange=' }, 'action.strange', 'is empty'],
    [{ action: 'otppin=pin' }, 'action.otppin', 'not one of'],
    [{ action: 'emailtext=file:/etc/passwd' }, 'action.emailtext', 'file: path'],
    [{ action: { emailsubject: 'a\nBcc: b' } }, 'action.emailsubject', 'line break'],
    [{ action: { emailtext: 'ends in \\' } }, 'action.emailtext', 'backslash'],
    [{ action: { 'a b': true } }, 'action.a b', 'is not a name'],
    [{ scope: 'authorization', action: 'serial=(a+)+' }, 'action.serial', 'repeats a group'],
    [{ scope: 'authorization', action: 'auth_max_fail=2' }, 'action.auth_max_fail', 'no count'],
    [{ scope: 'admin', action: 'otp_pin_contents=x' }, 'action.otp_pin_contents', 'c, n and s'],
    [{ user: 'admin.*' }, 'user', 'is a pattern'],
    [{ application: 'vpn-*' }, 'application', 'is a pattern'],
    [{ application: '-vpn' }, 'application', 'only excludes'],
    [
      { scope: 'admin', action: 'delete', application: 'vpn' },
      'application',
      'is not asked for in the scope admin',
    ],
    [{ user: [5] }, 'user', 'not a list of text'],
    [{ user: '-bob' }, 'user', 'only excludes'],
    [{ realm: 'realm 1' }, 'realm', 'has an entry'],
    [{ client: '10.0.0.0/33' }, 'client', 'no address or subnet: 10.0.0.0/33'],
    [{ active: 'perhaps' }, 'active', 'not one of'],
    [{ priority: 0 }, 'priority', 'is below 1'],
    [{ time: 'always' }, 'time', 'no range of hours'],
    [{ conditions: [['userinfo', 'email', '==', 'x', true]] }, 'conditions', 'is set'],
    [{ check_all_resolvers: true }, 'check_all_resolvers', 'is set'],
    [{ actions: 'emailautosend' }, 'actions', 'is not a member'],
    [{ name: 'q' }, 'name', 'not that of its parameter'],
  ])('is refused with %j', (members, member, reason) => {
    expect(parsed(members)).toEqual({
      refused: {
        member,
        reason: expect.stringContaining(reason),
        accepted: expect.stringMatching(/\S/),
      },
    })
  })

  it.each(['', 'x'.repeat(65), 'a/b', 'ä'])('cannot be named %j', (name) => {
    expect(parsePolicy(name, '{"scope": "user", "action": "enable"}')).toMatchObject({
      refused: { member: 'name' },
    })
  })

  it('may have blanks in its name, which the name of its parameter cannot have', () => {
    const stored = formatPolicy(policy({ name: 'my first policy' }))
    expect(storedName('my first policy')).toBe('my_first_policy')
    expect(parsePolicy('my_first_policy', stored)).toMatchObject({
      policy: { name: 'my first policy' },
    })
  })

  it('keeps actions of other servers, and names them', () => {
    expect(parsed({ scope: 'admin', action: '*, -delete, enrollHOTP, totp_otplen=8' })).toEqual({
      policy: expect.objectContaining({
        action: { '*': true, '-delete': true, enrollHOTP: true, totp_otplen: '8' },
      }),
      unknownActions: ['enrollHOTP', 'totp_otplen'],
    })
  })

  it('takes no exclusion for a known action where nothing is granted', () => {
    expect(parsed({ action: '-emailautosend' })).toMatchObject({
      unknownActions: ['-emailautosend'],
    })
  })

  it('is written without what has its default', () => {
    expect(formatPolicy(policy({ user: '*, -bob', priority: 2 }))).toBe(
      '{"scope":"authentication","action":{"emailautosend":true},"user":["*","-bob"],"priority":2}',
    )
  })

  it('is read as it was written', () => {
    const entries = fc.subarray(['*', 'a', '-b', '!c.d']).filter((each) => !each.every(excludes))
    const arbitrary = fc.record({
      name: fc.stringMatching(/^[a-zA-Z0-9_. -]{1,64}$/),
      active: fc.boolean(),
      ...{ scope: fc.constantFrom(...SCOPES), application: entries },
      user: entries,
      realm: entries,
      client: fc.subarray(['10.0.0.0/8', '::1', '-10.1.1.1', '*'], { minLength: 3 }),
      user_agents: entries,
      time: fc.constantFrom('', 'Sat: 9-12'),
      priority: fc.integer({ min: 1, max: 99 }),
      description: fc.constantFrom('', 'why'),
      action: fc.constantFrom({ strange: true }, { strange: 'a, b\\c' }, { x: 'ü' }),
    })
    fc.assert(
      fc.property(arbitrary, (drawn) => {
        const knows = APPLICATION_SCOPES.includes(drawn.scope)
        const members = knows ? drawn : { ...drawn, application: [] }
        const before = policy(members)
        const stored = parsePolicy(storedName(before.name), formatPolicy(before))
        expect(stored).toMatchObject({ policy: before })
        expect(policyFromWire(before.name, toWire(before))).toMatchObject({ policy: before })
      }),
      { numRuns: 200 },
    )
  })

  it('that is anything else is refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.json(), fc.string()), (name, json) => {
        expect(parsePolicy(name, json)).toHaveProperty('refused')
      }),
    )
    const members = fc.dictionary(
      fc.constantFrom('scope', 'action', 'user', 'client', 'time', 'priority', '__proto__'),
      fc.anything(),
    )
    fc.assert(
      fc.property(members, (each) => {
        expect(() => policyFromWire('p', { scope: 'user', ...each })).not.toThrow()
      }),
    )
  })
})

const excludes = (entry: string) => /^[-!]/.test(entry)

describe("a policy on privacyIDEA's wire", () => {
  it('is shown with all members', () => {
    expect(toWire(policy({ user: 'alice', client: '10.0.0.0/8' }))).toEqual({
      name: 'p',
      active: true,
      scope: 'authentication',
      action: { emailautosend: true },
      user: ['alice'],
      realm: [],
      resolver: [],
      adminuser: [],
      adminrealm: [],
      client: ['10.0.0.0/8'],
      time: '',
      priority: 1,
      description: null,
      conditions: [],
      pinode: [],
      user_agents: [],
      check_all_resolvers: false,
      user_case_insensitive: false,
    })
  })

  it.each([
    ['text', 'emailtext=A\\, b <otp>, emailautosend'],
    ['a list', ['emailtext=A\\, b <otp>', 'emailautosend']],
    ['an object', { emailtext: 'A, b <otp>', emailautosend: true }],
  ])('has its action as %s', (_, action) => {
    expect(policyFromWire('p', { scope: 'authentication', action })).toMatchObject({
      policy: { action: { emailtext: 'A, b <otp>', emailautosend: true } },
    })
  })

  it('keeps what a change does not mention, and ignores what a policy does not have', () => {
    const before = policy({ user: 'alice', priority: 3, application: 'vpn' })
    expect(toWire(before)).toHaveProperty('application', ['vpn'])
    const change = { active: 'False', user: '', session: 'x' }
    expect(policyFromWire('p', change, before)).toEqual({
      policy: { ...before, active: false, user: [] },
      unknownActions: [],
    })
  })
})
