import type { Account } from './account.ts'
import { type AnswerRefusal, answerChallenge } from './answer-challenge.ts'
import { type Unusable, unusable } from './budget.ts'
import type { Challenge } from './challenge.ts'
import { checkPin, hasOtp, type PinRefusal } from './check-pin.ts'
import { findAccount, type Found, type Subject } from './find-account.ts'
import { burnPin } from './pin.ts'
import type { Ports } from './ports.ts'
import { type NotSent, type TriggerResult, triggerChallenge } from './trigger-challenge.ts'

/** One login request, whatever wire it came by. */
export type Attempt = Subject & {
  /** PIN, PIN and OTP, or with a transaction_id the OTP. */
  pass: string
  transactionId?: string
  /** Unique per request: a write retried for it is recognised by it. */
  nonce: string
}

export type Outcome = Accepted | Challenged | Rejected

export type Accepted = {
  outcome: 'accepted'
  /** `answer`: OTP with its transaction_id; `pin_otp`: both in one. */
  by: 'answer' | 'pin_otp'
  account: Account
  serial: string
}
export type Challenged = { outcome: 'challenged'; account: Account; issued: Challenge[] }
export type Rejected = {
  outcome: 'rejected'
  reason: RejectReason
  /** The tokens it was about, where there are any. */
  serials: string[]
  account?: Account
  subject?: { login: string; realm: string }
}
export type RejectReason =
  | Extract<Found, { found: false }>['reason']
  | 'no_token'
  | Unusable
  | PinRefusal
  | AnswerRefusal
  | NotSent

/**
 * Decides one login request: the PIN has a code mailed, the code lets in, once. Every expected
 * outcome is a value; a fault of a part propagates, and nothing has then been accepted.
 */
export async function authenticate(ports: Ports, attempt: Attempt): Promise<Outcome> {
  const outcome = await decide(ports, attempt)
  await evenOut(ports, attempt, outcome)
  return outcome
}

async function decide(ports: Ports, attempt: Attempt): Promise<Outcome> {
  const found = await findAccount(ports, attempt)
  if (!found.found) return notFound(found)
  const { account } = found
  const usable = usableTokens(found, ports.now())
  if (!Array.isArray(usable)) return usable
  return attempt.transactionId
    ? answered(ports, account, usable, attempt.transactionId, attempt)
    : checked(ports, account, usable, attempt)
}

/** Refusals that came before any PIN was hashed. */
const CHEAP = new Set<RejectReason>([
  'unknown_user',
  'unknown_realm',
  'unknown_serial',
  'serial_of_other',
  'no_token',
  'revoked',
  'disabled',
  'locked',
  'not_enrolled',
  'not_valid_now',
  'pin_delayed',
])

/** Where the profile is `hardened`, a refusal costs what looking at a PIN costs. */
async function evenOut(ports: Ports, attempt: Attempt, outcome: Outcome): Promise<void> {
  if (outcome.outcome !== 'rejected' || attempt.transactionId) return
  const settings = await ports.settings.current()
  const hashed = Object.values(outcome.account?.tokens ?? {}).some(({ pin }) => pin)
  if (settings.profile !== 'hardened' || (hashed && !CHEAP.has(outcome.reason))) return
  const pepper = await ports.keyring.key('pin')
  await burnPin(pepper, attempt.pass)
  if (hasOtp(attempt.pass, settings['otp.length'])) await burnPin(pepper, attempt.pass)
}

/** Mails a code to each usable token of a subject without asking for a PIN. */
export async function trigger(ports: Ports, subject: Subject): Promise<Outcome> {
  const found = await findAccount(ports, subject)
  if (!found.found) return notFound(found)
  const usable = usableTokens(found, ports.now())
  if (!Array.isArray(usable)) return usable
  const result = await triggerChallenge(ports, found.account, usable, { pinProven: false })
  return result ? triggered(result) : rejected('no_token', found.account, [])
}

function notFound(found: Extract<Found, { found: false }>): Rejected {
  const subject = 'login' in found ? { login: found.login, realm: found.realm } : undefined
  return { outcome: 'rejected', reason: found.reason, serials: [], subject }
}

/** The serials that can be used, or why there are none. */
function usableTokens(
  { account, serials }: Extract<Found, { found: true }>,
  now: number,
): string[] | Rejected {
  const tokens = serials.flatMap((serial) => account.tokens[serial] ?? [])
  const usable = tokens.filter((token) => !unusable(token, now))
  if (usable.length > 0) return usable.map(({ serial }) => serial)
  const first = tokens[0]
  return rejected(first ? unusable(first, now)! : 'no_token', account, serials)
}

const rejected = (reason: RejectReason, account: Account, serials: string[]): Rejected => ({
  outcome: 'rejected',
  reason,
  serials,
  account,
})

async function answered(
  ports: Ports,
  account: Account,
  serials: string[],
  transactionId: string,
  { pass, nonce }: Attempt,
): Promise<Outcome> {
  const entries = account.open.filter(
    (one) => one.transactionId === transactionId && serials.includes(one.serial),
  )
  const answer = await answerChallenge(ports, account, entries, pass, nonce)
  return answer.accepted
    ? { outcome: 'accepted', by: 'answer', account, serial: answer.serial }
    : rejected(answer.reason, account, answer.serials)
}

async function checked(
  ports: Ports,
  account: Account,
  serials: string[],
  { pass, nonce }: Attempt,
): Promise<Outcome> {
  const result = await checkPin(ports, account, serials, pass, nonce)
  if (result.step === 'triggered') return triggered(result.trigger)
  if (result.step === 'refused') return rejected(result.reason, account, result.serials)
  return { outcome: 'accepted', by: 'pin_otp', account, serial: result.serial }
}

function triggered({ account, issued, notSent }: TriggerResult): Outcome {
  if (issued.length > 0) return { outcome: 'challenged', account, issued }
  const [reason = 'no_token'] = Object.values(notSent)
  return rejected(reason, account, Object.keys(notSent))
}
