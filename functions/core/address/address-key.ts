import { asciiDomain } from '../../mail/mailbox.ts'

/**
 * One name for all spellings of an address that reach one mailbox, for limits and uniqueness: case
 * and the spelling of an international domain do not count. Tags (`+otp`) and dots do: whose
 * mailbox they lead to is known to its server only. Not an address to send to.
 */
export const addressKey = (address: string): string =>
  `${address.slice(0, address.lastIndexOf('@'))}@${asciiDomain(address)}`
    .normalize('NFC')
    .toLowerCase()

/** Whether two addresses are spellings of one mailbox. */
export const sameMailbox = (a: string, b: string): boolean => addressKey(a) === addressKey(b)
