import type { Account } from './account.ts'
import { pinAllowedFrom } from './budget.ts'
import { changeAccount } from './change-account.ts'
import { burnPin, pinMatcher } from './pin.ts'
import type { Ports } from './ports.ts'

type UserSignInPorts = Pick<Ports, 'accounts' | 'keyring' | 'now' | 'random' | 'sleep'>

/**
 * Whether a password is the user's own; a user who does not exist or has none costs the same time.
 * Wrong ones count with the wrong PINs and earn the same delays. Every try is counted by a write on
 * a state that still allowed one, before it is answered, so parallel guesses do not share a try.
 */
export async function checkPassword(
  ports: UserSignInPorts,
  account: Account | undefined,
  password: string,
): Promise<boolean> {
  const pepper = await ports.keyring.key('pin')
  const allowed = (current: Account) => pinAllowedFrom(current) <= ports.now()
  if (!account?.password || !allowed(account)) {
    await burnPin(pepper, password)
    return false
  }
  const right = await pinMatcher(pepper)(password, account.password)
  const told = await changeAccount(ports, account, (current) => {
    if (!allowed(current)) return { result: false }
    const counted = right
      ? { pinFailures: 0 }
      : { pinFailures: current.pinFailures + 1, pinFailedAt: ports.now() }
    return { after: { ...current, ...counted }, result: right }
  })
  return told ?? false
}
