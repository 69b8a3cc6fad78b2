import { WEBUI } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type WebuiRules = ReturnType<typeof readWebuiRules>

/** How one signs in at `/auth`: the scope `webui`. Contradicting policies disable it. */
export function webuiRules(policies: readonly Policy[], login: LoginContext): WebuiRules {
  const context = asked(login)
  const matched = matchingPolicies(policies, 'webui', context)
  return matched.length === 0 ? DEFAULTS : readWebuiRules(matched, context)
}

function readWebuiRules(matched: readonly Policy[], context: PolicyContext) {
  const { one, conflicts } = ruleReader(matched, WEBUI, context)
  return {
    /** By the user's own password, by the user's token, or not at all. */
    loginMode: one('login_mode', 'userstore', 'disable'),
    conflicts,
  }
}

const DEFAULTS = Object.freeze(readWebuiRules([], { now: 0 }))
