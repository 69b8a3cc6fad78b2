/** LinOTP's way to choose among policies that set the same action: the closest match decides. */
import { closenessOf } from './match-user.ts'
import type { Asked } from './match-user.ts'
import type { PolicyContext } from './match.ts'
import type { Policy } from './policy.ts'

/**
 * Of policies that match, those that do it most specifically: the user by name before a pattern
 * before everybody, then a realm that is listed before any, then a client likewise. What remains may
 * still contradict itself; then nothing is chosen, where LinOTP takes whichever is stored first.
 */
export function mostSpecific(
  policies: readonly Policy[],
  { user = '', realm = '', resolver = '', client = '' }: PolicyContext,
): readonly Policy[] {
  const asked: Asked = { user, realm, resolver }
  const byUser = best(policies, (policy) => closenessOf(policy, asked))
  const byRealm = best(byUser, (policy) => Number(policy.realm.includes(realm)))
  return best(byRealm, (policy) => namesClient(policy, client))
}

/** A list that matches and has no `*` names the address or a subnet it is in. */
const namesClient = (policy: Policy, address: string) =>
  Number(address !== '' && policy.client.length > 0 && !policy.client.includes('*'))

function best(policies: readonly Policy[], rank: (policy: Policy) => number): readonly Policy[] {
  if (policies.length < 2) return policies
  const ranks = policies.map(rank)
  const highest = Math.max(...ranks)
  return policies.filter((_, index) => ranks[index] === highest)
}
