import { askedOf } from './actor.ts'
import type { Actor } from './actor.ts'
import { activePolicies, matchingPolicies } from './match.ts'
import { matchList } from './match-list.ts'
import type { Policy } from './policy.ts'

export type Rights = {
  /** Whether the actor may do this. */
  allowed(action: string): boolean
  /** Why not, in the reference's words; undefined if the actor may. */
  refusal(action: string): string | undefined
}

/**
 * What somebody may do: the scopes `admin` and `user`. While the scope has no active policy, every
 * administrator may do everything, and a user what {@link WITHOUT_POLICY} lists; from the first
 * policy on, only what a matching one grants. No policy lets users enrol a token that needs no
 * mailbox: their session may stand on a password alone.
 */
export function rights(policies: readonly Policy[], actor: Actor): Rights {
  if (activePolicies(policies, actor.role).length === 0) {
    return actor.role === 'admin' ? EVERYTHING : LOOK_AND_PROTECT
  }

  const matched = matchingPolicies(policies, actor.role, askedOf(actor))
  const granted = (action: string) =>
    matched.some((policy) => matchList(Object.keys(policy.action), action) === 'listed')
  const allowed = (action: string) =>
    granted(action) && !(actor.role === 'user' && action === 'enrollSPASS')
  return {
    allowed,
    refusal: (action) => (allowed(action) ? undefined : refusalOf(actor.role, action)),
  }
}

/** A user may look at what is theirs and protect it: nothing that changes a factor. */
const WITHOUT_POLICY: readonly string[] = [
  'tokenlist',
  'userlist',
  'auditlog',
  'disable',
  'setdescription',
]

const LOOK_AND_PROTECT: Rights = Object.freeze({
  allowed: (action: string) => WITHOUT_POLICY.includes(action),
  refusal: (action: string) =>
    WITHOUT_POLICY.includes(action)
      ? undefined
      : `The action ${action} needs a policy of the scope user that allows it.`,
})

const EVERYTHING: Rights = Object.freeze({ allowed: () => true, refusal: () => undefined })

function refusalOf(role: Actor['role'], action: string): string {
  const enrolls = action.startsWith('enroll')
  if (role === 'admin') {
    const what = enrolls
      ? 'you are not allowed to enroll this token type!'
      : `the action ${action} is not allowed!`
    return `Admin actions are defined, but ${what}`
  }
  return enrolls
    ? 'User actions are defined, you are not allowed to enroll this token type!'
    : `User actions are defined, but the action ${action} is not allowed!`
}
