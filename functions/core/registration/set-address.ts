import type { Account } from '../account.ts'
import { admitAddress } from '../address/admit-address.ts'
import type { Placed, RegistrationPorts } from '../registration.ts'
import { isKeptElsewhere } from './kept-elsewhere.ts'
import { refusedRequest } from './refusals.ts'
import { swapAddress } from './swap-address.ts'

/**
 * An administrator vouches for an address: it takes its place at once, proven without a code. Whoever
 * reads the one before is told as of any other change.
 */
export async function setAddress(
  ports: RegistrationPorts,
  account: Account,
  text: string,
): Promise<Placed> {
  const settings = await ports.settings.current()
  const admitted = await admitAddress(ports, settings, text, account)
  if ('refused' in admitted) {
    const { code, message } = admitted.refused
    return { placed: false, reason: 'bad_address', message, fault: code }
  }
  if (isKeptElsewhere(account, admitted.address, settings)) {
    const { message } = refusedRequest('kept_elsewhere')
    return { placed: false, reason: 'kept_elsewhere', message }
  }
  const swapped = await swapAddress(ports, account, {
    ...{ address: admitted.address, method: 'admin', endsSessions: true },
  })
  if (swapped) return { placed: true, ...swapped }
  return { placed: false, reason: 'unknown_user', message: 'There is no such user.' }
}
