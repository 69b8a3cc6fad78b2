import { ENROLLMENT } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type EnrollmentRules = ReturnType<typeof readEnrollmentRules>

/**
 * How the tokens of one user are enrolled: the scope `enrollment`. While `conflicts` has entries an
 * enrolment must be refused.
 */
export function enrollmentRules(policies: readonly Policy[], owner: LoginContext): EnrollmentRules {
  const context = asked(owner)
  const matched = matchingPolicies(policies, 'enrollment', context)
  return matched.length === 0 ? DEFAULTS : readEnrollmentRules(matched, context)
}

function readEnrollmentRules(matched: readonly Policy[], context: PolicyContext) {
  const { flag, all, one, conflicts } = ruleReader(matched, ENROLLMENT, context)
  return {
    /** Types of token that cannot be used before a first code was entered. */
    verifyEnrollment: all('verify_enrollment'),
    emailMaxTokenPerUser: one('email_max_token_per_user', undefined, 0),
    emailMaxActiveTokenPerUser: one('email_max_active_token_per_user', undefined, 0),
    maxTokenPerUser: one('max_token_per_user', undefined, 0),
    /** How thoroughly the domain of a new address is looked at. */
    emailValidation: one('email_validation', 'standard', 'mx'),
    /** Types of token that need a description. */
    requireDescription: all('require_description'),
    changePinOnFirstUse: flag('change_pin_on_first_use'),
    /** Who has no token gets one of this type by their password. */
    autoenrollment: one('autoenrollment', undefined),
    conflicts,
  }
}

const DEFAULTS = Object.freeze(readEnrollmentRules([], { now: 0 }))

/** What an owner has before another e-mail token is added. */
export type TokenCounts = { tokens: number; email: number; activeEmail: number }

/** Why the owner may not have another e-mail token, in the reference's words; undefined: may. */
export function enrollmentRefusal(rules: EnrollmentRules, owned: TokenCounts): string | undefined {
  const reached = (limit: number | undefined, count: number) =>
    limit !== undefined && count >= limit
  if (reached(rules.maxTokenPerUser.value, owned.tokens)) {
    return 'The number of tokens for this user is limited!'
  }
  if (reached(rules.emailMaxTokenPerUser.value, owned.email)) {
    return 'The number of tokens of type email for this user is limited!'
  }
  if (reached(rules.emailMaxActiveTokenPerUser.value, owned.activeEmail)) {
    return 'The number of active tokens of type email for this user is limited!'
  }
  return undefined
}
