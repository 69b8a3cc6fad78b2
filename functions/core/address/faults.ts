/** Why a typed address is not taken. The codes are stable: programs may tell them apart. */
import { ENGLISH } from './sentences-en.ts'

/** What is wrong with the text itself. */
export const SYNTAX_FAULTS = [
  'empty',
  'too_long',
  'invalid_unicode',
  'control_character',
  'invisible_character',
  'mailto',
  'source_route',
  'display_name',
  'quoted',
  'comment',
  'several_addresses',
  'space',
  'no_at',
  'local_empty',
  'local_dots',
  'local_character',
  'local_too_long',
  'domain_empty',
  'domain_dots',
  'domain_single',
  'domain_character',
  'domain_underscore',
  'domain_hyphen',
  'domain_label_too_long',
  'domain_too_long',
  'domain_idn',
  'address_literal',
  'ip_address',
  'mixed_scripts',
] as const
export type SyntaxFault = (typeof SYNTAX_FAULTS)[number]

/** What speaks against the domain of a well-formed address. */
export const DOMAIN_FAULTS = [
  'domain_denied',
  'domain_not_allowed',
  'domain_disposable',
  'domain_unknown',
  'domain_no_mail',
  'domain_null_mx',
  'domain_unchecked',
] as const
export type DomainFault = (typeof DOMAIN_FAULTS)[number]

export type AddressFault = SyntaxFault | DomainFault

/** Why an address was not taken: a code for programs, an English sentence for people. */
export type AddressRefusal<F extends AddressFault = AddressFault> = {
  refused: { code: F; message: string }
}

/** A refusal as a clause that follows the name of a parameter, without its full stop. */
export const refusalClause = ({ refused }: AddressRefusal): string =>
  `is not one e-mail address like name@example.org. ${refused.message.slice(0, -1)}`

/** A refusal as one sentence or two about a parameter. */
export const refusalText = (name: string, refusal: AddressRefusal): string =>
  isDomainFault(refusal.refused.code)
    ? `${name} cannot be used: ${refusal.refused.message}`
    : `${name} ${refusalClause(refusal)}.`

/** Whether it speaks against the domain of a well-formed address. */
export const isDomainFault = (code: AddressFault): boolean =>
  DOMAIN_FAULTS.some((fault) => fault === code)

/** The refusal of one fault; in other languages its sentence is {@link addressSentence}'s. */
export const refusedFor = <F extends AddressFault>(code: F): AddressRefusal<F> => ({
  refused: { code, message: ENGLISH[code] },
})
