import { ACTIONS } from './actions.ts'
import type { Catalogue } from './action-value.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import { namesOf } from './policy.ts'
import type { Policy, Scope } from './policy.ts'
import { ruleReader } from './rule.ts'
import type { Conflict, Ruling } from './rule.ts'

/** What the policies that match say about one action. */
export type InForce = {
  action: string
  /** As it was written; true for one that is switched on. Undefined: they contradict each other. */
  value?: string | true
  /** Those that decided it. */
  policies: readonly string[]
  conflict?: Conflict
  /** Nothing in Otpost asks for it. */
  withoutEffect?: true
}

/** A reader of a catalogue whose names are not known to the compiler. */
type Reader = { ruling(action: string, fallback: undefined): Ruling<unknown> }

/** Actions whose values add up over all policies. */
const GATHERED: readonly string[] = [
  'disabled_token_types',
  'tokentype',
  'serial',
  'verify_enrollment',
  'require_description',
]

/** Every action of a scope that is in force, by name. */
export function actionsInForce(
  policies: readonly Policy[],
  scope: Scope,
  asked: PolicyContext,
): InForce[] {
  const matched = matchingPolicies(policies, scope, asked)
  const catalogue: Catalogue = ACTIONS[scope]
  const { ruling } = ruleReader(matched, catalogue, asked) as unknown as Reader
  const names = [...new Set(matched.flatMap(({ action }) => Object.keys(action)))].sort()

  return names.map((action) => {
    const setting = matched.filter((policy) => Object.hasOwn(policy.action, action))
    const kind = Object.hasOwn(catalogue, action) ? catalogue[action] : undefined
    const one = { action, policies: namesOf(setting) }
    if (!kind || 'flag' in kind || GATHERED.includes(action)) {
      const values = [...new Set(setting.map((policy) => policy.action[action]!))]
      const value = values.includes(true) ? (true as const) : values.join(' ')
      return { ...one, value, ...(kind ? {} : { withoutEffect: true as const }) }
    }
    const decided = ruling(action, undefined)
    if ('conflict' in decided) return { ...one, ...decided }
    const chosen = setting.find(({ name }) => name === decided.policies[0])!
    return { action, value: chosen.action[action]!, policies: decided.policies }
  })
}
