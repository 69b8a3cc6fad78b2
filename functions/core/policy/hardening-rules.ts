import { HARDENING } from './actions.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type HardeningRules = ReturnType<typeof readHardeningRules>

/** What answers keep to themselves: the scope `hardening`. */
export function hardeningRules(
  policies: readonly Policy[],
  caller: Pick<PolicyContext, 'client' | 'userAgent' | 'now'>,
): HardeningRules {
  const matched = matchingPolicies(policies, 'hardening', caller)
  return matched.length === 0 ? DEFAULTS : readHardeningRules(matched, caller)
}

function readHardeningRules(matched: readonly Policy[], context: PolicyContext) {
  const { flag } = ruleReader(matched, HARDENING, context)
  return {
    hideVersion: flag('hide_version'),
    /** Errors of logins have status 401, whatever is wrong. */
    hideAuthErrorStatus: flag('hide_auth_error_status'),
  }
}

const DEFAULTS = Object.freeze(readHardeningRules([], { now: 0 }))
