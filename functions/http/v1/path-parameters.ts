/** What the parts of paths, and the members that bodies share with them, look like. */
import type { TextSchema } from './schema.ts'

/** No control characters: names end up in logs and mails. */
const PRINTABLE = String.raw`^[^\p{Cc}]+$`

export const user = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: PRINTABLE,
  description: 'The login name, or `name@realm`.',
  examples: ['alice'],
} as const satisfies TextSchema

export const realm = {
  type: 'string',
  minLength: 1,
  maxLength: 64,
  pattern: String.raw`^[^\p{Cc}/]+$`,
  description: 'The realm of the user; the default realm when absent.',
  examples: ['default'],
} as const satisfies TextSchema

export const serial = {
  type: 'string',
  minLength: 1,
  maxLength: 40,
  pattern: '^[0-9A-Za-z_-]+$',
  description: 'The serial of a token.',
  examples: ['EM1A2B3C4D'],
} as const satisfies TextSchema

export const transactionId = {
  type: 'string',
  maxLength: 20,
  pattern: '^[0-9]{20}$',
  description: 'The transaction_id of a challenge.',
  examples: ['01234567890123456789'],
} as const satisfies TextSchema

export const provider = {
  type: 'string',
  minLength: 1,
  maxLength: 63,
  pattern: '^[0-9A-Za-z][0-9A-Za-z_.-]*$',
  description: 'The name of a provider.',
  examples: ['office'],
} as const satisfies TextSchema

export const template = {
  type: 'string',
  minLength: 1,
  maxLength: 64,
  pattern: '^[0-9A-Za-z_-][0-9A-Za-z_.-]*$',
  description: 'The name of a template.',
  examples: ['login'],
} as const satisfies TextSchema

/** By the name a path pattern gives it. */
export const PATH_PARAMETERS: Readonly<Record<string, TextSchema>> = {
  transaction_id: transactionId,
  serial,
  provider,
  template,
  realm: { ...realm, description: 'The realm of the user.' },
  user: { ...user, description: 'The login name.' },
}
