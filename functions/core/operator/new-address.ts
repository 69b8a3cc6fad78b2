import type { Account } from '../account.ts'
import { type AddressEntry, type AddressPorts, admitAddress } from '../address/admit-address.ts'
import { refusalText } from '../address/faults.ts'
import type { Settings } from '../settings.ts'
import { InvalidArgumentError } from './arguments.ts'

/**
 * Refuses an address that may not be registered. The one that the account has already is no new
 * one. Throws {@link InvalidArgumentError} with what to do.
 */
export async function assertAddress(
  ports: AddressPorts,
  settings: Settings,
  email: string | undefined,
  account: Account,
  how: Pick<AddressEntry, 'askDns'> = {},
): Promise<void> {
  if (!email || email === account.email) return
  const admitted = await admitAddress(ports, settings, email, { ...how, account })
  if ('refused' in admitted) {
    throw new InvalidArgumentError('email', refusalText('email', admitted))
  }
}
