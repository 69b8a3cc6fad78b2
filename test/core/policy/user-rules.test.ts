import { describe, expect, it } from 'vitest'
import { authorizationRules } from '../../../functions/core/policy/authorization-rules.ts'
import { userRules } from '../../../functions/core/policy/user-rules.ts'
import { ALICE, policy } from './policies.ts'

describe('what users may change of their own', () => {
  const editEmail = (...actions: string[]) =>
    userRules(
      actions.map((action, index) => policy({ name: `p${index}`, scope: 'user', action })),
      ALICE,
    ).editEmail.value

  it.each([
    [[], true],
    [['delete'], true],
    [['edit_email=1'], true],
    [['edit_email=0'], false],
    [['edit_email=False'], false],
    [['edit_email=0', 'edit_email=0'], false],
    [['edit_email=0', 'edit_email=1'], false],
  ])('is the address of a token by %j: %s', (actions, expected) => {
    expect(editEmail(...actions)).toBe(expected)
  })

  it('is decided by the policies that match', () => {
    const others = policy({ scope: 'user', action: 'edit_email=0', user: 'bob' })
    expect(userRules([others], ALICE).editEmail).toEqual({ value: true, policies: [] })
  })
})

describe("LinOTP's authorize", () => {
  const authorize = (members: object, name = 'vpn') =>
    policy({ name, scope: 'authorization', action: 'authorize', ...members })
  const authorized = (...policies: ReturnType<typeof policy>[]) =>
    authorizationRules(policies, ALICE).authorized

  it('lets in whom it names, and nobody else from then on', () => {
    expect(authorized(authorize({ user: 'alice' }))).toMatchObject({ value: 'grant_access' })
    expect(authorized(authorize({ user: 'bob' }))).toEqual({
      value: 'deny_access',
      policies: ['vpn'],
    })
    expect(authorized(authorize({ user: 'bob' }), authorize({}, 'all')).value).toBe('grant_access')
  })

  it('says nothing while it is not active, or of another scope', () => {
    const off = authorize({ user: 'bob', active: false })
    const other = policy({ name: 'x', scope: 'authentication', action: 'authorize', user: 'bob' })
    expect(authorized(off, other).value).toBe('grant_access')
  })

  it('does not open what another policy closes', () => {
    const closed = policy({ scope: 'authorization', action: 'authorized=deny_access' })
    expect(authorized(authorize({}), closed).value).toBe('deny_access')
  })

  it('denies beside other rules that match', () => {
    const others = policy({ name: 'o', scope: 'authorization', action: 'no_detail_on_fail' })
    const rules = authorizationRules([authorize({ user: 'bob' }), others], ALICE)
    expect(rules.authorized.value).toBe('deny_access')
    expect(rules.noDetailOnFail.value).toBe(true)
  })
})
