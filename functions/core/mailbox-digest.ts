/** Which mailbox a code went to, as the account notes it. */
import { createHash } from 'node:crypto'
import { addressKey } from './address/address-key.ts'

/**
 * A digest of a mailbox, the same for all spellings of its address. 128 bits: short beside an
 * address, and another address of the same digest is not found. It hides nothing.
 */
export const mailboxDigest = (address: string): string =>
  createHash('sha256').update(addressKey(address)).digest().subarray(0, 16).toString('base64url')
