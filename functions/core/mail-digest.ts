/** Binds what a mail depends on to what the account notes of its challenge. */
import { createHash } from 'node:crypto'
import type { Challenge } from './challenge.ts'

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
 * that nobody changes it there unnoticed. 128 bits: another text of the same digest is not found.
 */
export function mailDigest(challenge: Pick<Challenge, (typeof MEMBERS)[number]>): string {
  const text = JSON.stringify(MEMBERS.map((member) => challenge[member] ?? null))
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}
