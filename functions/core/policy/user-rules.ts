import { SELF_SERVICE } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type UserRules = ReturnType<typeof readUserRules>

/** How users may change what is their own: the scope `user`, besides the rights it grants. */
export function userRules(policies: readonly Policy[], user: LoginContext): UserRules {
  const context = asked(user)
  const matched = matchingPolicies(policies, 'user', context)
  return matched.length === 0 ? DEFAULTS : readUserRules(matched, context)
}

function readUserRules(matched: readonly Policy[], context: PolicyContext) {
  const { one, conflicts } = ruleReader(matched, SELF_SERVICE, context)
  return {
    /** Whether a token may have another address than its owner's; contradictions forbid it. */
    editEmail: one('edit_email', true, false),
    conflicts,
  }
}

const DEFAULTS = Object.freeze(readUserRules([], { now: 0 }))
