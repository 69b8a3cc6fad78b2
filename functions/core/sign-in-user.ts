import type { Account } from './account.ts'
import { changeAccount } from './change-account.ts'
import { mayTry, trierAt, withFailedTry, withRightTry } from './first-factor-tries.ts'
import { burnPin, pinMatcher } from './pin.ts'
import type { Ports } from './ports.ts'
import { remotePassword, stored } from './remote-user.ts'

type UserSignInPorts = Pick<
  Ports,
  'accounts' | 'keyring' | 'now' | 'random' | 'sleep' | 'settings' | 'remoteUsers'
>

/**
 * Whether a password is the user's own; a user who does not exist or has none costs the same time.
 * Wrong ones count apart from wrong PINs and earn the same delays. Every try is counted by a write on
 * a state that still allowed one, before it is answered, so parallel guesses do not share a try. A user
 * of a directory elsewhere is asked for there, and gets an account to count in.
 */
export async function checkPassword(
  ports: UserSignInPorts,
  found: Account | undefined,
  password: string,
  clientIp?: string,
): Promise<boolean> {
  const elsewhere = found && (await remotePassword(ports, found))
  // wrong passwords are counted there
  const account = found?.unstored ? await stored(ports, found) : found
  const pepper = await ports.keyring.key('pin')
  const trier = account && (await trierAt(ports, account, 'password', clientIp))
  const kept = account?.password
  const matches = elsewhere ?? (kept && ((typed: string) => pinMatcher(pepper)(typed, kept)))
  if (!account || !matches || !trier || !mayTry(account, trier, ports.now())) {
    await burnPin(pepper, password)
    return false
  }
  const right = await matches(password)
  const told = await changeAccount(ports, account, (current) => {
    if (!mayTry(current, trier, ports.now())) return { result: false }
    const after = right ? withRightTry(current, trier) : withFailedTry(current, trier, ports.now())
    return { after, result: right }
  })
  return told ?? false
}
