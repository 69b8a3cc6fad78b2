import type { Account } from '../../core/account.ts'
import { resolverOf } from '../../core/directory.ts'
import { enrollmentRefusal, enrollmentRules } from '../../core/policy/enrollment-rules.ts'
import type { AdminCall } from './admin-route.ts'
import type { AdminPorts } from './admin-ports.ts'

/** What the policies of enrolment say about a user. */
export function rulesFor(ports: AdminPorts, { caller, request }: AdminCall, owner: Account) {
  return enrollmentRules(caller.settings.policies, {
    login: owner.login,
    realm: owner.realm,
    resolver: owner.login === undefined ? undefined : resolverOf(owner, caller.settings),
    client: request.clientIp,
    userAgent: request.headers['user-agent'],
    now: ports.now(),
  })
}

/** Why the owner may not have one more e-mail token, or undefined. */
export function oneMore(ports: AdminPorts, call: AdminCall, owner: Account): string | undefined {
  const rules = rulesFor(ports, call, owner)
  const [conflict] = rules.conflicts
  if (conflict) return `There are conflicting policies for ${conflict.action}.`
  if (owner.login === undefined) return undefined
  const tokens = Object.values(owner.tokens)
  const email = tokens.filter(({ type = 'email' }) => type === 'email')
  return enrollmentRefusal(rules, {
    tokens: tokens.length,
    email: email.length,
    activeEmail: email.filter(({ enabled }) => enabled).length,
  })
}
