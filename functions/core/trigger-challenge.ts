import type { Account, OpenChallenge } from './account.ts'
import { awaitDelivery } from './await-delivery.ts'
import { attemptsOf, freeGuesses, unsettledChallenges } from './budget.ts'
import type { Caller } from './caller.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { type NotSent, planChallenges } from './plan-challenges.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'
import { newTransactionId } from './transaction-id.ts'

export { type NotSent, planChallenges } from './plan-challenges.ts'

export type TriggerResult = {
  /** Challenges whose mail is on its way or sent. */
  issued: Challenge[]
  /** What happened to the other tokens, by serial. */
  notSent: Record<string, NotSent>
  account: Account
}

export type TriggerOptions = {
  /** Whether the caller gave the PIN: ends the delays that wrong PINs earned. */
  pinProven: boolean
  /** Asked on the very state the trigger is based on; false: nothing happens. */
  admit?: (current: Account) => boolean
  /** Who asks: the mail may depend on it. */
  caller?: Caller
  /** What the client says it is about. */
  text?: string
  /** Each challenge costs its token a failure. */
  countsAsFailure?: boolean
  /** What the codes are good for. @default a login */
  purpose?: OpenChallenge['purpose']
  /** Whether to wait for the mails. @default true */
  wait?: boolean
}

/**
 * Makes one challenge for each of the tokens, under one transaction_id, and has their codes mailed.
 *
 * One conditional write takes the next counter, the mail allowance and the guesses of the new
 * challenge from the account before the challenge exists. Undefined: not admitted, or gone.
 */
export async function triggerChallenge(
  ports: Ports,
  account: Account,
  serials: string[],
  options: TriggerOptions,
): Promise<TriggerResult | undefined> {
  const settings = await ports.settings.current()
  const transactionId = newTransactionId(ports.random)
  const plan = await changeAccount(ports, account, async (found) => {
    if (options.admit && !options.admit(found)) return { result: undefined }
    const now = ports.now()
    const account = await freed(ports, found, settings, now)
    const made = planChallenges({ ...options, account, serials, settings, now, transactionId })
    // A right PIN is written down even where no code can be sent: the write is what admits it, and
    // without one a burst of parallel tries would all be told what they found.
    const changed = made.challenges.length > 0 || made.failed || options.pinProven
    return changed ? { after: made.account, result: made } : { result: made }
  })
  if (!plan) return undefined
  const { challenges, notSent } = plan
  if (challenges.length > 0) {
    try {
      await Promise.all(challenges.map((challenge) => ports.challenges.put(challenge)))
      await ports.outbox.send(challenges)
    } catch (error) {
      ports.log('error', 'challenge not queued', { transaction_id: transactionId, error })
      return { account: plan.account, issued: [], notSent: { ...notSent, ...failures(challenges) } }
    }
  }
  const patience = options.wait === false ? 0 : settings['email.delivery_wait'] * 1000
  const delivered = await awaitDelivery(ports, challenges, patience)
  return {
    account: plan.account,
    issued: delivered.filter(({ delivery }) => delivery !== 'failed'),
    notSent: { ...notSent, ...failures(delivered.filter(({ delivery }) => delivery === 'failed')) },
  }
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
