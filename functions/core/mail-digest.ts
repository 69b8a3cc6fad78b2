/** Binds what a mail depends on to what the account notes of its challenge. */
import type { Challenge } from './challenge.ts'
import { digestOf } from './digest.ts'

const MEMBERS = [
  'createdAt',
  'clientIp',
  'userAgent',
  'application',
  'language',
  'text',
  'dynamicAddress',
] as const satisfies readonly (keyof Challenge)[]

/**
 * A digest of all that picks provider, texts and mailbox of a mail and is in the challenge only, so
 * that nobody changes it there unnoticed.
 */
export function mailDigest(challenge: Pick<Challenge, (typeof MEMBERS)[number]>): string {
  return digestOf(JSON.stringify(MEMBERS.map((member) => challenge[member] ?? null)))
}
