import type { Account } from './account.ts'
import { isTokenSerial } from './registration/code-serials.ts'

/** A code that went to the address before, or may have, is none any more. */
export const withoutLogins = (open: Account['open']): Account['open'] =>
  open.map((one) => (isTokenSerial(one.serial) ? { ...one, superseded: true } : one))
