import { describe, expect, it } from 'vitest'
import type { Actor } from '../../../functions/core/policy/actor.ts'
import { pinRefusal, pinRules } from '../../../functions/core/policy/pin-rules.ts'
import { rights } from '../../../functions/core/policy/rights.ts'
import { FRIDAY, policy } from './policies.ts'

const from = { client: '10.1.2.3', now: FRIDAY }
const ADMIN: Actor = { ...from, role: 'admin', name: 'admin', realm: '' }
const USER: Actor = { ...from, role: 'user', name: 'alice', realm: 'realm1', resolver: 'reso1' }

const admin = (action: string, members = {}) => policy({ scope: 'admin', action, ...members })
const user = (action: string, members = {}) => policy({ scope: 'user', action, ...members })

describe('rights', () => {
  it('are everything for an administrator while nothing active is said for the role', () => {
    const policies = [admin('disable', { active: false }), user('enable')]
    expect(rights(policies, ADMIN).allowed('policywrite')).toBe(true)
    expect(rights(policies, ADMIN).refusal('enrollEMAIL')).toBeUndefined()
  })

  it.each(['disable', 'setdescription', 'tokenlist', 'userlist', 'auditlog'])(
    'are for a user without any policy to look and to protect: %s',
    (action) => {
      for (const policies of [[], [admin('*')], [user('enable', { active: false })]]) {
        expect(rights(policies, USER).allowed(action)).toBe(true)
        expect(rights(policies, USER).refusal(action)).toBeUndefined()
      }
    },
  )

  it.each([
    ...['enrollEMAIL', 'enrollSPASS', 'setpin', 'updateuser', 'enable', 'reset', 'revoke'],
    ...['assign', 'unassign', 'delete'],
  ])('are for a user without any policy not to %s', (action) => {
    expect(rights([admin('*')], USER).allowed(action)).toBe(false)
    expect(rights([admin('*')], USER).refusal(action)).toBe(
      `The action ${action} needs a policy of the scope user that allows it.`,
    )
  })

  it('of a user are never to enrol a token that needs no mailbox', () => {
    const policies = [user('*'), user('enrollSPASS', { name: 'spass' })]
    expect(rights(policies, USER).allowed('enrollEMAIL')).toBe(true)
    expect(rights(policies, USER).allowed('enrollSPASS')).toBe(false)
    expect(rights(policies, USER).refusal('enrollSPASS')).toContain('not allowed to enroll')
    expect(rights([admin('*')], ADMIN).allowed('enrollSPASS')).toBe(true)
  })

  it('are nothing for somebody the only policies are not for', () => {
    const policies = [admin('*', { adminuser: 'root' })]
    expect(rights(policies, { ...ADMIN, name: 'root' }).allowed('disable')).toBe(true)
    expect(rights(policies, ADMIN).allowed('disable')).toBe(false)
  })

  it.each([
    [ADMIN, 'disable', 'Admin actions are defined, but the action disable is not allowed!'],
    [
      ADMIN,
      'enrollEMAIL',
      'Admin actions are defined, but you are not allowed to enroll this token type!',
    ],
    [USER, 'setpin', 'User actions are defined, but the action setpin is not allowed!'],
    [
      USER,
      'enrollEMAIL',
      'User actions are defined, you are not allowed to enroll this token type!',
    ],
  ])('refuse %j %s in the words of the reference', (actor, action, refusal) => {
    const policies = [admin('tokenlist'), user('disable, enable, delete')]
    expect(rights(policies, actor).refusal(action)).toBe(refusal)
    expect(rights(policies, USER).refusal('disable')).toBeUndefined()
  })

  it('are granted by any policy, and taken away only within one', () => {
    const most = admin('*, -delete', { name: 'most' })
    expect(rights([most], ADMIN).allowed('enable')).toBe(true)
    expect(rights([most], ADMIN).allowed('delete')).toBe(false)
    expect(rights([most, admin('delete')], ADMIN).allowed('delete')).toBe(true)
  })

  it('may be limited to some users, and then hold for what is about no user', () => {
    const policies = [admin('disable, policyread', { realm: 'realm1', user: '*, -root' })]
    const upon = (login: string, realm: string) =>
      rights(policies, { ...ADMIN, target: { login, realm } })
    expect(upon('alice', 'Realm1').allowed('disable')).toBe(true)
    expect(upon('root', 'realm1').allowed('disable')).toBe(false)
    expect(upon('alice', 'realm2').allowed('disable')).toBe(false)
    expect(rights(policies, ADMIN).allowed('policyread')).toBe(true)
  })

  it('do not come from names every object has', () => {
    expect(rights([admin('disable')], ADMIN).allowed('constructor')).toBe(false)
  })
})

describe('a PIN', () => {
  const policies = [admin('otp_pin_minlength=4, otp_pin_maxlength=6, otp_pin_contents=cn')]
  const refusal = (pin: string, actor = ADMIN) => pinRefusal(pinRules(policies, actor), pin)

  it.each([
    ['abc', 'The minimum OTP PIN length is 4'],
    ['abc1234', 'The maximum OTP PIN length is 6'],
    ['abcd', 'Missing character in PIN!'],
    ['abc1 ', 'Not allowed character in PIN!'],
    ['abc1', undefined],
    ['ab.1', undefined],
  ])('%j set by an administrator: %s', (pin, expected) => {
    expect(refusal(pin)).toBe(expected)
  })

  it('that users set is not for the policies of administrators', () => {
    expect(refusal('', USER)).toBeUndefined()
  })

  it.each([
    ['+cn', '1', true],
    ['+cn', '.', false],
    ['-s', 'ab1', true],
    ['-s', 'ab.', false],
    ['-cs', '12', true],
    ['[0123]', '0312', true],
    ['[0123]', '4', false],
    ['n', 'a', false],
  ])('of contents %s may be %s: %s', (contents, pin, allowed) => {
    const rules = pinRules([user(`otp_pin_contents=${contents}`)], USER)
    expect(pinRefusal(rules, pin) === undefined).toBe(allowed)
  })

  it('cannot be set while two policies contradict', () => {
    const contradicting = [
      user('otp_pin_minlength=4', { name: 'a' }),
      user('otp_pin_minlength=5', { name: 'b' }),
    ]
    expect(pinRefusal(pinRules(contradicting, USER), '123456')).toContain('otp_pin_minlength')
  })
})
