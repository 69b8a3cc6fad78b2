import { NOTIFICATION } from './actions.ts'
import { asked } from './login-context.ts'
import type { LoginContext } from './login-context.ts'
import { matchingPolicies } from './match.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'
import type { Ruling } from './rule.ts'

/** An act that people are told of: the name of its action. */
export type NoticeEvent = keyof typeof NOTIFICATION

/**
 * Whether a user is told of an act, and who sends: the scope `notification`. Names in the order they
 * are tried; empty: who sends without a policy. Undefined: the user is not told.
 */
export function notificationRule(
  policies: readonly Policy[],
  user: LoginContext,
  event: NoticeEvent,
): Ruling<readonly string[] | undefined> {
  const context = asked(user)
  const matched = matchingPolicies(policies, 'notification', context)
  return ruleReader(matched, NOTIFICATION, context).ruling(event, undefined)
}
