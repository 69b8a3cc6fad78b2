import type { Failure } from './envelope.ts'

/** A request that was understood and is not carried out, with the answer clients know for it. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/**
 * A refusal by LinOTP's number: 905 parameter or user, 410 policy, 510 authorisation, 77 usage,
 * 1102 unknown serial, 1610 unknown type, -311 anything else, which is told without its number.
 */
export const refusal = (
  code: number,
  message: string,
  more: Pick<Failure, 'status' | 'id'> = {},
): RefusedError =>
  new RefusedError({ code, message: code < 0 ? message : `ERR${code}: ${message}`, ...more })
