import { domainToASCII, domainToUnicode } from 'node:url'
import type { SyntaxFault } from './faults.ts'
import { mixesScripts } from './scripts.ts'

/** A mail domain in both spellings, lower-cased. */
export type DomainName = {
  /** As DNS has it (A-labels). */
  ascii: string
  /** As a person reads it: letters and digits of any script, or `ascii` where it has others. */
  shown: string
}
export type DomainReading = DomainName | { fault: SyntaxFault }

/** RFC 1035 §2.3.4, in octets; the dot of the root not counted. */
const MAX_DOMAIN = 253
const MAX_LABEL = 63

/** The full stops of UTS #46 §2.3. */
const FULL_STOPS = /[\u3002\uff0e\uff61]/g
const NUMBER = /^(?:\p{Nd}+|0x[0-9a-f]*)$/iu
const READABLE = /^[\p{L}\p{M}\p{N}.-]+$/u

/**
 * Reads a mail domain by UTS #46 as URLs do (non-transitional, bidi and joiner rules on): a host
 * name of at least two labels that is no IP address. Never throws.
 */
export function readDomain(text: string): DomainReading {
  const typed = text.replace(FULL_STOPS, '.')
  const fault = typedFault(typed)
  if (fault) return { fault }
  const ascii = domainToASCII(typed)
  if (ascii === '') return { fault: 'domain_idn' }
  const mapped = mappedFault(ascii)
  if (mapped) return { fault: mapped }
  return inBothSpellings(ascii.toLowerCase())
}

/** Faults of the text as typed. `domainToASCII` reads a URL's host, so it would decode `%41`. */
function typedFault(typed: string): SyntaxFault | undefined {
  if (typed === '') return 'domain_empty'
  if (typed.startsWith('[')) return 'address_literal'
  const labels = typed.split('.')
  if (labels.includes('')) return 'domain_dots'
  if (typed.includes('_')) return 'domain_underscore'
  if (/[^A-Za-z0-9.\-\u0080-\u{10ffff}]/u.test(typed)) return 'domain_character'
  if (labels.length === 1) return 'domain_single'
  return NUMBER.test(labels.at(-1)!) ? 'ip_address' : undefined
}

/** Faults of the mapped name; characters such as ＿ and ․ become others by the mapping. */
function mappedFault(ascii: string): SyntaxFault | undefined {
  const labels = ascii.split('.')
  if (labels.includes('')) return 'domain_dots'
  if (ascii.includes('_')) return 'domain_underscore'
  if (/[^A-Za-z0-9.-]/.test(ascii)) return 'domain_character'
  if (NUMBER.test(labels.at(-1)!)) return 'ip_address'
  if (labels.some((label) => label.startsWith('-') || label.endsWith('-'))) return 'domain_hyphen'
  if (labels.some(({ length }) => length > MAX_LABEL)) return 'domain_label_too_long'
  return ascii.length > MAX_DOMAIN ? 'domain_too_long' : undefined
}

function inBothSpellings(ascii: string): DomainReading {
  const unicode = domainToUnicode(ascii)
  const labels = unicode.split('.')
  // A label that does not decode stays as it is; one that was not encoded properly changes.
  if (labels.some((label) => label.startsWith('xn--'))) return { fault: 'domain_idn' }
  if (domainToASCII(unicode) !== ascii) return { fault: 'domain_idn' }
  if (labels.some(mixesScripts)) return { fault: 'mixed_scripts' }
  return { ascii, shown: READABLE.test(unicode) ? unicode : ascii }
}
