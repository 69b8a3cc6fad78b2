import { readDomain } from './domain-name.ts'
import { type AddressRefusal, refusedFor, type SyntaxFault } from './faults.ts'
import { localPartFault } from './local-part.ts'

/** An address that can be mailed to. */
export type NormalAddress = {
  /** The mailbox: the local part as typed, the domain lower-cased and readable. */
  address: string
  /** Its domain as DNS has it. */
  domain: string
}

/** RFC 5321 §4.5.3.1.3 (a path of 256 octets with its angle brackets). */
const MAX_ADDRESS = 254
/** More than any spelling of an address that could pass; what is longer is not looked at. */
const MAX_TYPED = 1000

/** The at signs of other keyboards, which NFKC and UTS #46 take for `@`. */
const AT_SIGNS = /[\uff20\ufe6b]/g
const CONTROL = /[\p{Cc}\u2028\u2029]/u
/** Joiners are left to the domain, where UTS #46 says which words need them. */
const INVISIBLE = /[[\p{Cf}\p{Default_Ignorable_Code_Point}]--[\u200c\u200d]]/v
const SEPARATOR = /[,;\u3001\uff0c\uff1b]|@.*@/u
/** Curly quotation marks are what a keyboard makes of straight ones. */
const QUOTE = /["\u201c-\u201f\uff02]/u

/**
 * Reads what a person typed as their address: one mailbox `local@domain` (RFC 5321 §4.1.2 without
 * quoted strings and address literals; RFC 6531). White space around it is dropped, the text is
 * brought to NFC and the domain to its form by UTS #46. The local part keeps its case, because only
 * its own server knows whether case counts there. Never throws, whatever the input.
 */
export function normaliseAddress(text: string): NormalAddress | AddressRefusal<SyntaxFault> {
  const typed = text.trim()
  const unreadable = unreadableFault(typed)
  if (unreadable) return refusedFor(unreadable)
  const plain = typed.normalize('NFC').replace(AT_SIGNS, '@')
  const shape = shapeFault(plain)
  if (shape) return refusedFor(shape)
  const at = plain.indexOf('@')
  return join(plain.slice(0, at), plain.slice(at + 1))
}

function unreadableFault(typed: string): SyntaxFault | undefined {
  if (typed === '') return 'empty'
  if (typed.length > MAX_TYPED) return 'too_long'
  if (!typed.isWellFormed()) return 'invalid_unicode'
  if (CONTROL.test(typed)) return 'control_character'
  return INVISIBLE.test(typed) ? 'invisible_character' : undefined
}

/** What is more than one bare address, or less. */
function shapeFault(plain: string): SyntaxFault | undefined {
  if (/^mailto:/i.test(plain)) return 'mailto'
  if (/^@.*:/u.test(plain)) return 'source_route'
  if (/[<>\uff1c\uff1e]/u.test(plain)) return 'display_name'
  if (QUOTE.test(plain)) return 'quoted'
  if (/[()\uff08\uff09]/u.test(plain)) return 'comment'
  if (SEPARATOR.test(plain)) return 'several_addresses'
  if (/\s/u.test(plain)) return 'space'
  return plain.includes('@') ? undefined : 'no_at'
}

function join(local: string, typedDomain: string): NormalAddress | AddressRefusal<SyntaxFault> {
  const fault = localPartFault(local)
  if (fault) return refusedFor(fault)
  const domain = readDomain(typedDomain)
  if ('fault' in domain) return refusedFor(domain.fault)
  const address = `${local}@${domain.shown}`
  const octets = Math.max(
    Buffer.byteLength(address),
    Buffer.byteLength(local) + 1 + domain.ascii.length,
  )
  return octets > MAX_ADDRESS ? refusedFor('too_long') : { address, domain: domain.ascii }
}
