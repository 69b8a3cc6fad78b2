/**
 * What an account may still spend: guesses, PIN tries and mails. Pure arithmetic over an account;
 * DESIGN "The guess budget belongs to the account".
 */
import { type Account, type OpenChallenge, type Token, typeOf } from './account.ts'
import { addressKey } from './address/address-key.ts'
import { activePolicies } from './policy/match.ts'
import type { Charge } from './ports.ts'
import type { Settings } from './settings.ts'
import { DAY, HOUR } from './spans.ts'

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
 * The most wrong answers a day that a code of so many digits allows: P(guessed) <= 10^-4, as the
 * settings are checked for. A token may have been enrolled while others were in force.
 */
const mostGuesses = ({ digits }: Pick<Token, 'digits'>) => 10 ** (digits - 4)

/**
 * What mails codes that somebody may guess: no token that is revoked for good, or was never one of
 * codes, once the challenges it had are settled. A disabled one may be enabled again within the day.
 */
function guessable(account: Account, now: number): Pick<Token, 'digits'>[] {
  const asked = new Set(unsettledChallenges(account, now).map(({ serial }) => serial))
  const mayBeAsked = (token: Token) => typeOf(token) === 'email' && !token.revoked
  return Object.values(account.tokens).filter((one) => mayBeAsked(one) || asked.has(one.serial))
}

/** Wrong answers a day, all in all: what the settings say, or less for the shortest code there is. */
const dailyGuesses = (account: Account, settings: Settings, now: number): number =>
  Math.min(settings['account.max_wrong_per_day'], ...guessable(account, now).map(mostGuesses))

/**
 * Guesses nobody has spent or reserved. A challenge reserves all its attempts when it is made, so
 * answers arriving in parallel over many challenges cannot overdraw the day.
 */
export function freeGuesses(account: Account, settings: Settings, now: number): number {
  const unsettled = unsettledChallenges(account, now)
  const reserved = unsettled.reduce((sum, { attempts }) => sum + attempts, 0)
  const daily = dailyGuesses(account, settings, now) - wrongToday(account, now).length - reserved
  const consecutive = settings['account.max_consecutive_wrong'] - account.consecutive - reserved
  return Math.max(0, Math.min(daily, consecutive))
}

/** A part of what is free, so that a few unanswered mails do not use up the day. */
export const attemptsOf = (free: number, max: number) => Math.min(max, Math.ceil(free / 3))

/** Whether somebody must look at the account before it can be answered again. */
export const outOfGuesses = (account: Account, settings: Settings) =>
  account.consecutive >= settings['account.max_consecutive_wrong']

/**
 * What an account notes of its mails at most, so that its item stays small whatever the limits are and
 * however many addresses there are: whoever comes to that has had enough.
 */
const MOST_NOTED = { mails: 2000, mailboxes: 100 }

/** Whether the account can note a mail to this address. */
function canBeNoted({ mails }: Account, mailbox: string, now: number): boolean {
  const recent = Object.entries(mails).filter(([, times]) => since(times, now - DAY).length > 0)
  const count = recent.reduce((sum, [, times]) => sum + since(times, now - DAY).length, 0)
  if (count >= MOST_NOTED.mails) return false
  return recent.length < MOST_NOTED.mailboxes || recent.some(([known]) => known === mailbox)
}

/** What notices to a mailbox are counted as. No address begins like that. */
const noticesTo = (mailbox: string) => `@notice ${mailbox}`

/**
 * Whether one more mail with a code may go to this address. Where policies want notices, the last
 * mail of the hour and of the day is kept for one: who mails codes keeps no notice back.
 */
export function mailAllowed(account: Account, address: string, settings: Settings, now: number) {
  const mailbox = addressKey(address)
  const kept = activePolicies(settings.policies, 'notification').length > 0 ? 1 : 0
  const of = { own: mailbox, others: noticesTo(mailbox) }
  return oneMore(account, settings, now, { ...of, kept: (limit) => (limit > 1 ? kept : 0) })
}

/**
 * Whether a notice may go to this address. It counts with the codes, and one mail of the hour and of
 * the day is kept for them: no notice keeps a person from logging in.
 */
export function noticeAllowed(account: Account, address: string, settings: Settings, now: number) {
  const mailbox = addressKey(address)
  return oneMore(account, settings, now, {
    ...{ own: noticesTo(mailbox), others: mailbox, kept: () => 1 },
  })
}

/** Whether both limits leave a mail beside the others, or beside what is kept for these. */
function oneMore(
  account: Account,
  settings: Settings,
  now: number,
  { own, others, kept }: { own: string; others: string; kept: (limit: number) => number },
): boolean {
  if (areCounted(settings) && !canBeNoted(account, own, now)) return false
  const within = (limit: number, from: number) => {
    const sent = (to: string) => since(account.mails[to] ?? [], from).length
    return below(limit, sent(own) + Math.max(sent(others), kept(limit)))
  }
  return (
    within(settings['mail.per_hour'], now - HOUR) && within(settings['mail.per_day'], now - DAY)
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

const areCounted = (settings: Settings) =>
  settings['mail.per_hour'] > 0 || settings['mail.per_day'] > 0

/** The mail log of an account with one more code and without what no limit looks at any more. */
export const withMail = (account: Account, address: string, settings: Settings, now: number) =>
  withEntry(account, addressKey(address), settings, now)

/** As {@link withMail}, with one more notice. */
export const withNotice = (account: Account, address: string, settings: Settings, now: number) =>
  withEntry(account, noticesTo(addressKey(address)), settings, now)

function withEntry(account: Account, mailbox: string, settings: Settings, now: number) {
  const counted = areCounted(settings)
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
