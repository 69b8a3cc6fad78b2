import type { Policy } from '../../../functions/core/policy/policy.ts'
import { readPolicy } from '../../../functions/core/policy/read-policy.ts'

/** A policy of the scope `authentication` that sets nothing of note, but for what is given. */
export function policy(members: Record<string, unknown> = {}): Policy {
  const { name = 'p', ...rest } = members
  const parsed = readPolicy(String(name), {
    scope: 'authentication',
    action: 'emailautosend',
    ...rest,
  })
  if ('refused' in parsed) throw new Error(JSON.stringify(parsed.refused))
  return parsed.policy
}

/** Friday, 20 November 2026, 10:30 UTC. */
export const FRIDAY = Date.UTC(2026, 10, 20, 10, 30)

export const ALICE = {
  login: 'alice',
  realm: 'realm1',
  resolver: 'reso1',
  client: '10.1.2.3',
  userAgent: 'privacyidea-cp/3.5 Windows',
  now: FRIDAY,
}
