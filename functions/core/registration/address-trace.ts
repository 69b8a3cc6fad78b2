import { maskAddress } from '../../mail/mask-address.ts'
import { addressKey } from '../address/address-key.ts'
import type { AddressTrace, AuditEntry } from '../audit.ts'
import { hmacSha256 } from '../hmac.ts'
import type { Ports } from '../ports.ts'
import type { Settings } from '../settings.ts'

const DIGITS = 16

/**
 * An address as the audit has it: spellings of one mailbox have one hash, and nobody without the key
 * can try addresses against it.
 *
 * @param key the key `answer`
 */
const addressTrace = (
  key: Uint8Array,
  address: string,
  settings: Pick<Settings, 'mask.address'>,
): AddressTrace => ({
  hash: hmacSha256(key, JSON.stringify(['address', addressKey(address)]))
    .toString('hex')
    .slice(0, DIGITS),
  mask: maskAddress(address, settings['mask.address']),
})

/** One address in the place of another, as the audit has it; without a new one the old was removed. */
export async function addressTraces(
  { keyring, settings }: Pick<Ports, 'keyring' | 'settings'>,
  old: string | undefined,
  fresh: string | undefined,
): Promise<NonNullable<AuditEntry['addresses']>> {
  const [key, current] = await Promise.all([keyring.key('answer'), settings.current()])
  return {
    ...(old === undefined ? {} : { old: addressTrace(key, old, current) }),
    ...(fresh === undefined ? {} : { new: addressTrace(key, fresh, current) }),
  }
}
