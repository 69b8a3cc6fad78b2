/**
 * The application that a login comes from: the API key of its request, known by its name. Looked at
 * only where policies ask for it, so that no other login pays for it.
 */
import type { Account } from './account.ts'
import type { Caller } from './caller.ts'
import { askForApplication } from './policy/match.ts'
import type { Policy } from './policy/policy.ts'

/** Where people sign in to manage what is theirs. No API key has this name: none may hold a colon. */
export const SELF_SERVICE = 'otpost:self-service'

/** What is begun for whichever application asks for the answer. No API key has this name either. */
export const ANYWHERE = '*'

/** The caller with its application where policies ask for one; empty: without a valid API key. */
export async function identified(policies: readonly Policy[], caller: Caller): Promise<Caller> {
  if (caller.application !== undefined || !askForApplication(policies)) return caller
  const application = caller.isSelfService ? SELF_SERVICE : await caller.apiKey?.()
  return { ...caller, application: application ?? '' }
}

/** What is begun notes where. Undefined: no policy asked. */
export type Begun = { application?: string | undefined }

/** The note for what this caller begins. */
export const begunBy = ({ application }: Begun = {}): { application?: string } =>
  application === undefined ? {} : { application }

/**
 * Whether two have nothing to do with each other: neither keeps the mail of the other back nor takes
 * its place, or any application could do so to all. While no policy asks, all are one.
 */
export const isApart = (one: Begun, other: Begun = {}): boolean =>
  one.application !== undefined &&
  other.application !== undefined &&
  one.application !== other.application

/**
 * Whether it was begun at another application. What comes before the code may differ there, so its
 * code opens nothing here.
 */
export const isElsewhere = (begun: Begun, caller?: Begun): boolean =>
  begun.application !== ANYWHERE && isApart(begun, caller)

/** As {@link isElsewhere}, of a transaction that the account knows. */
export const begunElsewhere = (
  { open, steps = [] }: Account,
  transactionId: string | undefined,
  caller: Caller,
): boolean =>
  [...open, ...steps].some((one) => one.transactionId === transactionId && isElsewhere(one, caller))
