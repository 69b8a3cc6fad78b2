/** How a transaction stands, told to who knows the PIN. */
import type { Account, Token } from './account.ts'
import { admitAccount } from './admit-login.ts'
import { begunElsewhere } from './application.ts'
import type { Caller } from './caller.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { countPin, trierOf } from './check-pin.ts'
import { findAccount, type Subject } from './find-account.ts'
import { findTransaction, type Transaction } from './find-transaction.ts'
import { firstFactor, type OtpPin } from './first-factor.ts'
import { mayTry, withRightTry } from './first-factor-tries.ts'
import { keep } from './pin-and-code.ts'
import type { Ports } from './ports.ts'
import { remotePassword } from './remote-user.ts'
import { isWaiting } from './resend-block.ts'
import { hasParts, partNumber } from './transaction-parts.ts'

export type StatusRequest = {
  transactionId: string
  /** Which challenge of the transaction is meant, from 1 in the order of serials. @default all */
  part?: number | undefined
  /** The first factor of the token. */
  pass: string
  /** Whom the transaction must be about; empty: anybody. */
  subject: Subject
  caller: Caller
}

export type ChallengeStatus = {
  serial: string
  /** Its number where the transaction has several, from 1 in the order of serials. */
  part: number | undefined
  /** Answers that were evaluated. */
  answers: number
  /** The right one was among them. */
  answered: boolean
  /** Whether it can still be answered. */
  open: boolean
}

/**
 * The challenges of a transaction whose tokens the PIN is right for. Undefined, without saying
 * which: no such transaction, over, of somebody else or another application, or not the PIN. A wrong PIN counts and delays
 * as everywhere.
 */
export async function checkStatus(
  ports: Ports,
  request: StatusRequest,
): Promise<ChallengeStatus[] | undefined> {
  const transaction = await findTransaction(ports, request.transactionId)
  if (!transaction) return undefined
  const { account } = transaction
  const admitted = await admitAccount(ports, account, request.caller)
  if (admitted.outcome || begunElsewhere(account, request.transactionId, admitted.caller)) {
    return undefined
  }

  const meant = await meantBy(ports, transaction, request)
  const tokens = meant.flatMap(({ serial }) => account.tokens[serial] ?? [])
  const otppin = admitted.policy.login.otppin.value
  const proven = await provenBy(ports, account, tokens, request, otppin)
  const seen = meant.filter(({ serial }) => proven.some((token) => token.serial === serial))
  return seen.length > 0 ? seen.map((one) => statusOf(account, one, ports.now())) : undefined
}

async function meantBy(
  ports: Ports,
  { account, challenges }: Transaction,
  { subject, part }: StatusRequest,
): Promise<Challenge[]> {
  // what a login waits for other than a code has no counter
  const live = challenges.filter(
    ({ serial, transactionId, expiresAt, counter }) =>
      expiresAt > ports.now() &&
      counter > 0 &&
      (part === undefined || partNumber(account, transactionId, serial) === part),
  )
  if (!subject.user && !subject.serial && !subject.who) return live
  const found = await findAccount(ports, subject)
  if (!found.found || found.account.key !== account.key) return []
  return live.filter(({ serial }) => found.serials.includes(serial))
}

/** The tokens the PIN is right for: told only after a write that still allowed a try. */
async function provenBy(
  ports: Ports,
  account: Account,
  tokens: Token[],
  { pass: typed, caller }: StatusRequest,
  otppin: OtpPin,
): Promise<Token[]> {
  const pepper = await ports.keyring.key('pin')
  const elsewhere = await remotePassword(ports, account)
  const factor = firstFactor(pepper, account, otppin, elsewhere)
  const trier = await trierOf(ports, account, otppin, caller)
  const allowed = (current: Account) => mayTry(current, trier, ports.now())
  const guarded = tokens.some((token) => factor.guarded(token))
  if (guarded && !allowed(account)) return []
  const proven = await keep(tokens, (token) => factor.matches(typed, token))
  if (!guarded) return proven
  if (proven.length === 0) {
    await countPin(ports, account, { trier, allowed }, 'wrong_pin')
    return []
  }
  const admitted = await changeAccount(ports, account, (current) =>
    allowed(current) ? { after: withRightTry(current, trier), result: true } : { result: false },
  )
  return admitted ? proven : []
}

/** How one challenge of an account stands. */
export function statusOf(account: Account, challenge: Challenge, now: number): ChallengeStatus {
  const { transactionId, serial, attempts, maxAttempts, guessMac, otpMac } = challenge
  const noted = account.open.find(
    (one) => one.transactionId === transactionId && one.serial === serial,
  )
  return {
    serial,
    part: hasParts(account, transactionId) ? partNumber(account, transactionId, serial) : undefined,
    answers: attempts,
    // a challenge that was closed unanswered has no attempts left to make
    answered: guessMac === otpMac && maxAttempts > 0,
    open: noted !== undefined && !noted.superseded && isWaiting(challenge, now),
  }
}
