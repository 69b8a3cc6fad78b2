/**
 * What a command answers. A refusal's message is one sentence or two for a person, and never quotes
 * an argument that could be a PIN or a password.
 */
export type Reply = { ok: true; value: unknown } | { ok: false; error: Refusal }

export type Refusal = {
  code: RefusalCode
  message: string
  /** The argument that is to blame, where one is. */
  parameter?: string
}

/**
 * - `conflict`: there is one of that name already, or its state rules the command out
 * - `unavailable`: nothing is wrong with the command; try again, or look at the function's log
 */
export type RefusalCode =
  'unknown_command' | 'invalid_argument' | 'not_found' | 'conflict' | 'unavailable'

export const done = (value: unknown): Reply => ({ ok: true, value })

export const refused = (code: RefusalCode, message: string, parameter?: string): Reply => ({
  ok: false,
  error: { code, message, ...(parameter === undefined ? {} : { parameter }) },
})
