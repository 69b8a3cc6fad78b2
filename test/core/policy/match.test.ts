import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  activePolicies,
  askForApplication,
  matchingPolicies,
} from '../../../functions/core/policy/match.ts'
import type { PolicyContext } from '../../../functions/core/policy/match.ts'
import type { Policy } from '../../../functions/core/policy/policy.ts'
import { FRIDAY, policy } from './policies.ts'

const CONTEXT: PolicyContext = {
  user: 'alice',
  realm: 'realm1',
  resolver: 'reso1',
  client: '10.1.2.3',
  userAgent: 'privacyidea-cp/3.5 Windows',
  application: 'vpn',
  now: FRIDAY,
}

const applies = (members: Record<string, unknown>, context: Partial<PolicyContext> = {}) =>
  matchingPolicies([policy(members)], 'authentication', { ...CONTEXT, ...context }).length === 1

describe('a policy', () => {
  it.each([
    [{}, true],
    [{ active: false }, false],
    [{ scope: 'authorization', action: 'no_detail_on_fail' }, false],
    [{ user: 'alice' }, true],
    [{ user: 'bob, alice' }, true],
    [{ user: 'Alice' }, false],
    [{ user: 'ali' }, false],
    [{ user: '*' }, true],
    [{ user: '*, -alice' }, false],
    [{ user: '-alice, *' }, false],
    [{ user: 'alice, !alice' }, false],
    [{ user: '*, !bob' }, true],
    [{ realm: 'REALM1' }, true],
    [{ realm: 'realm2' }, false],
    [{ realm: '*, -realm1' }, false],
    [{ resolver: 'reso1' }, true],
    [{ resolver: '*, -reso1' }, false],
    [{ client: '10.1.2.3' }, true],
    [{ client: '10.0.0.0/8' }, true],
    [{ client: '10.0.0.0/8, -10.1.2.0/24' }, false],
    [{ client: '10.0.0.0/8, -10.1.2.4' }, true],
    [{ client: '192.0.2.0/24, 2001:db8::/32' }, false],
    [{ client: '*, !10.1.2.3' }, false],
    [{ client: '*' }, true],
    [{ user_agents: 'privacyIDEA-CP' }, true],
    [{ user_agents: 'keycloak' }, false],
    [{ application: 'vpn' }, true],
    [{ application: 'portal, vpn' }, true],
    [{ application: 'portal' }, false],
    [{ application: 'VPN' }, false],
    [{ application: '*' }, true],
    [{ application: '*, -portal' }, true],
    [{ application: '*, !vpn' }, false],
    [{ application: '-vpn, *, vpn' }, false],
    [{ adminuser: 'root' }, true],
    [{ time: 'Mon-Fri: 9-17' }, true],
    [{ time: 'Sat: 9-12' }, false],
    [{ user: 'alice', realm: 'realm2' }, false],
  ])('with %j applies to alice: %s', (members, expected) => {
    expect(applies(members)).toBe(expected)
  })

  it.each([
    ['2001:db8::7', '2001:db8::/32', true],
    ['2001:db9::7', '2001:db8::/32', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['::ffff:10.1.2.3', '*, -10.1.2.3', false],
    ['10.1.2.3', '::/0', false],
    ['2001:db8::7', '0.0.0.0/0', false],
    ['unix:', '0.0.0.0/0', false],
    ['', '*', false],
  ])('takes the client %s for one of %s: %s', (client, list, expected) => {
    expect(applies({ client: list }, { client })).toBe(expected)
  })

  it('is not asked for what the context leaves out, and meets nobody for an empty name', () => {
    expect(applies({ user: 'alice' }, { user: undefined })).toBe(true)
    expect(applies({ user: 'alice' }, { user: '' })).toBe(false)
    expect(applies({ user: '*' }, { user: '' })).toBe(true)
  })

  it.each(['', undefined])('for an application meets nobody without a key (%j)', (application) => {
    expect(applies({ application: 'vpn' }, { application })).toBe(false)
    expect(applies({ application: '*, -vpn' }, { application })).toBe(true)
    expect(applies({ application: '*' }, { application })).toBe(true)
    expect(applies({}, { application })).toBe(true)
  })

  it('asks for the application only where an active one restricts it', () => {
    expect(askForApplication([])).toBe(false)
    expect(askForApplication([policy(), policy({ application: 'vpn', active: false })])).toBe(false)
    expect(askForApplication([policy(), policy({ application: '*, -vpn' })])).toBe(true)
  })

  it('of administrators looks at who acts, and at whom', () => {
    const helpdesk = policy({
      scope: 'admin',
      action: 'disable',
      adminuser: 'helga',
      adminrealm: 'helpdesk',
      realm: 'realm1',
    })
    const matches = (context: Partial<PolicyContext>) =>
      matchingPolicies([helpdesk], 'admin', {
        ...CONTEXT,
        adminuser: 'helga',
        adminrealm: 'helpdesk',
        ...context,
      }).length === 1

    expect(matches({})).toBe(true)
    expect(matches({ adminuser: 'root' })).toBe(false)
    expect(matches({ adminrealm: '' })).toBe(false)
    expect(matches({ realm: 'realm2' })).toBe(false)
  })

  it('costs nothing where there is none', () => {
    expect(activePolicies([], 'user')).toBe(activePolicies([], 'admin'))
    const others = [policy()]
    expect(matchingPolicies(others, 'webui', CONTEXT)).toBe(activePolicies([], 'webui'))
  })
})

/** The matching rules once more, slow and obvious. */
function obviously(each: Policy, context: PolicyContext): boolean {
  const list = (entries: readonly string[], is: (entry: string) => boolean) => {
    const isExclusion = (entry: string) => /^[-!]/.test(entry)
    const excluded = entries.some((entry) => isExclusion(entry) && is(entry.slice(1)))
    const listed = entries.some((entry) => !isExclusion(entry) && (entry === '*' || is(entry)))
    return entries.length === 0 || (listed && !excluded)
  }
  return (
    each.active &&
    each.scope === 'authentication' &&
    list(each.user, (entry) => entry === context.user) &&
    list(each.realm, (entry) => entry === context.realm) &&
    list(each.resolver, (entry) => entry === context.resolver) &&
    list(each.application, (entry) => entry === (context.application ?? '')) &&
    list(each.client, (entry) => bits(context.client!).startsWith(networkBits(entry)))
  )
}

/** An address as text of zeros and ones behind its family. */
function bits(address: string): string {
  if (isIPv4(address)) {
    const octets = address.split('.').map((octet) => Number(octet).toString(2).padStart(8, '0'))
    return `4${octets.join('')}`
  }
  const [head = '', tail = ''] = address.split('::')
  const words = (part: string) => part.split(':').filter((word) => word !== '')
  const zeros = Array(8 - words(head).length - words(tail).length).fill('0')
  const all = address.includes('::') ? [...words(head), ...zeros, ...words(tail)] : words(head)
  return `6${all.map((word) => parseInt(word, 16).toString(2).padStart(16, '0')).join('')}`
}

function networkBits(network: string): string {
  const [address = '', prefix] = network.split('/')
  if (!/[.:]/.test(address)) return 'none'
  return prefix === undefined ? bits(address) : bits(address).slice(0, Number(prefix) + 1)
}

it('policies match as the slow and obvious rules say', () => {
  const names = fc.subarray(['*', 'a', 'b', '-a', '!b'])
  const ipv4 = fc.constantFrom('10.0.0.1', '10.0.0.129', '10.1.0.1', '192.0.2.1')
  const ipv6 = fc.constantFrom('2001:db8::1', '2001:db8:8000::1', '::1', 'fe80::1:2')
  const network = fc.oneof(
    fc.constant('*'),
    fc.oneof(ipv4, ipv6),
    fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map((parts) => parts.join('/')),
    fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map((parts) => parts.join('/')),
  )
  const client = fc
    .tuple(fc.constantFrom('', '', '-', '!'), network)
    .filter(([sign, entry]) => sign === '' || entry !== '*')
    .map((parts) => parts.join(''))
  const policies = fc.array(
    fc
      .record({
        active: fc.constantFrom(true, true, true, false),
        scope: fc.constantFrom('authentication', 'authentication', 'webui'),
        user: names,
        realm: names,
        resolver: names,
        application: names,
        client: fc.array(client, { maxLength: 4 }),
      })
      .map((members) => ({ ...policy(), ...members }) as Policy),
    { maxLength: 6 },
  )
  const context = fc.record({
    user: fc.constantFrom('a', 'b', 'c', ''),
    realm: fc.constantFrom('a', 'b', ''),
    resolver: fc.constantFrom('a', 'c'),
    client: fc.oneof(ipv4, ipv6),
    application: fc.constantFrom('a', 'b', 'c', '', undefined),
    now: fc.constant(FRIDAY),
  })
  fc.assert(
    fc.property(policies, fc.array(context, { minLength: 1, maxLength: 4 }), (each, contexts) => {
      for (const one of contexts) {
        expect(matchingPolicies(each, 'authentication', one)).toEqual(
          each.filter((candidate) => obviously(candidate, one)),
        )
      }
    }),
    { numRuns: 1000 },
  )
})
