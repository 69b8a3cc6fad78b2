import type { TextSchema } from './schema.ts'

/** The member of a request that holds a code. */
export const OTP = {
  type: 'string',
  minLength: 1,
  maxLength: 64,
  writeOnly: true,
  description: 'The code as typed; spaces, dashes and full-width digits are understood.',
} as const satisfies TextSchema

/** Spaces, dashes and the invisible marks that copying from a mail brings along. */
const BETWEEN_DIGITS = /[\s\p{Dash_Punctuation}\p{Format}\u2212]/gu

/** The code a person meant by what was typed: full-width digits count, what stands between does not. */
export const typedOtp = (typed: string): string =>
  typed.normalize('NFKC').replace(BETWEEN_DIGITS, '')
