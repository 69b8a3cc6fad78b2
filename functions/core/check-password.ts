import type { Account } from './account.ts'
import { pinAllowedFrom } from './budget.ts'
import { changeAccount } from './change-account.ts'
import { pinMatcher } from './pin.ts'
import type { Ports } from './ports.ts'

/**
 * Whether it is the user's own password. Every try is written down on an account that still allowed
 * one before it is answered, with the delays that wrong PINs earn.
 */
export async function checkPassword(
  ports: Ports,
  account: Account,
  typed: string,
): Promise<boolean> {
  const allowed = (current: Account) => pinAllowedFrom(current) <= ports.now()
  if (!account.password || !allowed(account)) return false
  const matches = pinMatcher(await ports.keyring.key('pin'))
  const right = await matches(typed, account.password)
  const admitted = await changeAccount(ports, account, (current) => {
    if (!allowed(current)) return { result: false }
    const counted = right
      ? { pinFailures: 0 }
      : { pinFailures: current.pinFailures + 1, pinFailedAt: ports.now() }
    return { after: { ...current, ...counted }, result: right }
  })
  return admitted ?? false
}
