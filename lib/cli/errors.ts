/** What a command line can end with besides success. */

/** Exit codes, the same for every command; `partly`: done, but for some of what was asked. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partly: 3 } as const

/** The command line itself is wrong. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export type FailureOptions = {
  /** For scripts; those of the operator's function, or `failed`. */
  code?: string
  /** The argument or parameter that is to blame. */
  parameter?: string | undefined
  /** More for scripts. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** A command was refused or could not be done; the message says what to do. */
export class CommandFailure extends Error {
  override name = 'CommandFailure'
  readonly code: string
  readonly parameter: string | undefined
  readonly details: Record<string, unknown>

  constructor(message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause })
    this.code = options.code ?? 'failed'
    this.parameter = options.parameter
    this.details = options.details ?? {}
  }
}
