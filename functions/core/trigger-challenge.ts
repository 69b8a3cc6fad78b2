import { type Account, type OpenChallenge, provesAddress } from './account.ts'
import { awaitDelivery } from './await-delivery.ts'
import { attemptsOf, freeGuesses, unsettledChallenges } from './budget.ts'
import type { Caller } from './caller.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { type Trier, withRightTry } from './first-factor-tries.ts'
import { mailboxGate } from './mailbox-limit.ts'
import { type NotSent, type Plan, planChallenges } from './plan-challenges.ts'
import type { Ports } from './ports.ts'
import { blockingChallenges } from './resend-block.ts'
import type { Settings } from './settings.ts'
import { newTransactionId } from './transaction-id.ts'

export { type NotSent, planChallenges } from './plan-challenges.ts'

export type TriggerResult = {
  /** Challenges whose mail is on its way or sent. */
  issued: Challenge[]
  /** What happened to the other tokens, by serial. */
  notSent: Record<string, NotSent>
  account: Account
  /** No mail went out: `issued` is what was sent before and still waits for its answer. */
  earlier?: boolean
}

export type TriggerOptions = {
  /** Whether the caller gave the PIN: ends the delays that wrong PINs earned. */
  pinProven: boolean
  /** Whose try proved it. @default a PIN from anywhere */
  trier?: Trier
  /** Tokens whose challenge anybody could have made. @default none */
  anybodys?: readonly string[]
  /** Asked on the very state the trigger is based on; false: nothing happens. */
  admit?: (current: Account) => boolean
  /** Who asks: the mail may depend on it. */
  caller?: Caller
  /** What the client says it is about. */
  text?: string
  /** Each challenge costs its token a failure. */
  countsAsFailure?: boolean
  /** Mail goes to the user's own address, whatever the token has. */
  dynamicAddress?: boolean
  /** Seconds in which an open challenge keeps a new mail back, if `email.resend_after` is not longer. */
  resendAfter?: number
  /** Seconds the codes can be used, unless their token says less. @default `email.validtime` */
  validSeconds?: number
  /** Digits of the codes, where their token does not have more. @default the token's */
  digits?: number
  /** What the codes are good for. @default a login */
  purpose?: OpenChallenge['purpose']
  /** Whether to wait for the mails. @default true */
  wait?: boolean
  /** Milliseconds that the caller has waited before, of those it would wait for the mails. @default 0 */
  waitedMs?: number
}

/**
 * Makes one challenge for each of the tokens, under one transaction_id, and has their codes mailed.
 *
 * One conditional write takes the next counter, the mail allowance and the guesses of the new
 * challenge from the account before the challenge exists. While an open challenge is younger than
 * the settings or the caller want, there is no new one. Undefined: not admitted, or gone.
 */
export async function triggerChallenge(
  ports: Ports,
  account: Account,
  serials: string[],
  options: TriggerOptions,
): Promise<TriggerResult | undefined> {
  const settings = await ports.settings.current()
  const transactionId = newTransactionId(ports.random)
  const seconds = Math.max(settings['email.resend_after'], options.resendAfter ?? 0)
  const gate = mailboxGate(ports, settings, options)
  const plan = await changeAccount<Planned>(ports, account, async (found) => {
    if (options.admit && !options.admit(found)) return { result: undefined }
    const now = ports.now()
    const { purpose, caller } = options
    const blocking = provesAddress(purpose)
      ? []
      : await blockingChallenges(ports, found, serials, { seconds, now, purpose, caller })
    if (blocking.length > 0) return heldBack(found, blocking, options)
    const account = await freed(ports, found, settings, now)
    const made = planChallenges({ ...options, account, serials, settings, now, transactionId })
    if (!(await gate(made.account, made.challenges))) return { result: overLimit(found, made) }
    // A right PIN is written down even where no code can be sent: the write is what admits it, and
    // without one a burst of parallel tries would all be told what they found.
    const changed = made.challenges.length > 0 || made.failed || options.pinProven
    if (!changed) return { result: made }
    const after = made.account
    return { after, result: { ...made, account: { ...after, rev: found.rev + 1 } } }
  })
  if (!plan || 'earlier' in plan) return plan
  const { challenges, notSent } = plan
  if (challenges.length > 0 && !(await queued(ports, plan.account, challenges))) {
    return { account: plan.account, issued: [], notSent: { ...notSent, ...failures(challenges) } }
  }
  const patience = options.wait === false ? 0 : patienceLeft(settings, options)
  const delivered = await awaitDelivery(ports, challenges, patience)
  return {
    account: plan.account,
    issued: delivered.filter(({ delivery }) => delivery !== 'failed'),
    notSent: { ...notSent, ...failures(delivered.filter(({ delivery }) => delivery === 'failed')) },
  }
}

type Planned = Plan | (TriggerResult & { earlier: true }) | undefined

/** Others have had mails sent to this mailbox: told as if they had been of this account. */
const overLimit = (account: Account, { challenges, notSent }: Plan): Plan => {
  const limited = challenges.map(({ serial }) => [serial, 'mail_limit'] as const)
  const none = { challenges: [], failed: false }
  return { account, ...none, notSent: { ...notSent, ...Object.fromEntries(limited) } }
}

const patienceLeft = (settings: Settings, { waitedMs = 0 }: TriggerOptions) =>
  Math.max(0, settings['email.delivery_wait'] * 1000 - waitedMs)

/** A right PIN is written down here too, or parallel tries would all be told what they found. */
function heldBack(account: Account, issued: Challenge[], { pinProven, trier }: TriggerOptions) {
  const after = pinProven ? withRightTry(account, trier ?? { secret: 'pin' }) : undefined
  const result = { account: after ?? account, issued, notSent: {}, earlier: true as const }
  return { result, ...(after ? { after } : {}) }
}

/** Whether the codes are on their way. */
export async function queued(ports: Ports, account: Account, made: Challenge[]): Promise<boolean> {
  const { login: user, realm } = account
  const serials = made.map(({ serial }) => serial)
  const ids = { transaction_id: made[0]!.transactionId, serials }
  const line = { record: 'delivery', ...ids, ...(user === undefined ? {} : { user, realm }) }
  let written = false
  try {
    await Promise.all(made.map((challenge) => ports.challenges.put(challenge)))
    written = true
    ports.log('info', 'queued', { ...line, state: 'queued' })
    await ports.outbox.send(made)
    return true
  } catch (error) {
    ports.log('error', 'challenge not queued', {
      ...{ ...line, state: 'failed', reason: 'not queued', error },
    })
    if (written) await markFailed(ports, made)
    return false
  }
}

/** No mail will come of them, so they keep none back. */
async function markFailed({ challenges, now }: Ports, made: Challenge[]): Promise<void> {
  const mark = { state: 'failed', at: now(), reply: 'not queued' } as const
  await Promise.allSettled(
    made.map(({ transactionId, serial }) => challenges.mark(transactionId, serial, mark)),
  )
}

/**
 * Gives back what open challenges reserved and no longer need. Looks only when the budget is so
 * tight that the next challenge would not get its full share: a login does not pay for this read.
 */
async function freed(ports: Ports, account: Account, settings: Settings, now: number) {
  const free = freeGuesses(account, settings, now)
  const unsettled = unsettledChallenges(account, now)
  const plenty = attemptsOf(free, 10) >= settings['challenge.max_attempts']
  if (unsettled.length === 0 || plenty) return account
  const stored = await ports.challenges.getMany(unsettled)
  return { ...account, open: unsettled.flatMap((one) => stillReserved(one, stored)) }
}

/** An answered challenge costs no more guesses; its wrong ones may not have been charged yet. */
function stillReserved(one: OpenChallenge, stored: Challenge[]): OpenChallenge[] {
  const found = stored.find(
    ({ transactionId, serial }) => transactionId === one.transactionId && serial === one.serial,
  )
  if (!found || found.otpMac !== found.guessMac) return [one]
  return found.attempts > 1 ? [{ ...one, attempts: found.attempts - 1 }] : []
}

const failures = (challenges: Challenge[]): Record<string, NotSent> =>
  Object.fromEntries(challenges.map(({ serial }) => [serial, 'mail_failed']))
