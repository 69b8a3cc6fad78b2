/** What policies want of a login whose factors were right, before and after the person is let in. */
import { type Account, type Token, typeOf } from './account.ts'
import { begunBy } from './application.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import { codeOptions } from './code-length.ts'
import { newTokenSerial } from './enrol-token.ts'
import { offersLogin, offersRegistration } from './factors.ts'
import { withLogin } from './login-history.ts'
import type { LoginPolicy } from './login-policy.ts'
import { newStep, pointerTo, withStep } from './login-step.ts'
import { type Accepted, type Asked, type Outcome, type Passed, rejected } from './outcome.ts'
import type { Ports } from './ports.ts'
import { isPending } from './pending-token.ts'
import type { Settings } from './settings.ts'
import { triggerChallenge } from './trigger-challenge.ts'

type Success = Accepted | Passed
type Context = { policy: LoginPolicy; caller: Caller }
type Decision = { after?: Account; result: Outcome }

/**
 * Settles a login in one write, and only where a policy asks for it: limits, the new PIN or address
 * that is due, counters. Then has the next code mailed, where that is wanted; a fault there costs
 * that mail, never the login.
 */
export async function afterSuccess(
  ports: Ports,
  success: Success,
  context: Context,
): Promise<Outcome> {
  const settings = await ports.settings.current()
  const { account } = success
  if (settings.policies.length === 0 || !account) return success

  const settled = concerns(context.policy, success)
    ? await changeAccount(ports, account, (current) =>
        settle(ports, settings, current, success, context),
      )
    : success
  if (!settled) return rejected('no_token', account, [])
  if (settled.outcome === 'asked' && settled.what === 'address') {
    await ports.challenges.put(pointerTo(account, stepOf(settled), ports.now()))
  }
  if (settled.outcome === 'accepted') await sendNext(ports, settled, context)
  return settled
}

/** Whether any rule that a success could meet is set. */
function concerns({ login, authorization }: LoginPolicy, success: Success): boolean {
  return (
    authorization.authMaxSuccess.value !== undefined ||
    authorization.lastAuth.value !== undefined ||
    login.resetAllUserTokens.value ||
    pinChangeIsDue(login, success) ||
    addressIsMissing(login, success)
  )
}

function settle(
  ports: Ports,
  settings: Settings,
  current: Account,
  success: Success,
  { policy, caller }: Context,
): Decision {
  const now = ports.now()
  const serial = success.outcome === 'accepted' ? success.serial : undefined
  const token = serial === undefined ? undefined : current.tokens[serial]
  if (serial !== undefined && !token) return { result: rejected('no_token', current, [serial]) }

  const counted = withLogin(current, policy, now)
  if ('refused' in counted) {
    const result = rejected('too_many_successes', current, serial ? [serial] : [], counted.refused)
    return { result }
  }
  const unused = token && unusedTooLong(token, policy, now)
  if (unused) return { result: rejected('unused_too_long', current, [token.serial], unused) }

  const begun = { policy, caller }
  const asked = askedStep(ports, settings, current, { ...success, account: current }, begun)
  if (asked) return asked
  const after = withCounters(counted.account, token, policy, now)
  return { after, result: { ...success, account: after } }
}

function askedStep(
  { random, now }: Ports,
  settings: Settings,
  account: Account,
  success: Success,
  { policy: { login }, caller }: Context,
): { after?: Account; result: Outcome } | undefined {
  const made = { random, settings, now: now() }
  if (success.outcome === 'accepted' && pinChangeIsDue(login, success)) {
    const step = newStep({ kind: 'new_pin', serial: success.serial, ...begunBy(caller) }, made)
    return ask(account, step, 'new_pin', {})
  }
  if (!addressIsMissing(login, success)) return undefined
  const optional = login.enrollViaMultichallengeOptional.value
  const offered = offersLogin(settings) && !login.disabledTokenTypes.value.includes('email')
  const off = !offered ? 'factor_off' : !offersRegistration(settings) && OFF
  if (off) {
    const message = off === OFF ? REG_OFF : undefined
    return optional ? undefined : { result: rejected(off, account, [], message) }
  }
  const serial = Object.values(account.tokens).find(isPending)?.serial ?? newTokenSerial(random)
  const step = newStep({ kind: 'address', serial, optional, ...begunBy(caller) }, made)
  const text = login.enrollViaMultichallengeText.value
  return ask(account, step, 'address', { optional, ...(text === undefined ? {} : { text }) })
}

const OFF = 'registration_off'
const REG_OFF = 'Registration of e-mail addresses is switched off.'

function ask(
  account: Account,
  step: ReturnType<typeof newStep>,
  what: Asked['what'],
  how: Pick<Asked, 'text' | 'optional'>,
): { after: Account; result: Asked } {
  const after = withStep(account, step)
  const { serial, transactionId } = step
  return {
    after,
    result: { outcome: 'asked', what, account: after, serial, transactionId, ...how },
  }
}

const stepOf = ({ account, transactionId }: Asked) =>
  account.steps!.find((step) => step.transactionId === transactionId)!

/** A PIN can be changed where it is the token's own that was asked for. */
function pinChangeIsDue(login: LoginPolicy['login'], success: Success): boolean {
  if (success.outcome !== 'accepted' || success.by === 'new_pin') return false
  const due = success.account.tokens[success.serial]?.pinChangeDue
  return due !== undefined && login.changePinViaValidate.value && login.otppin.value === 'tokenpin'
}

/** Only who has proven a factor may add an address; one that was declined is not asked for twice. */
function addressIsMissing(login: LoginPolicy['login'], { account, ...success }: Success): boolean {
  if (login.enrollViaMultichallenge.value !== 'email' || account?.login === undefined) return false
  if (success.outcome === 'passed' && success.by !== 'userstore') return false
  return !Object.values(account.tokens).some(
    (token) => typeOf(token) === 'email' && !isPending(token),
  )
}

function unusedTooLong({ lastAuth }: Token, { authorization }: LoginPolicy, now: number) {
  const seconds = authorization.lastAuth.value
  if (seconds === undefined || lastAuth === undefined) return undefined
  if (now - lastAuth <= seconds * 1000) return undefined
  return `The last successful authentication was ${new Date(lastAuth).toISOString()}. It is too long ago.`
}

function withCounters(
  account: Account,
  token: Token | undefined,
  { login, authorization }: LoginPolicy,
  now: number,
): Account {
  const used =
    token && authorization.lastAuth.value !== undefined ? { [token.serial]: now } : undefined
  if (!used && !login.resetAllUserTokens.value) return account
  const tokens = Object.values(account.tokens).map((one): [string, Token] => [
    one.serial,
    {
      ...one,
      ...(login.resetAllUserTokens.value ? { failcount: 0 } : {}),
      ...(used?.[one.serial] === undefined ? {} : { lastAuth: now }),
    },
  ])
  return { ...account, tokens: Object.fromEntries(tokens) }
}

async function sendNext(
  ports: Ports,
  { account, serial }: Accepted,
  { policy, caller }: Context,
): Promise<void> {
  const token = account.tokens[serial]
  if (!policy.login.emailAutosend.value || !token || typeOf(token) !== 'email') return
  try {
    const dynamicAddress = policy.login.dynamicEmailAddress.value
    const length = codeOptions(policy.login)
    const options = { pinProven: false, wait: false, caller, dynamicAddress, ...length }
    await triggerChallenge(ports, account, [serial], options)
  } catch (error) {
    ports.log('error', 'next code not sent', { serial, error })
  }
}
