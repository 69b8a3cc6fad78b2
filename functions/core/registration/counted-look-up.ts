import type { Account } from '../account.ts'
import { type AddressPorts, type AdmittedAddress, admitAddress } from '../address/admit-address.ts'
import type { AddressRefusal } from '../address/faults.ts'
import type { Caller } from '../caller.ts'
import { changeAccount } from '../change-account.ts'
import type { Ports } from '../ports.ts'

/** What counted look-ups need. */
export type LookUpPorts = AddressPorts & Pick<Ports, 'accounts' | 'random' | 'settings' | 'sleep'>

type Looking<Reason extends string> = {
  text: string
  caller: Pick<Caller, 'clientIp' | 'userAgent'>
  /** The account with one more look-up, or why it may have none. */
  note: (current: Account) => Account | Reason
}

/**
 * - `looked`: what came of it; `counted`: DNS was asked, and `account` has that written down
 * - `reason`: DNS was to be asked and was not; `gone`: the account was removed
 */
export type Looked<Reason extends string> =
  | { looked: AdmittedAddress | AddressRefusal; account: Account; counted: boolean }
  | { reason: Reason | 'gone' }

/**
 * Decides whether a user may register an address, as `admitAddress` does. What that asks of somebody
 * else's name server is written down before it is asked, whatever comes of it, so neither refused
 * addresses nor many at once make more look-ups than the account has.
 */
export async function lookAtAddress<Reason extends string>(
  ports: LookUpPorts,
  account: Account,
  { text, caller, note }: Looking<Reason>,
): Promise<Looked<Reason>> {
  const written: { account?: Account; reason?: Reason | 'gone' } = {}
  async function countLookUp(): Promise<boolean> {
    const noted = await changeAccount<Account | Reason>(ports, account, (current) => {
      const after = note(current)
      if (typeof after === 'string' || after === current) return { result: after }
      return { after, result: { ...after, rev: current.rev + 1 } }
    })
    if (typeof noted === 'object') written.account = noted
    else written.reason = noted ?? 'gone'
    return written.reason === undefined
  }
  const settings = await ports.settings.current()
  const looked = await admitAddress(ports, settings, text, { account, caller, countLookUp })
  if (written.reason !== undefined) return { reason: written.reason }
  const counted = written.account !== undefined
  return { looked, account: written.account ?? account, counted }
}
