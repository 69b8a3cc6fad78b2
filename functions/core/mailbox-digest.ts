/** Which mailbox a code went to, as the account notes it. */
import { addressKey } from './address/address-key.ts'
import { digestOf } from './digest.ts'

/** A digest of a mailbox, the same for all spellings of its address. */
export const mailboxDigest = (address: string): string => digestOf(addressKey(address))
