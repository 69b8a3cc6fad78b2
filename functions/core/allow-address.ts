import type { Account } from './account.ts'
import { changeAccount } from './change-account.ts'
import type { Ports } from './ports.ts'
import { withDeliverable } from './undeliverable.ts'

/**
 * Has an address that takes no mail be tried again, or without one all of the account; false when
 * nothing kept mails from it.
 */
export async function allowAddress(
  ports: Pick<Ports, 'accounts' | 'now' | 'random' | 'sleep'>,
  account: Account,
  address?: string,
): Promise<boolean> {
  const allowed = await changeAccount(ports, account, (current) => {
    const after = withDeliverable(current, ports.now(), address)
    return after ? { after, result: true } : { result: false }
  })
  return allowed ?? false
}
