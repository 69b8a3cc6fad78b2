import { AUTHORIZATION } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { activePolicies, matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import { namesOf } from './policy.ts'
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
  const context = asked(login)
  const matched = matchingPolicies(policies, 'authorization', context)
  const rules = matched.length === 0 ? DEFAULTS : readAuthorizationRules(matched, context)
  const unlisted = rules.authorize.value ? NONE : authorizing(policies)
  if (unlisted.length === 0) return rules
  return { ...rules, authorized: { value: 'deny_access', policies: unlisted } }
}

const NONE: readonly string[] = Object.freeze([])
const authorizingOf = new WeakMap<readonly Policy[], readonly string[]>()

/** LinOTP's `authorize`: from the first policy that sets it on, it lists everybody who may log in. */
function authorizing(policies: readonly Policy[]): readonly string[] {
  const active = activePolicies(policies, 'authorization')
  const known = active.length === 0 ? NONE : authorizingOf.get(active)
  if (known) return known
  const names = namesOf(active.filter(({ action }) => Object.hasOwn(action, 'authorize')))
  authorizingOf.set(active, names)
  return names
}

function readAuthorizationRules(matched: readonly Policy[], context: PolicyContext) {
  const { flag, all, one, conflicts } = ruleReader(matched, AUTHORIZATION, context)
  return {
    noDetailOnSuccess: flag('no_detail_on_success'),
    noDetailOnFail: flag('no_detail_on_fail'),
    /** LinOTP's wire tells who got in by what. */
    detailOnSuccess: flag('detail_on_success'),
    /** LinOTP's wire tells why somebody was rejected. */
    detailOnFail: flag('detail_on_fail'),
    addUserInResponse: flag('add_user_in_response'),
    addResolverInResponse: flag('add_resolver_in_response'),
    /** The request may name the type of token it means. */
    applicationTokentype: flag('application_tokentype'),
    /** Empty: every type. */
    tokentype: all('tokentype'),
    /** Patterns, of which one must match; see {@link serialAllowed}. Empty: every serial. */
    serial: all('serial'),
    /** This login is one of those that are listed; see {@link authorizing}. */
    authorize: flag('authorize'),
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
const DEFAULTS = Object.freeze(readAuthorizationRules([], { now: 0 }))

/** Whether a token with this serial may be used. */
export const serialAllowed = ({ serial }: AuthorizationRules, of: string): boolean =>
  serial.policies.length === 0 || serial.value.some((pattern) => matchesSerial(pattern, of))

/** Whether a token of this type may be used. */
export const tokentypeAllowed = ({ tokentype }: AuthorizationRules, type: string): boolean =>
  tokentype.policies.length === 0 || tokentype.value.includes(type.toLowerCase())
