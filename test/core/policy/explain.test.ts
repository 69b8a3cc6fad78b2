import { describe, expect, it } from 'vitest'
import { explainPolicies } from '../../../functions/core/policy/explain.ts'
import { FRIDAY, policy } from './policies.ts'

const CONTEXT = {
  scope: 'authentication' as const,
  user: 'alice',
  realm: 'realm1',
  resolver: 'reso1',
  client: '10.1.2.3',
  userAgent: 'keycloak/1',
  now: FRIDAY,
}

describe('the explanation of a policy', () => {
  it('says that it applies', () => {
    expect(explainPolicies([policy({ name: 'yes', user: 'alice' })], CONTEXT)).toEqual([
      { name: 'yes', applies: true },
    ])
  })

  it.each([
    [{ active: false, user: 'bob' }, 'active', 'The policy is not active.'],
    [
      { scope: 'webui', action: 'login_mode=disable' },
      'scope',
      'Its scope is webui, not authentication.',
    ],
    [{ user: 'bob, carol', realm: 'x' }, 'user', 'user "alice" is not in bob, carol.'],
    [{ realm: '*, -realm1' }, 'realm', 'realm "realm1" is excluded by *, -realm1.'],
    [{ resolver: 'ldap' }, 'resolver', 'resolver "reso1" is not in ldap.'],
    [{ client: '192.0.2.0/24' }, 'client', 'client "10.1.2.3" is not in 192.0.2.0/24.'],
    [{ user_agents: 'cp' }, 'user_agents', 'user_agents "keycloak/1" is not in cp.'],
    [{ application: 'vpn' }, 'application', 'application "" is not in vpn.'],
    [{ time: 'Sat: 9-12' }, 'time', 'Fri, 20 Nov 2026 10:30:00 GMT is outside of Sat: 9-12.'],
  ])('of %j names the first reason', (members, member, reason) => {
    expect(explainPolicies([policy(members)], CONTEXT)).toEqual([
      { name: 'p', applies: false, member, reason },
    ])
  })

  it('of an administrator looks at who acts', () => {
    const policies = [policy({ scope: 'admin', action: 'disable', adminuser: 'root' })]
    const context = { client: '10.1.2.3', adminuser: 'helga', adminrealm: '', now: FRIDAY }
    expect(explainPolicies(policies, context)).toMatchObject([
      { applies: false, member: 'adminuser', reason: 'adminuser "helga" is not in root.' },
    ])
  })
})
