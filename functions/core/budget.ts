/**
 * What an account may still spend: guesses, PIN tries and mails. Pure arithmetic over an account;
 * DESIGN "The guess budget belongs to the account".
 */
import type { Account, OpenChallenge, Token } from './account.ts'
import { addressKey } from './address/address-key.ts'
import type { Charge } from './ports.ts'
import type { Settings } from './settings.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

const since = (times: number[], from: number) => times.filter((time) => time > from)

/** Wrong answers of the rolling day. */
export const wrongToday = (account: Account, now: number) => since(account.wrong, now - DAY)

/** Challenges that can still cost guesses. */
export const liveChallenges = (account: Account, now: number) =>
  account.open.filter((challenge) => challenge.expiresAt > now)

/**
 * Milliseconds from the end of a challenge until nobody can still be writing down a wrong answer to
 * it: API Gateway ends every request after 30 s.
 */
export const SETTLING = 30_000

/** Challenges whose guesses are not all in the books yet. */
export const unsettledChallenges = (account: Account, now: number) =>
  account.open.filter((challenge) => challenge.expiresAt + SETTLING > now)

/**
 * Guesses nobody has spent or reserved. A challenge reserves all its attempts when it is made, so
 * answers arriving in parallel over many challenges cannot overdraw the day.
 */
export function freeGuesses(account: Account, settings: Settings, now: number): number {
  const unsettled = unsettledChallenges(account, now)
  const reserved = unsettled.reduce((sum, { attempts }) => sum + attempts, 0)
  const daily = settings['account.max_wrong_per_day'] - wrongToday(account, now).length - reserved
  const consecutive = settings['account.max_consecutive_wrong'] - account.consecutive - reserved
  return Math.max(0, Math.min(daily, consecutive))
}

/** A part of what is free, so that a few unanswered mails do not use up the day. */
export const attemptsOf = (free: number, max: number) => Math.min(max, Math.ceil(free / 3))

/** Whether somebody must look at the account before it can be answered again. */
export const outOfGuesses = (account: Account, settings: Settings) =>
  account.consecutive >= settings['account.max_consecutive_wrong']

/** Whether one more mail may go to this address. */
export function mailAllowed(account: Account, address: string, settings: Settings, now: number) {
  const sent = account.mails[addressKey(address)] ?? []
  return (
    below(settings['mail.per_hour'], since(sent, now - HOUR).length) &&
    below(settings['mail.per_day'], since(sent, now - DAY).length)
  )
}

/**
 * Whether one more mail may go to an address that the person has just typed: those to all addresses
 * count together, or one PIN would be enough to write to everybody.
 */
export function typedAddressAllowed(account: Account, settings: Settings, now: number) {
  const sent = Object.values(account.mails).flat()
  return (
    below(settings['mail.per_hour'], since(sent, now - HOUR).length) &&
    below(settings['mail.per_day'], since(sent, now - DAY).length)
  )
}
const below = (limit: number, count: number) => limit === 0 || count < limit

/** The mail log of an account with one more entry and without what no limit looks at any more. */
export function withMail(account: Account, address: string, settings: Settings, now: number) {
  const counted = settings['mail.per_hour'] > 0 || settings['mail.per_day'] > 0
  const mailbox = addressKey(address)
  const recent = Object.entries({
    ...account.mails,
    ...(counted ? { [mailbox]: [...(account.mails[mailbox] ?? []), now] } : {}),
  }).map(([to, times]) => [to, since(times, now - DAY)] as const)
  return Object.fromEntries(recent.filter(([, times]) => times.length > 0))
}

/**
 * Where a token's mail goes: its own address, or the user's when it is read at send time; `dynamic`:
 * the user's first, whatever the token has.
 */
export const addressOf = (account: Account, token: Token, dynamic = false) =>
  dynamic ? (account.email ?? token.email) : (token.email ?? account.email)

export type Unusable = 'revoked' | 'disabled' | 'locked' | 'not_enrolled' | 'not_valid_now'

/** Why a token cannot be used at a moment (Unix milliseconds), or undefined. */
export function unusable(token: Token, now: number): Unusable | undefined {
  if (token.revoked) return 'revoked'
  if (!token.enabled) return 'disabled'
  if (token.failcount >= token.maxFailcount) return 'locked'
  if (token.rollout === 'verify') return 'not_enrolled'
  if (now < (token.validFrom ?? now) || now > (token.validUntil ?? now)) return 'not_valid_now'
  return undefined
}

/** The challenges of these tokens that a login, or what else it is for, can answer; newest first. */
export const answerable = (
  account: Account,
  serials: string[],
  now: number,
  wanted?: OpenChallenge['purpose'],
): OpenChallenge[] =>
  liveChallenges(account, now)
    .filter(
      ({ serial, superseded, purpose }) =>
        serials.includes(serial) && !superseded && purpose === wanted,
    )
    .reverse()

/** The account after wrong answers: what `AccountStore.charge` does to what is stored. */
export function charged(account: Account, charge?: Charge): Account {
  if (!charge) return account
  const failed = charge.serials.flatMap((serial) => account.tokens[serial] ?? [])
  const counted = failed.map((token) => [
    token.serial,
    { ...token, failcount: token.failcount + 1, failedAt: charge.at },
  ])
  return {
    ...account,
    wrong: [...account.wrong, ...Array<number>(charge.evaluated).fill(charge.at)],
    consecutive: account.consecutive + charge.evaluated,
    tokens: { ...account.tokens, ...Object.fromEntries(counted) },
  }
}
