import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loginRules } from '../../../functions/core/policy/login-rules.ts'
import type { LoginContext } from '../../../functions/core/policy/login-context.ts'
import type { Policy } from '../../../functions/core/policy/policy.ts'
import { ALICE, policy } from './policies.ts'

const rulesOf = (policies: Policy[], login: LoginContext = ALICE) => loginRules(policies, login)
const set = (action: unknown, members = {}) => policy({ action, ...members })

describe('the rules of a login', () => {
  it('are the defaults while no policy applies', () => {
    const rules = rulesOf([])
    expect(rules).toMatchObject({
      otppin: { value: 'tokenpin', policies: [] },
      forceChallengeResponse: { value: false, policies: [] },
      disabledTokenTypes: { value: [], policies: [] },
      passthru: { value: undefined, policies: [] },
      preferredClientMode: { value: ['interactive', 'webauthn', 'poll', 'u2f'], policies: [] },
      emailText: { value: undefined, policies: [] },
      conflicts: [],
    })
    expect(rulesOf([set('passOnNoUser', { user: 'bob' })])).toBe(rules)
  })

  it.each([
    ['otppin=userstore', 'otppin', 'userstore'],
    ['otppin=none', 'otppin', 'none'],
    ['force_challenge_response', 'forceChallengeResponse', true],
    ['increase_failcounter_on_challenge', 'increaseFailcounterOnChallenge', true],
    ['reset_all_user_tokens', 'resetAllUserTokens', true],
    ['disabled_token_types=EMAIL hotp', 'disabledTokenTypes', ['email', 'hotp']],
    ['passOnNoToken', 'passOnNoToken', true],
    ['passOnNoUser', 'passOnNoUser', true],
    ['passthru=userstore', 'passthru', 'userstore'],
    ['preferred_client_mode=poll interactive', 'preferredClientMode', ['poll', 'interactive']],
    ['client_mode_per_user', 'clientModePerUser', true],
    ['hide_specific_error_message', 'hideSpecificErrorMessage', true],
    ['change_pin_via_validate', 'changePinViaValidate', true],
    ['enroll_via_multichallenge=EMAIL', 'enrollViaMultichallenge', 'email'],
    ['enroll_via_multichallenge_optional', 'enrollViaMultichallengeOptional', true],
    ['enroll_via_multichallenge_text=Your address', 'enrollViaMultichallengeText', 'Your address'],
    ['emailautosend', 'emailAutosend', true],
    ['email_validtime=300', 'emailValidtime', 300],
    ['email_otplen=8', 'emailOtplen', 8],
    ['emailtext=Code\\, dear {user}: <otp>', 'emailText', 'Code, dear {user}: <otp>'],
    ["emailsubject=' OTP '", 'emailSubject', ' OTP '],
    ['email_challenge_text=Look at {email}', 'challengeText', 'Look at {email}'],
    ['challenge_text_header=Choose:', 'challengeTextHeader', 'Choose:'],
    ['challenge_text_footer=Bye', 'challengeTextFooter', 'Bye'],
    ['set_realm=Realm2', 'setRealm', 'realm2'],
  ] as const)('take %s', (action, rule, value) => {
    expect(rulesOf([set(action)])[rule]).toEqual({ value, policies: ['p'] })
  })

  it('ignore the generic challenge text, which does not speak for e-mail', () => {
    expect(rulesOf([set('challenge_text=Hello')]).challengeText.value).toBeUndefined()
  })

  it('take a single value from the policy with the smallest priority', () => {
    const policies = [
      set('otppin=none', { name: 'later', priority: 2 }),
      set('otppin=userstore', { name: 'first' }),
      set('otppin=tokenpin', { name: 'elsewhere', realm: 'realm2' }),
    ]
    expect(rulesOf(policies)).toMatchObject({
      otppin: { value: 'userstore', policies: ['first'] },
      conflicts: [],
    })
  })

  it('take lists and switches from all policies', () => {
    const policies = [
      set('disabled_token_types=sms, passOnNoToken', { name: 'a', priority: 9 }),
      set('disabled_token_types=email, passOnNoToken', { name: 'b' }),
    ]
    expect(rulesOf(policies)).toMatchObject({
      disabledTokenTypes: { value: ['sms', 'email'], policies: ['a', 'b'] },
      passOnNoToken: { value: true, policies: ['a', 'b'] },
    })
  })

  it('name every policy that agrees', () => {
    const policies = [set('otppin=none', { name: 'a' }), set('otppin=none', { name: 'b' })]
    expect(rulesOf(policies).otppin).toEqual({ value: 'none', policies: ['a', 'b'] })
  })

  it('hold the contradiction of two mail texts, which only the mail suffers from', () => {
    const policies = [
      set('emailtext=A <otp>', { name: 'p-text' }),
      set('emailtext=B <otp>', { name: 'p-text2' }),
    ]
    expect(rulesOf(policies)).toMatchObject({
      emailText: {
        conflict: {
          action: 'emailtext',
          values: ['A <otp>', 'B <otp>'],
          policies: ['p-text', 'p-text2'],
        },
      },
      emailSubject: { value: undefined, policies: [] },
      conflicts: [],
    })
  })

  it('list any other contradiction, and have the default meanwhile', () => {
    const policies = [
      set('otppin=none', { name: 'a' }),
      set('otppin=userstore', { name: 'b' }),
      set('otppin=tokenpin', { name: 'c', priority: 2 }),
    ]
    expect(rulesOf(policies)).toMatchObject({
      otppin: { value: 'tokenpin', policies: ['a', 'b'] },
      conflicts: [{ action: 'otppin', values: ['none', 'userstore'], policies: ['a', 'b'] }],
    })
  })

  it('do not contradict each other by spelling one value in two ways', () => {
    const policies = [
      set('otppin=0', { name: 'a' }),
      set('otppin=tokenpin', { name: 'b' }),
      set('otppin=token_pin', { name: 'c' }),
    ]
    expect(rulesOf(policies)).toMatchObject({
      otppin: { value: 'tokenpin', policies: ['a', 'b', 'c'] },
      conflicts: [],
    })
    expect(rulesOf([...policies, set('otppin=1', { name: 'd' })]).conflicts).toHaveLength(1)
  })

  it('apply no restricted policy to a user, resolver or program that is unknown', () => {
    const unknown = { realm: 'realm1', client: '10.1.2.3', now: ALICE.now }
    for (const member of ['user', 'resolver', 'user_agents', 'application']) {
      const restricted = set('passOnNoUser', { [member]: 'x' })
      expect(rulesOf([restricted], unknown).passOnNoUser.value).toBe(false)
    }
    expect(rulesOf([set('passOnNoUser')], unknown).passOnNoUser.value).toBe(true)
  })

  it('decide as one who reads all policies aloud would', () => {
    const policies = fc.array(
      fc.record({
        action: fc.constantFrom(
          'otppin=none',
          'otppin=userstore',
          'otppin=tokenpin',
          'set_realm=x',
        ),
        priority: fc.integer({ min: 1, max: 3 }),
        user: fc.constantFrom('alice', 'bob', '*'),
      }),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(policies, (each) => {
        const heard = each
          .filter(({ action, user }) => action.startsWith('otppin') && user !== 'bob')
          .sort((a, b) => a.priority - b.priority)
        const best = heard.filter(({ priority }) => priority === heard[0]!.priority)
        const values = new Set(best.map(({ action }) => action.slice('otppin='.length)))
        const [only = 'tokenpin'] = values

        const rules = rulesOf(each.map((members) => policy(members)))
        expect(rules.otppin.value).toBe(values.size > 1 ? 'tokenpin' : only)
        expect(rules.otppin.policies).toHaveLength(best.length)
        const contradicted = rules.conflicts.map(({ action }) => action)
        expect(contradicted).toEqual(values.size > 1 ? ['otppin'] : [])
      }),
      { numRuns: 300 },
    )
  })
})
