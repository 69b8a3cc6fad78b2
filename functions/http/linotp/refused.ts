import { RefusedError } from '../errors.ts'
import type { Failure } from './envelope.ts'

/** A refusal with the answer clients of LinOTP know for it. */
export class Refusal extends RefusedError<Failure> {}

/**
 * A refusal by LinOTP's number: 905 parameter or user, 410 policy, 510 authorisation, 77 usage,
 * 1102 unknown serial, 1610 unknown type, -311 anything else, which is told without its number.
 */
export const refusal = (
  code: number,
  message: string,
  more: Pick<Failure, 'status' | 'id'> = {},
): Refusal => new Refusal({ code, message: code < 0 ? message : `ERR${code}: ${message}`, ...more })
