import { firstMiss } from './match.ts'
import type { Miss, PolicyContext } from './match.ts'
import type { Policy, Scope } from './policy.ts'

/** Whether a policy applies, and if not, the first reason why not. */
export type Explanation =
  | { name: string; applies: true }
  | { name: string; applies: false; member: Miss['member'] | 'active' | 'scope'; reason: string }

/** Explains every policy for one request; with `scope`, policies of others do not apply. */
export function explainPolicies(
  policies: readonly Policy[],
  context: PolicyContext & { scope?: Scope | undefined },
): Explanation[] {
  return policies.map((policy) => explain(policy, context))
}

function explain(
  policy: Policy,
  { scope, ...context }: PolicyContext & { scope?: Scope | undefined },
): Explanation {
  const { name } = policy
  const not = (member: Miss['member'] | 'active' | 'scope', reason: string): Explanation => ({
    name,
    applies: false,
    member,
    reason,
  })

  if (!policy.active) return not('active', 'The policy is not active.')
  if (scope !== undefined && policy.scope !== scope) {
    return not('scope', `Its scope is ${policy.scope}, not ${scope}.`)
  }
  const miss = firstMiss(policy, context)
  return miss ? not(miss.member, sentence(policy, context, miss)) : { name, applies: true }
}

function sentence(policy: Policy, context: PolicyContext, { member, why }: Miss): string {
  if (member === 'time') {
    return `${new Date(context.now).toUTCString()} is outside of ${policy.time}.`
  }
  const camel = member === 'user_agents' ? 'userAgents' : member
  const asked = context[member === 'user_agents' ? 'userAgent' : member] ?? ''
  const verb = why === 'excluded' ? 'excluded by' : 'not in'
  return `${member} "${asked}" is ${verb} ${policy[camel].join(', ')}.`
}
