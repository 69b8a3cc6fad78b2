import { AUTHORIZATION } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'
import { matchesSerial } from './serial-pattern.ts'

export type AuthorizationRules = ReturnType<typeof readAuthorizationRules>

/**
 * What a login may use and what its answer tells: the scope `authorization`. While `conflicts` has
 * entries the login must be refused.
 */
export function authorizationRules(
  policies: readonly Policy[],
  login: LoginContext,
): AuthorizationRules {
  const matched = matchingPolicies(policies, 'authorization', asked(login))
  return matched.length === 0 ? DEFAULTS : readAuthorizationRules(matched)
}

function readAuthorizationRules(matched: readonly Policy[]) {
  const { flag, all, one, conflicts } = ruleReader(matched, AUTHORIZATION)
  return {
    noDetailOnSuccess: flag('no_detail_on_success'),
    noDetailOnFail: flag('no_detail_on_fail'),
    addUserInResponse: flag('add_user_in_response'),
    addResolverInResponse: flag('add_resolver_in_response'),
    /** The request may name the type of token it means. */
    applicationTokentype: flag('application_tokentype'),
    /** Empty: every type. */
    tokentype: all('tokentype'),
    /** Patterns, of which one must match; see {@link serialAllowed}. Empty: every serial. */
    serial: all('serial'),
    authorized: one('authorized', 'grant_access', 'deny_access'),
    apiKeyRequired: flag('api_key_required'),
    authMaxSuccess: one('auth_max_success', undefined, NEVER),
    authMaxFail: one('auth_max_fail', undefined, NEVER),
    /** Seconds a token may have been unused. */
    lastAuth: one('last_auth', undefined, 0),
    conflicts,
  }
}

const NEVER = Object.freeze({ count: 0, seconds: 60 })
const DEFAULTS = Object.freeze(readAuthorizationRules([]))

/** Whether a token with this serial may be used. */
export const serialAllowed = ({ serial }: AuthorizationRules, of: string): boolean =>
  serial.policies.length === 0 || serial.value.some((pattern) => matchesSerial(pattern, of))

/** Whether a token of this type may be used. */
export const tokentypeAllowed = ({ tokentype }: AuthorizationRules, type: string): boolean =>
  tokentype.policies.length === 0 || tokentype.value.includes(type.toLowerCase())
