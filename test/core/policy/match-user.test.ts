import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchingPolicies } from '../../../functions/core/policy/match.ts'
import type { PolicyContext } from '../../../functions/core/policy/match.ts'
import type { Policy } from '../../../functions/core/policy/policy.ts'
import { loginRules } from '../../../functions/core/policy/login-rules.ts'
import { FRIDAY, policy } from './policies.ts'

const ALICE: PolicyContext = { user: 'alice', realm: 'corp', resolver: 'ldap', now: FRIDAY }
const NOBODY: PolicyContext = { user: '', realm: '', resolver: '', now: FRIDAY }

const applies = (user: string, context = ALICE, members: object = {}) =>
  matchingPolicies([policy({ user, ...members })], 'authentication', context).length === 1

describe('the users of a policy', () => {
  it.each([
    ['alice', true],
    ['al*', true],
    ['*ice', true],
    ['a*c*', true],
    ['b*', false],
    ['AL*', false],
    ['alice*alice', false],
    ['alice@corp', true],
    ['alice@CORP', true],
    ['alice@home', false],
    ['bob@corp', false],
    ['*@corp', true],
    ['*@home', false],
    ['a*@c*', true],
    ['ldap:', true],
    ['sql:', false],
    ['LDAP:', false],
    ['alice.ldap:', true],
    ['bob.ldap:', false],
    ['alice.sql:', false],
    ['a*.ldap:', true],
    ['ldap', false],
    ['*, !al*', false],
    ['*, -alice@corp', false],
    ['*, -alice@home', true],
    ['!ldap:, *', false],
    ['alice, -alice.ldap:', false],
    ['*, !bob, !carol*', true],
    ['bob, alice.ldap:', true],
  ])('%j has alice of corp in ldap: %s', (user, expected) => {
    expect(applies(user)).toBe(expected)
  })

  it.each([
    ['*', true],
    ['a*', false],
    ['**', false],
    ['*@*', false],
    ['*:', false],
    ['ldap:', false],
    ['*, -a*', true],
  ])('%j has a token of nobody: %s', (user, expected) => {
    expect(applies(user, NOBODY)).toBe(expected)
  })

  it('know a login that has an @ itself', () => {
    expect(applies('a@b.example', { ...ALICE, user: 'a@b.example' })).toBe(true)
    expect(applies('a@b.example@corp', { ...ALICE, user: 'a@b.example' })).toBe(true)
    expect(applies('a@b.example', { ...ALICE, user: 'a' })).toBe(false)
  })

  it('may be directories by their bare names where the policy is one of LinOTP', () => {
    const specific = { precedence: 'specific' }
    expect(applies('ldap', ALICE, specific)).toBe(true)
    expect(applies('*, -ldap', ALICE, specific)).toBe(false)
    expect(applies('sql', ALICE, specific)).toBe(false)
  })

  it.each([
    ['adm?n', 'is a pattern'],
    ['.*', 'is a pattern'],
    ['a.+', 'is a pattern'],
    ['(a|b)', 'is a pattern'],
    ['^alice$', 'is a pattern'],
    ['a[0-9]', 'is a pattern'],
    ['a\\d', 'is a pattern'],
    ['a{2}', 'is a pattern'],
    ['#email==a@b', 'attribute'],
    ['#department', 'attribute'],
    [':', 'names no directory'],
    ['*, -*', 'excludes everybody'],
    ['-a*', 'only excludes'],
    ['!ldap:', 'only excludes'],
  ])('cannot be %j: %s', (user, reason) => {
    expect(() => policy({ user })).toThrow(reason)
  })
})

describe("an administrator's name", () => {
  it('may be a pattern', () => {
    const admins = policy({ scope: 'admin', action: 'disable', adminuser: 'help*, -helga' })
    const matches = (adminuser: string) =>
      matchingPolicies([admins], 'admin', { adminuser, now: FRIDAY }).length === 1
    expect(['helpdesk', 'helen', 'helga'].map(matches)).toEqual([true, false, false])
  })
})

/** The users once more, slow and obvious: each entry as a regular expression. */
function obviously({ user: entries, precedence }: Policy, who: Required<Who>): boolean {
  const fits = (pattern: string, text: string) => {
    const source = pattern.split('*').map((part) => part.replace(/[.+@-]/g, '\\$&'))
    return new RegExp(`^(?:${source.join('.*')})$`, 's').test(text)
  }
  const is = (entry: string) => {
    if (entry === '*') return true
    const [directory] = /^(.*):$/.exec(entry)?.slice(1) ?? []
    if (directory !== undefined) {
      if (who.resolver === '') return false
      const inside = who.user !== '' && fits(directory, `${who.user}.${who.resolver}`)
      return inside || fits(directory, who.resolver)
    }
    if (who.user === '') return false
    if (fits(entry, who.user) || (precedence && entry === who.resolver)) return true
    const parts = /^(.+)@([^@]*)$/.exec(entry)
    return parts !== null && fits(parts[1]!, who.user) && fits(parts[2]!.toLowerCase(), who.realm)
  }
  if (entries.length === 0) return true
  const names = (entry: string) => entry.replace(/^[-!]/, '')
  if (entries.some((entry) => /^[-!]/.test(entry) && is(names(entry)))) return false
  return entries.some((entry) => !/^[-!]/.test(entry) && is(entry))
}

type Who = { user: string; realm: string; resolver: string }

it('policies name whom the slow and obvious rules say, in 40,000 random cases', () => {
  const name = fc.stringMatching(/^[ab.*]{1,3}$/)
  const entry = fc
    .tuple(
      fc.constantFrom('', '', '', '-', '!'),
      fc.oneof(
        fc.constant('*'),
        name,
        fc.tuple(name, fc.constantFrom('R', 'r', '*', 's', 'r*')).map((parts) => parts.join('@')),
        fc.constantFrom('a', 'b', 'a.b', '*').map((each) => `${each}:`),
        fc.tuple(name, fc.constantFrom('a', 'b', '*')).map((parts) => `${parts.join('.')}:`),
      ),
    )
    .map((parts) => parts.join(''))
    .filter((each) => !/\.\*|^[-!]\*$|^[-!].*[-!]/.test(each))
  const users = fc.array(entry, { minLength: 1, maxLength: 4 })
  const who = fc.record({
    user: fc.constantFrom('a', 'b', 'ab', 'a.b', 'b@r', 'a@s', '', 'aab'),
    realm: fc.constantFrom('r', 's', '', 'rr'),
    resolver: fc.constantFrom('a', 'b', 'a.b', ''),
  })
  const precedence = fc.constantFrom('priority', 'specific')
  let listed = 0
  fc.assert(
    fc.property(
      users.filter((each) => !each.every((one) => /^[-!]/.test(one))),
      precedence,
      fc.array(who, { minLength: 4, maxLength: 4 }),
      (user, how, people) => {
        const one = policy({ user, precedence: how })
        for (const asked of people) {
          const found = matchingPolicies([one], 'authentication', { ...asked, now: FRIDAY })
          expect([asked, user, found.length === 1]).toEqual([asked, user, obviously(one, asked)])
          listed += found.length
        }
      },
    ),
    { numRuns: 10_000 },
  )
  expect(listed).toBeGreaterThan(5000)
  expect(listed).toBeLessThan(35_000)
})

describe('policies of LinOTP that set the same action', () => {
  const login = { login: 'alice', realm: 'corp', resolver: 'ldap', client: '10.1.2.3', now: FRIDAY }
  const otppin = (...policies: [value: string, members: object][]) =>
    loginRules(
      policies.map(([value, members], index) =>
        policy({
          name: `p${index}`,
          action: `otppin=${value}`,
          precedence: 'specific',
          ...members,
        }),
      ),
      login,
    )

  it.each<[string, [string, object][], string]>([
    [
      'a name wins over a pattern',
      [
        ['none', { user: 'al*' }],
        ['userstore', { user: 'alice' }],
      ],
      'userstore',
    ],
    [
      'a pattern wins over everybody',
      [
        ['none', {}],
        ['userstore', { user: 'al*' }],
      ],
      'userstore',
    ],
    [
      'a directory wins over everybody',
      [
        ['none', { user: '*' }],
        ['userstore', { user: 'ldap:' }],
      ],
      'userstore',
    ],
    [
      'one of a directory wins over it',
      [
        ['none', { user: 'ldap:' }],
        ['userstore', { user: 'alice.ldap:' }],
      ],
      'userstore',
    ],
    [
      'the realm decides next',
      [
        ['none', { realm: '*' }],
        ['userstore', { realm: 'corp' }],
      ],
      'userstore',
    ],
    [
      'the user goes before the realm',
      [
        ['none', { realm: 'corp' }],
        ['userstore', { user: 'alice' }],
      ],
      'userstore',
    ],
    [
      'the client decides last',
      [
        ['none', {}],
        ['userstore', { client: '10.0.0.0/8' }],
      ],
      'userstore',
    ],
    [
      'the realm goes before the client',
      [
        ['none', { client: '10.1.2.3' }],
        ['userstore', { realm: 'corp' }],
      ],
      'userstore',
    ],
    [
      'a subnet is as good as an address',
      [
        ['none', { client: '10.0.0.0/8' }],
        ['none', { client: '10.1.2.3' }],
      ],
      'none',
    ],
    [
      'a priority goes before all',
      [
        ['none', { user: 'alice', priority: 2 }],
        ['userstore', {}],
      ],
      'userstore',
    ],
  ])('%s', (_, policies, expected) => {
    for (const each of [policies, policies.toReversed()]) {
      const rules = otppin(...each)
      expect(rules.conflicts).toEqual([])
      expect(rules.otppin.value).toBe(expected)
    }
  })

  it('that match equally well and contradict each other let nobody in', () => {
    const rules = otppin(['none', { user: 'alice' }], ['userstore', { user: 'alice@corp' }])
    expect(rules.conflicts).toMatchObject([{ action: 'otppin', policies: ['p0', 'p1'] }])
  })

  it('do not outrank policies that are not of LinOTP', () => {
    const rules = otppin(['none', { user: 'alice' }], ['userstore', { precedence: 'priority' }])
    expect(rules.conflicts).toHaveLength(1)
  })

  it('do not outvote those that are not of LinOTP either', () => {
    const rules = otppin(
      ['none', {}],
      ['none', { user: 'alice' }],
      ['userstore', { precedence: 'priority' }],
    )
    expect(rules.conflicts).toMatchObject([{ policies: ['p1', 'p2'] }])
  })

  it('with * among their clients list nobody in particular', () => {
    const rules = otppin(
      ['none', { client: '*, 192.0.2.1' }],
      ['userstore', { client: '10.1.2.3' }],
    )
    expect(rules.conflicts).toEqual([])
    expect(rules.otppin.value).toBe('userstore')
  })

  it('that are not of LinOTP contradict each other however they match', () => {
    const members = { precedence: 'priority' }
    const rules = otppin(['none', members], ['userstore', { ...members, user: 'alice' }])
    expect(rules.conflicts).toHaveLength(1)
  })

  it('may spell one value in several ways', () => {
    const rules = otppin(['none', {}], ['NONE', {}])
    expect(rules.conflicts).toEqual([])
    expect(rules.otppin.value).toBe('none')
  })
})
