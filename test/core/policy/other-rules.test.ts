import { describe, expect, it } from 'vitest'
import {
  authorizationRules,
  serialAllowed,
  tokentypeAllowed,
} from '../../../functions/core/policy/authorization-rules.ts'
import {
  enrollmentRefusal,
  enrollmentRules,
} from '../../../functions/core/policy/enrollment-rules.ts'
import { hardeningRules } from '../../../functions/core/policy/hardening-rules.ts'
import { policyFromLinotp, toLinotp } from '../../../functions/core/policy/linotp-policy.ts'
import { notificationRule } from '../../../functions/core/policy/notification-rules.ts'
import { readPolicy } from '../../../functions/core/policy/read-policy.ts'
import { webuiRules } from '../../../functions/core/policy/webui-rules.ts'
import { ALICE, FRIDAY, policy } from './policies.ts'

describe('the rules of authorization', () => {
  const set = (action: string, members = {}) =>
    policy({ scope: 'authorization', action, ...members })

  it('allow everything while no policy applies', () => {
    const rules = authorizationRules([], ALICE)
    expect(rules).toMatchObject({
      noDetailOnSuccess: { value: false },
      authorized: { value: 'grant_access' },
      apiKeyRequired: { value: false },
      authMaxSuccess: { value: undefined },
      authMaxFail: { value: undefined },
      lastAuth: { value: undefined },
      conflicts: [],
    })
    expect(serialAllowed(rules, 'EM00000001')).toBe(true)
    expect(tokentypeAllowed(rules, 'email')).toBe(true)
  })

  it.each([
    ['no_detail_on_success', 'noDetailOnSuccess', true],
    ['no_detail_on_fail', 'noDetailOnFail', true],
    ['add_user_in_response', 'addUserInResponse', true],
    ['add_resolver_in_response', 'addResolverInResponse', true],
    ['application_tokentype', 'applicationTokentype', true],
    ['authorized=deny_access', 'authorized', 'deny_access'],
    ['api_key_required', 'apiKeyRequired', true],
    ['auth_max_success=2/5m', 'authMaxSuccess', { count: 2, seconds: 300 }],
    ['auth_max_fail=1 / 3h', 'authMaxFail', { count: 1, seconds: 10_800 }],
    ['last_auth=7d', 'lastAuth', 604_800],
  ] as const)('take %s', (action, rule, value) => {
    expect(authorizationRules([set(action)], ALICE)[rule]).toEqual({ value, policies: ['p'] })
  })

  it('allow a serial that one of the patterns matches', () => {
    const rules = authorizationRules([set('serial=^OATH ^EM[0-9]{3}$')], ALICE)
    expect(
      ['OATH1', 'EM123', 'EM1234', 'XEM123'].map((each) => serialAllowed(rules, each)),
    ).toEqual([true, true, false, false])
  })

  it('allow the types of all policies', () => {
    const rules = authorizationRules(
      [set('tokentype=hotp', { name: 'a' }), set('tokentype=sms', { name: 'b' })],
      ALICE,
    )
    expect(['HOTP', 'sms', 'email'].map((type) => tokentypeAllowed(rules, type))).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each([
    ['authorized', 'grant_access', 'deny_access', 'authorized', 'deny_access'],
    ['auth_max_fail', '2/5m', '3/5m', 'authMaxFail', { count: 0, seconds: 60 }],
    ['last_auth', '7d', '8d', 'lastAuth', 0],
  ] as const)('are strictest where two policies contradict on %s', (action, a, b, rule, value) => {
    const policies = [set(`${action}=${a}`, { name: 'a' }), set(`${action}=${b}`, { name: 'b' })]
    const rules = authorizationRules(policies, ALICE)
    expect(rules[rule]).toEqual({ value, policies: ['a', 'b'] })
    expect(rules.conflicts).toEqual([{ action, values: [a, b], policies: ['a', 'b'] }])
  })
})

describe('the rules of enrolment', () => {
  const set = (action: string, members = {}) => policy({ scope: 'enrollment', action, ...members })
  const owned = { tokens: 2, email: 1, activeEmail: 1 }

  it('take every action', () => {
    const action =
      'verify_enrollment=email hotp, email_validation=mx, require_description=email, ' +
      'change_pin_on_first_use, email_max_token_per_user=3, max_token_per_user=5, autoenrollment=email'
    expect(enrollmentRules([set(action)], ALICE)).toMatchObject({
      verifyEnrollment: { value: ['email', 'hotp'] },
      emailValidation: { value: 'mx' },
      requireDescription: { value: ['email'] },
      changePinOnFirstUse: { value: true },
      emailMaxTokenPerUser: { value: 3, policies: ['p'] },
      emailMaxActiveTokenPerUser: { value: undefined },
      maxTokenPerUser: { value: 5 },
      autoenrollment: { value: 'email', policies: ['p'] },
    })
  })

  it.each([
    ['verify_enrollment=email', undefined],
    ['email_max_token_per_user=2', undefined],
    ['email_max_token_per_user=1', 'The number of tokens of type email for this user is limited!'],
    ['email_max_token_per_user=0', 'The number of tokens of type email for this user is limited!'],
    ['max_token_per_user=2', 'The number of tokens for this user is limited!'],
    [
      'email_max_active_token_per_user=1',
      'The number of active tokens of type email for this user is limited!',
    ],
  ])('with %s answer a second token: %s', (action, refusal) => {
    expect(enrollmentRefusal(enrollmentRules([set(action)], ALICE), owned)).toBe(refusal)
  })

  it('allow no token where two policies contradict', () => {
    const policies = [
      set('max_token_per_user=5', { name: 'a' }),
      set('max_token_per_user=6', { name: 'b' }),
    ]
    const none = { tokens: 0, email: 0, activeEmail: 0 }
    expect(enrollmentRefusal(enrollmentRules(policies, ALICE), none)).toContain('is limited')
  })
})

describe('X26 autoenrollment', () => {
  const read = (value: string) =>
    readPolicy('p', { scope: 'enrollment', action: { autoenrollment: value } })

  it.each(['email', 'EMAIL', '*', 'email sms', 'sms email'])('takes %s for e-mail', (value) => {
    expect(read(value)).toMatchObject({ unknownActions: [] })
    const policies = [policy({ scope: 'enrollment', action: { autoenrollment: value } })]
    expect(enrollmentRules(policies, ALICE).autoenrollment.value).toBe('email')
  })

  it.each(['sms', 'hotp', 'mail'])('refuses %s and says what is accepted', (value) => {
    expect(read(value)).toMatchObject({
      refused: { member: 'action.autoenrollment', accepted: expect.stringContaining('email') },
    })
  })

  it('is nobody’s without a policy', () => {
    expect(enrollmentRules([], ALICE).autoenrollment).toEqual({ value: undefined, policies: [] })
  })
})

describe('X26 the rules of notification', () => {
  const set = (action: string, members = {}) =>
    policy({ scope: 'notification', action, ...members })
  const events = ['autoenrollment', 'enrollment', 'setPin'] as const

  it.each([
    ['email::office', ['office']],
    ['email::Office-1 email::backup', ['Office-1', 'backup']],
    ['email::a,email::b', ['a', 'b']],
    ['email', []],
    ['email::', []],
    ['EMAIL::office', ['office']],
  ])('read %s as %j', (value, providers) => {
    for (const event of events) {
      const policies = [policy({ scope: 'notification', action: { [event]: value } })]
      expect(notificationRule(policies, ALICE, event)).toEqual({
        value: providers,
        policies: ['p'],
      })
    }
  })

  it.each(['sms::modem', 'office', 'email::office sms::modem', 'email::a b', 'email:office'])(
    'refuse %s and say what is accepted',
    (value) => {
      const parsed = readPolicy('p', { scope: 'notification', action: { setPin: value } })
      expect(parsed).toMatchObject({
        refused: {
          member: 'action.setPin',
          accepted: expect.stringContaining('email::<provider>'),
        },
      })
    },
  )

  it('tell nobody without a policy of this act and this user', () => {
    const nobody = { value: undefined, policies: [] }
    expect(notificationRule([], ALICE, 'setPin')).toEqual(nobody)
    expect(notificationRule([set('setPin=email')], ALICE, 'enrollment')).toEqual(nobody)
    expect(notificationRule([set('setPin=email', { user: 'bob' })], ALICE, 'setPin')).toEqual(
      nobody,
    )
  })

  it('say where policies contradict each other', () => {
    const policies = [set('setPin=email::a', { name: 'a' }), set('setPin=email::b', { name: 'b' })]
    expect(notificationRule(policies, ALICE, 'setPin')).toEqual({
      conflict: { action: 'setPin', values: ['email::a', 'email::b'], policies: ['a', 'b'] },
    })
  })

  it('come from LinOTP as they are, and go back', () => {
    const members = { scope: 'notification', action: 'setPin=email::office ', user: '*' }
    const parsed = policyFromLinotp('notify', members)
    if (!('policy' in parsed)) throw new Error(parsed.refused.reason)
    expect(parsed).toMatchObject({ policy: { scope: 'notification' }, unknownActions: [] })
    expect(toLinotp(parsed.policy)).toMatchObject({
      linotp: { scope: 'notification', action: 'setPin=email::office' },
    })
  })
})

describe('the rules of hardening', () => {
  it('hide what a policy of this client says', () => {
    const policies = [
      policy({ scope: 'hardening', action: 'hide_version', client: '10.0.0.0/8', realm: 'realm2' }),
    ]
    const from = (client: string) => hardeningRules(policies, { client, now: FRIDAY })
    expect(from('10.1.1.1').hideVersion.value).toBe(true)
    expect(from('10.1.1.1').hideAuthErrorStatus.value).toBe(false)
    expect(from('192.0.2.1').hideVersion.value).toBe(false)
  })
})

describe('the rules of the web interface', () => {
  const set = (mode: string, name: string) =>
    policy({ scope: 'webui', action: `login_mode=${mode}`, name })

  it('choose how one signs in', () => {
    expect(webuiRules([], ALICE).loginMode.value).toBe('userstore')
    expect(webuiRules([set('privacyIDEA', 'a')], ALICE).loginMode.value).toBe('privacyIDEA')
    const contradicting = [set('privacyIDEA', 'a'), set('userstore', 'b')]
    expect(webuiRules(contradicting, ALICE).loginMode.value).toBe('disable')
  })
})
