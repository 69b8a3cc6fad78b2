import { domainToASCII } from 'node:url'

/** RFC 5321 §4.5.3.1, in octets. */
const MAX_LOCAL_PART = 64
const MAX_DOMAIN = 253
const MAX_ADDRESS = 254

/** RFC 5321 dot-atom; letters, marks and digits of other scripts by RFC 6531. */
const LOCAL_PART =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const DOMAIN = new RegExp(String.raw`^(?:${LABEL}\.)*(?=[^.]*[A-Za-z])${LABEL}$`)
const INTERNATIONAL_DOMAIN = /^[\p{L}\p{M}\p{N}.\-]+$/u

/**
 * Whether the text is one bare mailbox (`alice@x.example`): a dot-atom, one `@`, a host name. No
 * display name, list, comment, quoted part, address literal or control character.
 */
export function isMailbox(address: string): boolean {
  const [local, domain, ...rest] = address.split('@')
  if (local === undefined || domain === undefined || rest.length > 0) return false
  return (
    LOCAL_PART.test(local) &&
    Buffer.byteLength(local) <= MAX_LOCAL_PART &&
    isDomain(domain) &&
    Buffer.byteLength(address) <= MAX_ADDRESS
  )
}

/**
 * The mailbox as it goes over the wire: an international domain in its ASCII form, unless the local
 * part needs SMTPUTF8 anyway.
 */
export function wireAddress(mailbox: string): string {
  const [local, domain] = mailbox.split('@') as [string, string]
  if (!isAscii(local) || isAscii(domain)) return mailbox
  return `${local}@${domainToASCII(domain)}`
}

/** The host name of a mailbox in its ASCII form. */
export function asciiDomain(mailbox: string): string {
  const domain = mailbox.slice(mailbox.indexOf('@') + 1)
  return isAscii(domain) ? domain : domainToASCII(domain)
}

/** Whether a mailbox needs no SMTPUTF8 (RFC 6531) on the wire. */
export function isAsciiMailbox(mailbox: string): boolean {
  return isAscii(wireAddress(mailbox))
}

function isDomain(domain: string): boolean {
  if (isAscii(domain)) return domain.length <= MAX_DOMAIN && DOMAIN.test(domain)
  if (!INTERNATIONAL_DOMAIN.test(domain)) return false
  const ascii = domainToASCII(domain)
  return ascii.length <= MAX_DOMAIN && DOMAIN.test(ascii)
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text)
}
