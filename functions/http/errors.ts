/** A request that cannot be understood. The message names the parameter and what is accepted. */
export class MalformedRequestError extends Error {
  override name = 'MalformedRequestError'
  /** The parameter at fault, where there is one. */
  readonly parameter: string | undefined
  /** A stable word for programs, where there is one. */
  readonly reason: string | undefined

  constructor(message: string, parameter?: string, reason?: string) {
    super(message)
    this.parameter = parameter
    this.reason = reason
  }
}

/**
 * A request that was understood and is not carried out, with the answer clients of its wire know.
 * Each wire has a class of its own, since none can tell another's answer.
 */
export abstract class RefusedError<Failure extends { message: string }> extends Error {
  override name = 'RefusedError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** A request that may not be made: no session, not the right one, or not from here. */
export class ForbiddenError extends Error {
  override name = 'ForbiddenError'
  readonly reason: ForbiddenReason

  constructor(reason: ForbiddenReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * - `no_session`, `bad_session`, `expired_session`: who asks is not known
 * - `role`: known, but of the wrong role
 * - `api_key`, `client`: `/validate` is closed to this caller
 */
export type ForbiddenReason =
  'no_session' | 'bad_session' | 'expired_session' | 'role' | 'api_key' | 'client'
