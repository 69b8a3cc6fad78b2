import type { AddressTraces } from '../registration.ts'

/**
 * What a command answers. A refusal's message is one sentence or two for a person, and never quotes
 * an argument that could be a PIN or a password.
 */
export type Reply = Done | { ok: false; error: Refusal }

export type Done = { ok: true; value: unknown } & ForAudit

/** What only the audit is told. */
export type ForAudit = {
  /** Those that the command changed. */
  addresses?: AddressTraces
  /** What it came to, where it was about many. */
  detail?: string
  /** Those of many whose address it changed. */
  changes?: readonly AddressChange[]
}

export type AddressChange = { user: string; realm: string; addresses: AddressTraces }

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

/** The same reply, with the addresses that the audit is told of. */
export const tracing = (reply: Reply, addresses: AddressTraces): Reply =>
  reply.ok ? { ...reply, addresses } : reply

/** What the caller gets: without what is for the audit. */
export const told = (reply: Reply): Reply => (reply.ok ? done(reply.value) : reply)

export const refused = (code: RefusalCode, message: string, parameter?: string): Reply => ({
  ok: false,
  error: { code, message, ...(parameter === undefined ? {} : { parameter }) },
})
