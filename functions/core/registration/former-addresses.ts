/** The addresses before: whoever reads them may say for some days that it was somebody else. */
import type { Account, FormerAddress } from '../account.ts'
import { hmacSha256 } from '../hmac.ts'
import { openSecret } from '../seal.ts'
import { FORMER } from './code-serials.ts'

/** Changes that can be disputed at a time: none of them is forgotten for a newer one. */
export const MOST_FORMER = 8
/** As many an administrator may come to: what their word replaces can be disputed, too. */
export const MOST_FORMER_BY_ADMIN = 24

/** Those that may still be disputed, or were. */
export const formerAddresses = ({ former = [] }: Account, now: number): FormerAddress[] =>
  former.filter(({ until, disputedAt }) => disputedAt !== undefined || until > now)

/** Whether the owner of an earlier address said that it was somebody else. */
export const isDisputed = ({ former = [] }: Account): boolean =>
  former.some(({ disputedAt }) => disputedAt !== undefined)

/** Why such an account gets nothing that lets in, until an administrator has looked at it. */
export const DISPUTED =
  'A change of the address was disputed. An administrator has to restore it first.'

/** Without 0, 1, I and O, which people mistake for each other. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const CODE_LETTERS = 16

/**
 * The code of the notice: 80 bits, in four groups for people to type.
 *
 * @param key the key `secret`, which only `deliver` has beside enrolment
 */
export function disputeCode(key: Uint8Array, secret: string): string {
  const bytes = hmacSha256(openSecret(key, secret, FORMER), 'dispute')
  const letters = Array.from({ length: CODE_LETTERS }, (_, index) => LETTERS[bytes[index]! & 31])
  return letters.join('').replace(/.{4}(?!$)/g, '$&-')
}

/** A typed code as {@link disputeCode} writes it. */
export const typedDisputeCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .slice(0, 64)
    .replace(/.{4}(?!$)/g, '$&-')
