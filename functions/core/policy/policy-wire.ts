import type { Policy } from './policy.ts'
import { readPolicy } from './read-policy.ts'
import type { ParsedPolicy } from './read-policy.ts'

/** A policy as privacyIDEA's `GET /policy/<name>` shows it. */
export type WirePolicy = {
  name: string
  active: boolean
  scope: string
  action: Readonly<Record<string, string | true>>
  user: readonly string[]
  realm: readonly string[]
  resolver: readonly string[]
  adminuser: readonly string[]
  adminrealm: readonly string[]
  client: readonly string[]
  time: string
  priority: number
  /** Otpost's own, and only where it is not `priority`. */
  precedence?: 'specific'
  description: string | null
  conditions: readonly never[]
  pinode: readonly never[]
  user_agents: readonly string[]
  /** Otpost's own, and only where it names some: clients of the reference keep what they ignore. */
  application?: readonly string[]
  check_all_resolvers: false
  user_case_insensitive: false
}

/** The policy in the shape of the reference. */
export function toWire({ userAgents, application, description, ...same }: Policy): WirePolicy {
  return {
    ...same,
    description: description === '' ? null : description,
    conditions: [],
    pinode: [],
    user_agents: userAgents,
    ...(application.length > 0 ? { application } : {}),
    check_all_resolvers: false,
    user_case_insensitive: false,
  }
}

/**
 * The policy that the parameters of privacyIDEA's `POST /policy/<name>` describe. `existing` is the
 * policy of that name: what the parameters do not mention stays. Never throws.
 */
export function policyFromWire(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  existing?: Policy,
): ParsedPolicy {
  return readPolicy(name, { ...(existing && toWire(existing)), ...parameters })
}
