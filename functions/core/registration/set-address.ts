import type { Account } from '../account.ts'
import { admitAddress } from '../address/admit-address.ts'
import type { Caller } from '../caller.ts'
import type { Placed, RegistrationPorts } from '../registration.ts'
import { formerAddresses, MOST_FORMER_BY_ADMIN } from './former-addresses.ts'
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
  caller?: Caller,
): Promise<Placed> {
  const settings = await ports.settings.current()
  const admitted = await admitAddress(ports, settings, text, { account, caller })
  if ('refused' in admitted) {
    const { code, message } = admitted.refused
    return { placed: false, reason: 'bad_address', message, fault: code }
  }
  if (isKeptElsewhere(account, admitted.address, settings)) {
    const { message } = refusedRequest('kept_elsewhere')
    return { placed: false, reason: 'kept_elsewhere', message }
  }
  let full = false
  const swapped = await swapAddress(ports, account, {
    ...{ address: admitted.address, method: 'admin', endsSessions: true },
    admit(current) {
      full = formerAddresses(current, ports.now()).length >= MOST_FORMER_BY_ADMIN
      return !full
    },
  })
  if (full) return { placed: false, reason: 'limited', message: TOO_MANY }
  if (swapped) return { placed: true, ...swapped }
  return { placed: false, reason: 'unknown_user', message: 'There is no such user.' }
}

const TOO_MANY =
  'The address was changed too often: restore the one before, or wait until changes can no longer be disputed.'
