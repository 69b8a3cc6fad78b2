import type { Account, OpenChallenge } from './account.ts'
import { outOfGuesses } from './budget.ts'
import type { GuessResult } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { hasFailed, type Trier, withRightTry } from './first-factor-tries.ts'
import type { Charge, Ports } from './ports.ts'
import { answerMac, challengeSeal } from './seal.ts'

export type AnswerResult =
  | { accepted: true; serial: string }
  | { accepted: false; reason: AnswerRefusal; serials: string[]; charge?: Charge }

/**
 * - `wrong`: evaluated, not the answer
 * - `closed`: expired, used up or replaced by a newer challenge; not evaluated
 * - `used`: this challenge was answered before; `replayed`: by this very code
 * - `altered`: the right code of a challenge that somebody changed by hand
 * - `unknown`: no such challenge for these tokens
 * - `guess_budget`: too many wrong answers in a row; not evaluated
 */
export type AnswerRefusal =
  'wrong' | 'closed' | 'used' | 'replayed' | 'altered' | 'unknown' | 'guess_budget'

/**
 * Answers challenges of one transaction with the OTP a person typed.
 *
 * The attempt is spent by the write that decides (RFC 4226 §7.3: parallel guesses must not share
 * one), and what the guesses of a challenge may cost was reserved when it was made. Siblings of an
 * answered challenge close with it, whichever tokens the answer was for.
 */
export async function answerChallenge(
  ports: Ports,
  account: Account,
  entries: OpenChallenge[],
  otp: string,
  nonce: string,
): Promise<AnswerResult> {
  const result = await evaluate(ports, account, entries, otp, nonce)
  if (!result.accepted && result.charge) await ports.accounts.charge(account.key, result.charge)
  return result
}

/**
 * As {@link answerChallenge}, but leaves it to the caller to charge a wrong answer. `proven`: who
 * typed the right first factor with it.
 */
export async function evaluate(
  ports: Ports,
  account: Account,
  entries: OpenChallenge[],
  otp: string,
  nonce: string,
  proven?: Trier,
): Promise<AnswerResult> {
  const settings = await ports.settings.current()
  const serials = entries.map(({ serial }) => serial)
  if (entries.length === 0) return { accepted: false, reason: 'unknown', serials }
  if (outOfGuesses(account, settings)) return { accepted: false, reason: 'guess_budget', serials }

  const results = await Promise.all(
    entries.map((entry) => guess(ports, account, entry, otp, nonce)),
  )
  const won = entries[results.indexOf('accepted')]
  if (won) {
    await settle(ports, account, won, proven)
    return { accepted: true, serial: won.serial }
  }
  return refused(entries, results, ports.now())
}

async function guess(
  ports: Ports,
  account: Account,
  entry: OpenChallenge,
  otp: string,
  nonce: string,
) {
  const now = ports.now()
  if (entry.superseded || entry.expiresAt <= now) return 'expired'
  const key = await ports.keyring.key('answer')
  const guessMac = answerMac(key, entry, otp)
  const seal = challengeSeal(key, { ...entry, account: account.key }, guessMac)
  const { transactionId, serial } = entry
  const result = await ports.challenges.guess({ transactionId, serial, guessMac, seal, nonce, now })
  if (result === 'altered') {
    ports.log('error', 'challenge altered', { transaction_id: transactionId, serial })
  }
  return result
}

/**
 * After the winning write. The person is in: a fault here costs a counter that was not reset, never
 * the login.
 */
async function settle(ports: Ports, account: Account, won: OpenChallenge, proven?: Trier) {
  const { transactionId } = won
  const siblings = account.open.filter(
    (one) => one.transactionId === transactionId && one.serial !== won.serial && !one.superseded,
  )
  const tidied = await Promise.allSettled([
    ...siblings.map(({ transactionId, serial }) => ports.challenges.close(transactionId, serial)),
    needsReset(account, won, proven)
      ? changeAccount(ports, account, (now) => reset(now, won.serial, proven))
      : undefined,
  ])
  for (const step of tidied) {
    if (step.status === 'rejected')
      ports.log('error', 'reset after success', { error: step.reason })
  }
}

const needsReset = (account: Account, { serial }: OpenChallenge, proven?: Trier) =>
  account.consecutive > 0 ||
  (account.tokens[serial]?.failcount ?? 0) > 0 ||
  (proven !== undefined && hasFailed(account, proven))

/** The challenge stays noted: other answers to it may be under way, and its guesses reserved for them. */
function reset(account: Account, serial: string, proven?: Trier) {
  const token = account.tokens[serial]
  if (!token) return { result: undefined }
  const after: Account = {
    ...(proven ? withRightTry(account, proven) : account),
    consecutive: 0,
    tokens: { ...account.tokens, [serial]: { ...token, failcount: 0 } },
  }
  return { after, result: undefined }
}

function refused(entries: OpenChallenge[], results: GuessResult[], at: number): AnswerResult {
  const open = entries.filter((_, index) => !['used', 'replayed'].includes(results[index]!))
  const serials = (open.length > 0 ? open : entries).map(({ serial }) => serial)
  if (open.length === 0) {
    const reason = results.includes('replayed') ? 'replayed' : 'used'
    return { accepted: false, reason, serials }
  }
  const evaluated = results.filter((result) => ['wrong', 'altered'].includes(result)).length
  const reason = results.includes('altered') ? 'altered' : evaluated > 0 ? 'wrong' : 'closed'
  // what anybody could have made must not lock the token of somebody else
  const counted = open.filter(({ anybodys }) => !anybodys).map(({ serial }) => serial)
  const owed = evaluated > 0 || counted.length > 0
  const charge = { at, evaluated, serials: counted }
  return { accepted: false, reason, serials, ...(owed ? { charge } : {}) }
}
