/** A first token for who has none, by their own password: LinOTP's policy `autoenrollment=email`. */
import type { Account, OpenChallenge, Token } from './account.ts'
import type { Caller } from './caller.ts'
import { AccountBusyError } from './change-account.ts'
import { enrolToken, MOST_TOKENS, newTokenSerial } from './enrol-token.ts'
import { factorRefusal, offersRegistration } from './factors.ts'
import { type LoginPolicy, personOf } from './login-policy.ts'
import { notifyUser } from './notify-user.ts'
import { type Outcome, type Rejected, rejected, type RejectReason } from './outcome.ts'
import { isPending, newPendingToken } from './pending-token.ts'
import { planChallenges } from './plan-challenges.ts'
import {
  enrollmentRefusal,
  type EnrollmentRules,
  enrollmentRules,
} from './policy/enrollment-rules.ts'
import type { Ports } from './ports.ts'
import { isDisputed } from './registration/former-addresses.ts'
import { stored } from './remote-user.ts'
import { selectTokens } from './select-tokens.ts'
import type { Settings } from './settings.ts'
import { checkPassword } from './sign-in-user.ts'
import { tokenCounts } from './token-counts.ts'

/** A login of somebody who has no token. */
export type TokenlessLogin = {
  typed: string
  caller: Caller
  policy: LoginPolicy
  /** The type of token the request asks for; see `Attempt`. */
  type?: string | undefined
  typeBinds?: boolean | undefined
  /** Mails the code of a token. */
  challenge: (
    account: Account,
    serial: string,
    purpose?: OpenChallenge['purpose'],
  ) => Promise<Outcome>
  /** Looks at the same login anew, on an account that has tokens by now. */
  again: (account: Account) => Promise<Outcome>
}

/**
 * - `outcome`: how the login goes on
 * - `impossible`: the password was right, and nothing was made, by what settings, policies and the
 *   directory say: nobody who logs in can bring it about
 */
export type AutoEnrolment = { outcome: Outcome } | { impossible: Rejected }

const MOST_TRIES = 3

/**
 * Where a policy wants it, gives a user a token whose PIN is the password they have just typed, and
 * mails its first code to the address the user's directory has; nothing in a request can name
 * another one. Undefined: no policy wants it.
 *
 * The password is checked, counted and delayed as everywhere, before anything is told or made. What
 * would keep the token from being used, or its code from being sent, is looked at before it is
 * made. Of logins in parallel one makes it; for the others it is the token they have. Where policies
 * or settings want addresses to be proven, the token cannot be used before this code has come back.
 */
export async function autoEnrol(
  ports: Ports,
  account: Account,
  login: TokenlessLogin,
): Promise<AutoEnrolment | undefined> {
  const settings = await ports.settings.current()
  const rules = rulesOf(ports, settings, account, login.caller)
  if (rules.autoenrollment.value !== 'email') return undefined
  if (!(await checkPassword(ports, account, login.typed, login.caller.clientIp))) {
    return { outcome: rejected('no_token', account, []) }
  }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const current = await stored(ports, account)
    if (!current) return { outcome: rejected('no_token', account, []) }
    if (hasToken(current)) return { outcome: await login.again(current) }
    const wanted = wantedToken(ports, settings, rules, current, login)
    if ('refused' in wanted) {
      const refused: Rejected = { ...wanted.refused, enrolling: true }
      return isForGood(refused.reason, rules) ? { impossible: refused } : { outcome: refused }
    }
    const { serial, verify } = wanted
    const made = await enrolToken(ports, {
      ...{ account: current, serial, pin: login.typed, derived: true },
      ...(verify ? { verify, addedBy: 'login' } : {}),
      description: 'enrolled automatically',
      forbid: (owner) => (isTaken(owner, serial) ? TAKEN : tooMany(rules, owner, serial)),
    })
    if (made.enrolled) {
      return { outcome: await firstCode(ports, made.account, wanted, login, rules) }
    }
    if (made.reason !== 'forbidden' && made.reason !== 'serial_of_other') {
      return { outcome: { ...rejected('enrolment_refused', current, []), enrolling: true } }
    }
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

function rulesOf(ports: Ports, settings: Settings, account: Account, caller: Caller) {
  const { clientIp: client, userAgent, application } = caller
  const person = personOf(account, settings)
  const context = { ...person, client, userAgent, application, now: ports.now() }
  return enrollmentRules(settings.policies, context)
}

/** What no login, and nothing else that who knows the password can do, brings about. */
const FOR_GOOD: readonly RejectReason[] = [
  'registration_off',
  'factor_off',
  'no_address',
  'no_suitable_token',
  'tokentype',
]

/** Of limits only one that leaves room for no token at all: what else counts can be caused. */
const isForGood = (reason: RejectReason, rules: EnrollmentRules): boolean =>
  reason === 'enrolment_refused'
    ? enrollmentRefusal(rules, tokenCounts({ tokens: {} })) !== undefined
    : FOR_GOOD.includes(reason)

const TAKEN = 'The user has a token by now.'

/** One that was begun and never proven is none. */
const hasToken = ({ tokens }: Account) => Object.values(tokens).some((token) => !isPending(token))

/**
 * One that waits for its first code, and may still have it. Those with an address of their own were
 * typed, and came otherwise.
 */
const begunToken = ({ tokens }: Account) =>
  Object.values(tokens).find((token) => isPending(token) && !token.email && !token.revoked)

/** Whether somebody has come first since the token was wanted. */
function isTaken(owner: Account, serial: string): boolean {
  const begun = begunToken(owner)
  return hasToken(owner) || (begun !== undefined && begun.serial !== serial)
}

type Wanted = {
  serial: string
  /** Its first code has to come back before it can be used. */
  verify: boolean
}

/** The token to make, or why there is to be none. A try that never came to its code is gone on with. */
function wantedToken(
  { random, now }: Ports,
  settings: Settings,
  rules: EnrollmentRules,
  account: Account,
  { policy, type, typeBinds = false }: TokenlessLogin,
): Wanted | { refused: Rejected } {
  const refuse = (reason: RejectReason, message?: string) => ({
    refused: rejected(reason, account, [], message),
  })
  const [conflict] = rules.conflicts
  if (conflict) {
    return refuse('policy_conflict', `There are conflicting policies for ${conflict.action}.`)
  }
  if (isDisputed(account)) return refuse('no_token')
  if (!offersRegistration(settings)) {
    return refuse('registration_off', 'Registration of e-mail addresses is switched off.')
  }
  const { email } = account
  if (email === undefined) return refuse('no_address', 'The user has no e-mail address.')
  const begun = begunToken(account)
  const serial = begun?.serial ?? newTokenSerial(random)
  const limit = tooMany(rules, account, serial)
  if (limit !== undefined) return refuse('enrolment_refused', limit)

  const made = newPendingToken({ serial, email }, settings, { random, now: now() })
  const token: Token = { ...made, ...(begun ? stateOf(begun) : {}), rollout: 'enrolled' }
  const unproven = factorRefusal(settings, account, token) === 'address_unverified'
  const verify = unproven || rules.verifyEnrollment.value.includes('email')
  const owner = { ...account, tokens: { ...account.tokens, [serial]: token } }
  const asked = { account: owner, serials: [serial], settings, now: now() }
  const usable = selectTokens({ ...asked, policy, type, typeBinds, provesAddress: verify })
  if (!Array.isArray(usable)) return refuse(usable.reason, usable.message)
  const purpose = verify ? ({ purpose: 'login_enrolment' } as const) : {}
  const plan = planChallenges({
    ...{ ...asked, transactionId: '', pinProven: false, ...purpose },
  })
  const notSent = plan.notSent[serial]
  return notSent === undefined ? { serial, verify } : refuse(notSent)
}

/** What a token that is enrolled anew keeps, and whether it can be used depends on. */
const stateOf = ({ enabled, failcount, maxFailcount, validFrom, validUntil }: Token) => ({
  ...{ enabled, failcount, maxFailcount },
  ...(validFrom === undefined ? {} : { validFrom }),
  ...(validUntil === undefined ? {} : { validUntil }),
})

/** Why the user may not have one more token. */
function tooMany(rules: EnrollmentRules, { tokens }: Account, serial: string): string | undefined {
  const { [serial]: _begun, ...others } = tokens
  if (Object.keys(others).length >= MOST_TOKENS) return 'The user has too many tokens.'
  return enrollmentRefusal(rules, tokenCounts({ tokens: others }))
}

async function firstCode(
  ports: Ports,
  account: Account,
  { serial, verify }: Wanted,
  { challenge, caller }: TokenlessLogin,
  { autoenrollment: { policies } }: EnrollmentRules,
): Promise<Outcome> {
  const { login: user, realm } = account
  ports.log('info', 'token enrolled at a login', { user, realm, serial, policies })
  const outcome = await challenge(account, serial, verify ? 'login_enrolment' : undefined)
  // of one that has to be proven the user is told when it is, and not of every try
  if (!verify) {
    const event = 'autoenrollment'
    await notifyUser(ports, outcome.account ?? account, { event, serials: [serial], caller })
  }
  return outcome.outcome === 'rejected' ? { ...outcome, enrolling: true } : outcome
}
