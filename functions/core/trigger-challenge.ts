import type { Account, OpenChallenge, Token } from './account.ts'
import {
  addressOf,
  attemptsOf,
  freeGuesses,
  mailAllowed,
  outOfGuesses,
  unsettledChallenges,
  unusable,
  withMail,
  wrongToday,
} from './budget.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { awaitDelivery } from './await-delivery.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'
import { newTransactionId } from './transaction-id.ts'

/** Why no code was sent for a token whose owner gave the right PIN. */
export type NotSent = 'mail_failed' | 'mail_limit' | 'guess_budget' | 'no_address' | 'unusable'

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
  { pinProven, admit }: TriggerOptions,
): Promise<TriggerResult | undefined> {
  const settings = await ports.settings.current()
  const transactionId = newTransactionId(ports.random)
  const plan = await changeAccount(ports, account, async (found) => {
    if (admit && !admit(found)) return { result: undefined }
    const now = ports.now()
    const account = await freed(ports, found, settings, now)
    const made = planChallenges({ account, serials, settings, now, transactionId, pinProven })
    // A right PIN is written down even where no code can be sent: the write is what admits it, and
    // without one a burst of parallel tries would all be told what they found.
    const changed = made.challenges.length > 0 || pinProven
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
  const delivered = await awaitDelivery(ports, challenges, settings['email.delivery_wait'] * 1000)
  return {
    account: plan.account,
    issued: delivered.filter(({ delivery }) => delivery !== 'failed'),
    notSent: { ...notSent, ...failures(delivered.filter(({ delivery }) => delivery === 'failed')) },
  }
}

type Plan = { account: Account; challenges: Challenge[]; notSent: Record<string, NotSent> }
type PlanInput = {
  account: Account
  serials: string[]
  settings: Settings
  now: number
  transactionId: string
  pinProven: boolean
}

/** What a trigger does to an account: pure, so that it can be decided again on a newer revision. */
export function planChallenges(input: PlanInput): Plan {
  const { account, serials, settings, now } = input
  const plan: Plan = {
    account: {
      ...account,
      wrong: wrongToday(account, now),
      open: unsettledChallenges(account, now),
    },
    challenges: [],
    notSent: {},
  }
  for (const serial of serials) {
    const token = plan.account.tokens[serial]
    const reason = refusal(plan.account, token, settings, now)
    if (reason || !token) plan.notSent[serial] = reason ?? 'unusable'
    else addChallenge(plan, token, input)
  }
  if (plan.challenges.length > 0) return plan
  return { ...plan, account: input.pinProven ? { ...account, pinFailures: 0 } : account }
}

function refusal(account: Account, token: Token | undefined, settings: Settings, now: number) {
  if (!token || unusable(token, now)) return 'unusable'
  const address = addressOf(account, token)
  if (!address) return 'no_address'
  if (!mailAllowed(account, address, settings, now)) return 'mail_limit'
  if (outOfGuesses(account, settings) || freeGuesses(account, settings, now) === 0) {
    return 'guess_budget'
  }
  return undefined
}

function addChallenge(
  plan: Plan,
  token: Token,
  { settings, now, transactionId, pinProven }: PlanInput,
): void {
  const { account } = plan
  const { serial } = token
  const open: OpenChallenge = {
    transactionId,
    serial,
    counter: token.counter + 1,
    expiresAt: now + settings['email.validtime'] * 1000,
    attempts: attemptsOf(freeGuesses(account, settings, now), settings['challenge.max_attempts']),
  }
  const older = settings['email.concurrent_challenges']
    ? account.open
    : account.open.map((one) => (one.serial === serial ? { ...one, superseded: true } : one))
  plan.account = {
    ...account,
    tokens: { ...account.tokens, [serial]: { ...token, counter: open.counter } },
    open: [...older, open],
    mails: withMail(account, addressOf(account, token)!, settings, now),
    ...(pinProven ? { pinFailures: 0 } : {}),
  }
  plan.challenges.push({
    transactionId,
    serial,
    account: account.key,
    counter: open.counter,
    createdAt: now,
    expiresAt: open.expiresAt,
    maxAttempts: open.attempts,
    attempts: 0,
    guessMac: '-',
    guessedBy: '-',
    delivery: 'queued',
  })
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
