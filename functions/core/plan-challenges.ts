import { type Account, type OpenChallenge, provesAddress, type Token } from './account.ts'
import {
  addressOf,
  attemptsOf,
  freeGuesses,
  mailAllowed,
  outOfGuesses,
  typedAddressAllowed,
  unsettledChallenges,
  unusable,
  withMail,
  wrongToday,
} from './budget.ts'
import { begunBy, isApart } from './application.ts'
import type { Caller } from './caller.ts'
import type { Challenge } from './challenge.ts'
import { longerCode } from './code-length.ts'
import { type Trier, withRightTry } from './first-factor-tries.ts'
import { mailDigest } from './mail-digest.ts'
import { mailboxDigest } from './mailbox-digest.ts'
import { SCHEMA } from './settings-schema.ts'
import type { Settings } from './settings.ts'
import { undeliverable } from './undeliverable.ts'

/** Why no code was sent for a token whose owner gave the right PIN. */
export type NotSent =
  | 'mail_failed'
  | 'mail_limit'
  | 'guess_budget'
  | 'no_address'
  | 'undeliverable'
  | 'unusable'
  | 'locked'

export type Plan = {
  account: Account
  challenges: Challenge[]
  notSent: Record<string, NotSent>
  /** A token got a failure instead of a challenge. */
  failed: boolean
}

export type PlanInput = {
  account: Account
  serials: string[]
  settings: Settings
  now: number
  transactionId: string
  pinProven: boolean
  /** Whose try proved it. @default a PIN from anywhere */
  trier?: Trier
  /** Tokens whose challenge anybody could have made. @default none */
  anybodys?: readonly string[]
  caller?: Caller
  text?: string
  countsAsFailure?: boolean
  dynamicAddress?: boolean
  purpose?: OpenChallenge['purpose']
  validSeconds?: number
  digits?: number
}

/** What a trigger does to an account: pure, so that it can be decided again on a newer revision. */
export function planChallenges(input: PlanInput): Plan {
  const { account, serials, settings, now, transactionId } = input
  const plan: Plan = {
    account: {
      ...account,
      wrong: wrongToday(account, now),
      // a write of ours whose reply was lost is decided anew: it must not leave its entries twice
      open: unsettledChallenges(account, now).filter((one) => one.transactionId !== transactionId),
    },
    challenges: [],
    notSent: {},
    failed: false,
  }
  for (const serial of serials) {
    const token = plan.account.tokens[serial]
    const reason = refusal(plan.account, token, input)
    if (reason || !token) plan.notSent[serial] = reason ?? 'unusable'
    else if (locksNow(token, input)) addFailure(plan, token, now)
    else addChallenge(plan, settings, token, input)
  }
  if (plan.challenges.length > 0) return plan
  const unchanged = plan.failed ? plan.account : account
  return { ...plan, account: afterProof(unchanged, input) }
}

const afterProof = (account: Account, { pinProven, trier = { secret: 'pin' } }: PlanInput) =>
  pinProven ? withRightTry(account, trier) : account

function refusal(account: Account, token: Token | undefined, input: PlanInput) {
  const { settings, now, purpose } = input
  if (!token || unusable(provesAddress(purpose) ? { ...token, rollout: 'enrolled' } : token, now)) {
    return 'unusable'
  }
  const address = addressOf(account, token, input.dynamicAddress)
  if (!address) return 'no_address'
  // a code that proves an address is how it is tried again
  if (!provesAddress(purpose) && undeliverable(account, address)) return 'undeliverable'
  if (!mailAllowed(account, address, settings, now)) return 'mail_limit'
  if (purpose === 'login_enrolment' && !typedAddressAllowed(account, settings, now)) {
    return 'mail_limit'
  }
  if (outOfGuesses(account, settings) || freeGuesses(account, settings, now) === 0) {
    return 'guess_budget'
  }
  return undefined
}

/** The trigger whose failure is the last one that a token has left gets no code any more. */
const locksNow = ({ failcount, maxFailcount }: Token, { countsAsFailure }: PlanInput) =>
  countsAsFailure === true && failcount + 1 >= maxFailcount

const failedAgain = (token: Token, now: number): Token => ({
  ...token,
  failcount: token.failcount + 1,
  failedAt: now,
})

function addFailure(plan: Plan, token: Token, now: number): void {
  const { serial } = token
  const tokens = { ...plan.account.tokens, [serial]: failedAgain(token, now) }
  plan.account = { ...plan.account, tokens }
  plan.notSent[serial] = 'locked'
  plan.failed = true
}

function addChallenge(plan: Plan, settings: Settings, found: Token, input: PlanInput): void {
  const { now, transactionId, purpose } = input
  const { account } = plan
  const { serial } = found
  const token = input.countsAsFailure ? failedAgain(found, now) : found
  const longer = longerCode(token, input.digits)
  const address = addressOf(account, token, input.dynamicAddress)!
  const asked = {
    createdAt: now,
    ...(input.dynamicAddress ? { dynamicAddress: true } : {}),
    ...origin(settings, input),
  }
  const open: OpenChallenge = {
    transactionId,
    serial,
    counter: token.counter + 1,
    expiresAt: now + validSeconds(found, settings, input.validSeconds) * 1000,
    attempts: attemptsOf(freeGuesses(account, settings, now), settings['challenge.max_attempts']),
    ...(purpose ? { purpose } : {}),
    ...(input.anybodys?.includes(serial) ? { anybodys: true } : {}),
    ...begunBy(input.caller),
    ...longer,
    mail: mailDigest(asked),
    ...(provesAddress(purpose) ? { mailbox: mailboxDigest(address) } : {}),
  }
  const older = settings['email.concurrent_challenges']
    ? account.open
    : account.open.map((one) =>
        // a code for something else is no newer one of these
        one.serial === serial && one.purpose === purpose && !isApart(one, input.caller)
          ? { ...one, superseded: true }
          : one,
      )
  plan.account = {
    ...afterProof(account, input),
    tokens: { ...account.tokens, [serial]: { ...token, counter: open.counter } },
    open: [...older, open],
    mails: withMail(account, address, settings, now),
  }
  plan.challenges.push({
    transactionId,
    serial,
    account: account.key,
    counter: open.counter,
    expiresAt: open.expiresAt,
    maxAttempts: open.attempts,
    attempts: 0,
    guessMac: '-',
    guessedBy: '-',
    ...asked,
    ...longer,
    delivery: 'queued',
  })
}

/**
 * What the token itself says of how long its codes can be used goes before the setting; of it and
 * what policies say the shorter one counts.
 */
function validSeconds({ info }: Token, settings: Settings, ruled?: number): number {
  const own = info?.challenge_validity_time
  const reading = own === undefined ? undefined : SCHEMA['email.validtime'].kind.read(own)
  if (!reading || 'refused' in reading) return ruled ?? settings['email.validtime']
  return Math.min(reading.value, ruled ?? reading.value)
}

const LONGEST_HEADER = 128
const LONGEST_TEXT = 256

/** What the mail may depend on later, when the request is long over. */
export function origin(
  { policies }: Pick<Settings, 'policies'>,
  { caller, text }: Pick<PlanInput, 'caller' | 'text'>,
): Partial<Challenge> {
  const { clientIp, userAgent, language } = caller ?? {}
  return {
    ...(clientIp ? { clientIp } : {}),
    ...(userAgent && policies.length > 0 ? { userAgent: userAgent.slice(0, LONGEST_HEADER) } : {}),
    ...(language ? { language: language.slice(0, LONGEST_HEADER) } : {}),
    ...(text ? { text: text.slice(0, LONGEST_TEXT) } : {}),
    ...begunBy(caller),
  }
}
