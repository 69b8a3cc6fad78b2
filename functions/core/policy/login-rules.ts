import { AUTHENTICATION } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type LoginRules = ReturnType<typeof readLoginRules>

/**
 * How one login goes: the scope `authentication`. While `conflicts` has entries the login must be
 * refused; mail texts that contradict each other only keep the mail from going out.
 */
export function loginRules(policies: readonly Policy[], login: LoginContext): LoginRules {
  const context = asked(login)
  const matched = matchingPolicies(policies, 'authentication', context)
  return matched.length === 0 ? DEFAULTS : readLoginRules(matched, context)
}

function readLoginRules(matched: readonly Policy[], context: PolicyContext) {
  const { flag, all, one, ruling, conflicts } = ruleReader(matched, AUTHENTICATION, context)
  return {
    /** What comes before the OTP: the token's PIN, the user's own password, nothing or anything. */
    otppin: one('otppin', 'tokenpin'),
    /** PIN and OTP in one are no longer accepted. Without effect where only a serial is named. */
    forceChallengeResponse: flag('force_challenge_response'),
    increaseFailcounterOnChallenge: flag('increase_failcounter_on_challenge'),
    resetAllUserTokens: flag('reset_all_user_tokens'),
    disabledTokenTypes: all('disabled_token_types'),
    passOnNoToken: flag('passOnNoToken'),
    passOnNoUser: flag('passOnNoUser'),
    passthru: one('passthru', undefined),
    preferredClientMode: one('preferred_client_mode', CLIENT_MODES),
    clientModePerUser: flag('client_mode_per_user'),
    hideSpecificErrorMessage: flag('hide_specific_error_message'),
    changePinViaValidate: flag('change_pin_via_validate'),
    enrollViaMultichallenge: one('enroll_via_multichallenge', undefined),
    enrollViaMultichallengeOptional: flag('enroll_via_multichallenge_optional'),
    enrollViaMultichallengeText: one('enroll_via_multichallenge_text', undefined),
    /** Mail goes to the address of the user at send time; a token's own is used where they have none. */
    dynamicEmailAddress: flag('dynamic_email_address'),
    /** The next OTP is mailed after a success. */
    emailAutosend: flag('emailautosend'),
    /** The providers that send the code, in the order they are tried. */
    emailProvider: ruling('email_provider', undefined),
    emailText: ruling('emailtext', undefined),
    emailSubject: ruling('emailsubject', undefined),
    /** Seconds a code can be used. */
    emailValidtime: one('email_validtime', undefined, SHORTEST),
    /** Digits of a code, where its token does not have more. */
    emailOtplen: one('email_otplen', undefined, LONGEST_CODE),
    /** Asks for the code. The generic `challenge_text` does not speak for e-mail. */
    challengeText: one('email_challenge_text', undefined),
    challengeTextHeader: one('challenge_text_header', undefined),
    challengeTextFooter: one('challenge_text_footer', undefined),
    /** The realm to look for the user in, whatever the request says. */
    setRealm: one('set_realm', undefined),
    conflicts,
  }
}

const SHORTEST = 10
const LONGEST_CODE = 10
const CLIENT_MODES = Object.freeze(['interactive', 'webauthn', 'poll', 'u2f'] as const)
const DEFAULTS = Object.freeze(readLoginRules([], { now: 0 }))
