import { nearestName } from './nearest-name.ts'
import type { Policy } from './policy/policy.ts'
import type { PolicyRefusal } from './policy/read-policy.ts'
import type { Kind } from './setting-kinds.ts'

/** What is wrong with one parameter. */
export type Problem = {
  name: string
  /** What was set, shortened. Never there for secrets and for what may hold one by mistake. */
  value?: string
  /** A clause that follows the name: "is above 65535". */
  reason: string
  accepted: string
  /** An error keeps the whole set from being published; a warning does not. */
  severity: 'error' | 'warning'
}

const QUOTED = 80

/** A parameter whose value is refused. */
export function refusal(name: string, kind: Kind<unknown>, text: unknown, reason: string): Problem {
  const quotable = typeof text === 'string' && !kind.confidential
  const value = quotable && text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text
  return {
    name,
    ...(quotable ? { value: value as string } : {}),
    reason,
    accepted: kind.accepted,
    severity: 'error',
  }
}

/** A policy that is refused. */
export const policyRefusal = (name: string, refused: PolicyRefusal): Problem => ({
  name,
  reason: `cannot be used: its ${refused.member} ${refused.reason}`,
  accepted: refused.accepted,
  severity: 'error',
})

const LISTED = 5

/** A policy with actions that another server would act upon. */
export function withoutEffect(
  name: string,
  { scope }: Policy,
  actions: readonly string[],
): Problem {
  const more = actions.length > LISTED ? ` and ${actions.length - LISTED} more` : ''
  return {
    name,
    reason: `has actions without effect here: ${actions.slice(0, LISTED).join(', ')}${more}`,
    accepted: `an action that Otpost knows in the scope ${scope}`,
    severity: 'warning',
  }
}

/** A secret that anybody who may list parameters can read. */
export const storedInClear = (name: string): Problem => ({
  name,
  reason: 'is stored in clear; delete it, change the secret, and store the new one encrypted',
  accepted: 'a SecureString',
  severity: 'error',
})

/** A parameter that is no secret but encrypted, and therefore never read. */
export const needlesslySecret = (name: string): Problem => ({
  name,
  reason: 'is encrypted, and only secrets are ever decrypted; delete it and store it in clear',
  accepted: 'a String',
  severity: 'error',
})

/**
 * A name outside the schema. What looks like a typo is an error, because something was meant by it;
 * anything else may belong to another version of Otpost and only deserves a warning.
 */
export function unknownName(name: string): Problem {
  const nearest = nearestName(name)
  return {
    name,
    reason: 'is not a known parameter' + (nearest ? `; did you mean ${nearest}?` : ''),
    accepted: nearest ?? 'a name of the parameter reference',
    severity: nearest ? 'error' : 'warning',
  }
}
