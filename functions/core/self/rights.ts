import { USER_RIGHTS } from '../policy/actions.ts'
import type { Actor } from '../policy/actor.ts'
import { activePolicies } from '../policy/match.ts'
import type { Policy } from '../policy/policy.ts'
import { type Rights, rights } from '../policy/rights.ts'
import type { SelfSession } from './session.ts'

/**
 * What the holder of a session may do with what is theirs. Who has proven PIN and code may do all of
 * it while no policy of the scope `user` is active, and what those grant from the first one on. A
 * password alone changes no factor unless a policy grants it.
 */
export const selfRights = (
  policies: readonly Policy[],
  actor: Actor,
  { purpose }: Pick<SelfSession, 'purpose'>,
): Rights =>
  purpose === 'full' && activePolicies(policies, 'user').length === 0
    ? OWN
    : rights(policies, actor)

const isOwn = (action: string) => (USER_RIGHTS as readonly string[]).includes(action)

const OWN: Rights = Object.freeze({
  allowed: isOwn,
  refusal: (action: string) => (isOwn(action) ? undefined : `The action ${action} is not allowed!`),
})
