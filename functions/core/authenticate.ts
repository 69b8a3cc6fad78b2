import { type Account, type OpenChallenge, typeOf } from './account.ts'
import { admitLogin, type Whom, whomOf } from './admit-login.ts'
import { afterSuccess } from './after-success.ts'
import { answerChallenge } from './answer-challenge.ts'
import { answerStep, enrolmentsOf, proveAddress } from './answer-step.ts'
import { ANYWHERE, begunElsewhere } from './application.ts'
import { type Caller, UNKNOWN_CALLER } from './caller.ts'
import { checkPin } from './check-pin.ts'
import { codeOptions } from './code-length.ts'
import { evenly } from './even-out.ts'
import type { Subject } from './find-account.ts'
import { returnTicket, takeTicket } from './login-history.ts'
import type { LoginPolicy } from './login-policy.ts'
import { openStep } from './login-step.ts'
import { partOf } from './transaction-parts.ts'
import { type Outcome, rejected } from './outcome.ts'
import { isPending } from './pending-token.ts'
import type { Ports } from './ports.ts'
import { selectTokens, withoutOldLocks } from './select-tokens.ts'
import { sessionEpochOf } from './session-epoch.ts'
import { type TriggerResult, triggerChallenge } from './trigger-challenge.ts'
import { withoutToken } from './without-token.ts'

export type * from './outcome.ts'

/** One login request, whatever wire it came by. */
export type Attempt = Subject & {
  /** PIN, PIN and OTP, or with a transaction_id the OTP. */
  pass: string
  transactionId?: string | undefined
  /** Unique per request: a write retried for it is recognised by it. */
  nonce: string
  /** Who asks. Left out, policies for some callers only do not apply. */
  caller?: Caller
  /** The type of token that is meant; only a policy makes it count. */
  type?: string | undefined
  /** The type counts without a policy. */
  typeBinds?: boolean
  /** What the client says it is about. */
  text?: string | undefined
  /** Which challenge of the transaction is meant, from 1 in the order of serials. @default any */
  part?: number | undefined
  /** Seconds in which an open challenge keeps a new mail back, if `email.resend_after` is not longer. */
  resendAfter?: number
  /**
   * A sign-in to the self-service: its codes are good for nothing else, and no other code is for it.
   * It asks for one after the other, PIN and code, and for nothing that a login may be asked for.
   */
  purpose?: 'self_service'
}

/**
 * An outcome and the rules it came by. `epoch` is what a session of it begins with: whatever ended
 * sessions while it was decided ends this one, too.
 */
export type Decided = Outcome & { policy: LoginPolicy; epoch?: number }

/**
 * Decides one login request: the PIN has a code mailed, the code lets in, once. Every expected
 * outcome is a value; a fault of a part propagates, and nothing has then been accepted.
 */
export async function authenticate(ports: Ports, attempt: Attempt): Promise<Decided> {
  const { transactionId, pass: typed, serial, user } = attempt
  if (transactionId) return withTransaction(await decide(ports, attempt), transactionId)
  const said = { typed, serial, user: user ?? attempt.who?.login, combined: !attempt.purpose }
  return evenly(ports, said, (watched) => decide(watched, attempt))
}

/** Notes what was answered, for the audit; what was merely typed as a transaction is not noted. */
function withTransaction(decided: Decided, transactionId: string): Decided {
  if (decided.outcome === 'accepted') return { ...decided, transactionId }
  if (decided.outcome !== 'rejected') return decided
  const { open = [], steps = [] } = decided.account ?? {}
  const exists = [...open, ...steps].some((one) => one.transactionId === transactionId)
  return exists ? { ...decided, transactionId } : decided
}

type Run = { attempt: Attempt; caller: Caller; policy: LoginPolicy; serials: string[] }

async function decide(ports: Ports, attempt: Attempt): Promise<Decided> {
  const admission = await admitLogin(ports, attempt, attempt.caller ?? UNKNOWN_CALLER)
  const { policy, caller } = admission
  if ('outcome' in admission) return { ...admission.outcome, policy }

  const { account: found, serials } = admission.found
  const account = await withoutOldLocks(ports, found)
  const run = { attempt, caller, policy, serials }
  const outcome = await limited(ports, account, policy, async (account) => {
    const factors = await checkFactors(ports, account, run)
    const success = factors.outcome === 'accepted' || factors.outcome === 'passed'
    return success ? afterSuccess(ports, factors, run) : factors
  })
  return { ...outcome, policy, epoch: epochAfter(account, outcome) }
}

/** A new PIN has ended all sessions but the one it begins. */
const epochAfter = (account: Account, outcome: Outcome): number =>
  sessionEpochOf(account) + (outcome.outcome === 'accepted' && outcome.by === 'new_pin' ? 1 : 0)

/** Where a policy limits failures, one is taken before anything is looked at. */
async function limited(
  ports: Ports,
  account: Account,
  policy: LoginPolicy,
  attempt: (account: Account) => Promise<Outcome>,
): Promise<Outcome> {
  const ticket = await takeTicket(ports, account, policy)
  if (!ticket.limited) return attempt(account)
  if (!ticket.admitted) return rejected('too_many_failures', account, [], ticket.message)
  const outcome = await attempt(ticket.account)
  if (outcome.outcome !== 'rejected') await returnTicket(ports, ticket)
  return outcome
}

async function checkFactors(ports: Ports, account: Account, run: Run): Promise<Outcome> {
  const { attempt, caller, policy, serials } = run
  const { transactionId, purpose } = attempt
  if (begunElsewhere(account, transactionId, caller)) {
    return rejected('other_application', account, [])
  }
  const waiting = transactionId && !purpose && waitingFor(ports, account, transactionId, run)
  if (waiting) return waiting

  const { type, typeBinds = false } = attempt
  const settings = await ports.settings.current()
  const wanted = { account, serials, policy, settings, now: ports.now(), type, typeBinds }
  const selected = selectTokens(wanted)
  if (Array.isArray(selected)) return checkTokens(ports, account, selected, run)
  return Object.values(account.tokens).every(isPending) ? tokenless(ports, account, run) : selected
}

/** What the transaction waits for, where that is something else than the code of a login. */
function waitingFor(
  ports: Ports,
  account: Account,
  transactionId: string,
  { attempt, caller }: Run,
): Promise<Outcome> | undefined {
  const answer = { typed: attempt.pass, nonce: attempt.nonce, caller }
  const step = openStep(account, transactionId, ports.now())
  if (step) return answerStep(ports, account, step, answer)
  const enrolments = enrolmentsOf(account, transactionId)
  return enrolments.length > 0 ? proveAddress(ports, account, enrolments, answer) : undefined
}

function tokenless(ports: Ports, account: Account, run: Run): Promise<Outcome> {
  const { attempt, caller, policy } = run
  const { pass: typed, transactionId, type, typeBinds, purpose } = attempt
  return withoutToken(ports, account, {
    ...{ typed, caller, policy, type, typeBinds },
    answers: Boolean(transactionId),
    enrols: purpose === undefined,
    async challenge(owner, serial, purpose) {
      const options = {
        ...triggerOptions(policy, caller, { ...attempt, purpose }),
        pinProven: false,
      }
      const result = await triggerChallenge(ports, owner, [serial], options)
      return result ? triggered(result) : rejected('no_token', owner, [serial])
    },
    again: (owner) => checkFactors(ports, owner, { ...run, serials: Object.keys(owner.tokens) }),
  })
}

const checkTokens = (ports: Ports, account: Account, serials: string[], run: Run) =>
  run.attempt.transactionId
    ? answered(ports, account, serials, run.attempt.transactionId, run.attempt)
    : checked(ports, account, serials, run)

async function answered(
  ports: Ports,
  account: Account,
  serials: string[],
  transactionId: string,
  { pass, nonce, part, purpose }: Attempt,
): Promise<Outcome> {
  const entries = partOf(account, transactionId, part).filter(
    (one) => serials.includes(one.serial) && one.purpose === purpose,
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
  { attempt, caller, policy }: Run,
): Promise<Outcome> {
  const { login } = policy
  const { PrependPin } = await ports.settings.current()
  const result = await checkPin(ports, account, serials, attempt.pass, attempt.nonce, {
    otppin: login.otppin.value,
    combined: !attempt.purpose && (!login.forceChallengeResponse.value || Boolean(attempt.serial)),
    prepended: PrependPin,
    trigger: triggerOptions(policy, caller, attempt),
  })
  if (result.step === 'triggered') return triggered(result.trigger)
  if (result.step === 'refused') return rejected(result.reason, account, result.serials)
  const { step: _step, ...accepted } = result
  return { outcome: 'accepted', ...accepted, account }
}

const triggerOptions = (
  { login }: LoginPolicy,
  caller: Caller,
  {
    text,
    resendAfter,
    purpose,
  }: Pick<Attempt, 'text' | 'resendAfter'> & Pick<OpenChallenge, 'purpose'>,
) => ({
  caller,
  ...codeOptions(login),
  ...(purpose ? { purpose } : {}),
  ...(text ? { text } : {}),
  ...(resendAfter ? { resendAfter } : {}),
  ...(login.dynamicEmailAddress.value ? { dynamicAddress: true } : {}),
  ...(login.increaseFailcounterOnChallenge.value ? { countsAsFailure: true } : {}),
})

function triggered({ account, issued, notSent, earlier }: TriggerResult): Outcome {
  if (issued.length > 0) {
    return { outcome: 'challenged', account, issued, ...(earlier ? { earlier } : {}) }
  }
  const [reason = 'no_token'] = Object.values(notSent)
  return rejected(reason, account, Object.keys(notSent))
}

export type Trigger = Pick<Attempt, 'caller' | 'text'> & {
  /**
   * Asked before anything is told or mailed, with whom it turns out to be about, as far as that is
   * known; throws to refuse.
   */
  permit?: (whom: Whom | undefined) => void
}

/** Mails a code to each usable token of a subject without asking for a PIN. */
export async function trigger(
  ports: Ports,
  subject: Subject,
  { caller: asking = UNKNOWN_CALLER, text, permit }: Trigger = {},
): Promise<Decided> {
  const admission = await admitLogin(ports, subject, asking)
  const { policy } = admission
  // who may trigger for others need not be the application that asks for the answer
  const { application } = admission.caller
  const caller = { ...admission.caller, application: application === '' ? ANYWHERE : application }
  permit?.(whomOf(admission))
  if ('outcome' in admission) {
    const { outcome } = admission
    return { ...(outcome.outcome === 'passed' ? notAUser(outcome.account) : outcome), policy }
  }
  const { account: found, serials } = admission.found
  const account = await withoutOldLocks(ports, found)
  const settings = await ports.settings.current()
  const selected = selectTokens({ account, serials, policy, settings, now: ports.now() })
  if (!Array.isArray(selected)) return { ...selected, policy }
  const mailed = selected.filter((serial) => typeOf(account.tokens[serial]!) === 'email')
  if (mailed.length === 0) return { ...rejected('no_token', account, selected), policy }
  const options = { ...triggerOptions(policy, caller, { text }), pinProven: false }
  const result = await triggerChallenge(ports, account, mailed, options)
  return { ...(result ? triggered(result) : rejected('no_token', account, [])), policy }
}

const notAUser = (account: Account | undefined): Outcome => ({
  outcome: 'rejected',
  reason: 'no_token',
  serials: [],
  ...(account ? { account } : {}),
})
