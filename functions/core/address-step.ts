/** The address that a login waits for: looked at, then noted for a token, then mailed a code. */
import type { Account, LoginStep, Token } from './account.ts'
import type { AddressRefusal } from './address/faults.ts'
import type { Caller } from './caller.ts'
import { AccountBusyError } from './change-account.ts'
import { onOpenStep, openStep, withoutStep, withStep } from './login-step.ts'
import { type Outcome, rejected } from './outcome.ts'
import { newPendingToken } from './pending-token.ts'
import type { Ports, TokenSaveResult } from './ports.ts'
import { mayRequest, withRequest } from './registration/address-requests.ts'
import { lookAtAddress } from './registration/counted-look-up.ts'
import type { Settings } from './settings.ts'
import { triggerChallenge } from './trigger-challenge.ts'

/** One answer to one step. */
export type StepAnswer = { typed: string; nonce: string; caller: Caller }

const MOST_TRIES = 8
/** Addresses of one login whose domain is looked up. */
const MOST_LOOK_UPS = 3

/** Makes the token, or gives the one that is still pending the new address, and mails a code there. */
export async function takeAddress(
  ports: Ports,
  found: Account,
  step: LoginStep,
  { typed, caller }: StepAnswer,
): Promise<Outcome> {
  const { serial } = step
  const began = ports.now()
  const settings = await ports.settings.current()
  const note = (current: Account) => withLookUp(current, step, settings, ports.now())
  const look = await lookAtAddress(ports, found, { text: typed, caller, note })
  if ('reason' in look) {
    return rejected(look.reason === 'gone' ? 'unknown' : look.reason, found, [serial])
  }
  const { looked, account } = look
  if ('refused' in looked) return notAdmitted(ports, account, step, looked)
  const added = await addPending(ports, account, step, looked.address)
  if (!added) return rejected('unknown', account, [serial])
  const result = await triggerChallenge(ports, added, [serial], {
    ...{ pinProven: false, purpose: 'login_enrolment', caller },
    waitedMs: ports.now() - began,
  })
  if (!result) return rejected('unknown', added, [serial])
  if (result.issued.length > 0) {
    return { outcome: 'challenged', account: result.account, issued: result.issued }
  }
  return rejected(result.notSent[serial] ?? 'mail_failed', result.account, [serial])
}

/** One more of this login and of this hour; not more of the login than there may be, in parallel neither. */
function withLookUp(
  account: Account,
  { transactionId }: LoginStep,
  settings: Settings,
  now: number,
): Account | 'unknown' | 'mail_limit' {
  const step = openStep(account, transactionId, now)
  if (!step || lookUpsOf(step) >= MOST_LOOK_UPS) return 'unknown'
  if (!mayRequest(account, settings, now)) return 'mail_limit'
  const counted = withStep(account, { ...step, lookUps: lookUpsOf(step) + 1 })
  return withRequest(counted, settings, now)
}

const lookUpsOf = ({ lookUps = 0 }: LoginStep) => lookUps

/** Who typed an address that could not be looked at is asked for one again, in the same login. */
function notAdmitted(
  ports: Ports,
  account: Account,
  { serial, transactionId }: LoginStep,
  { refused: { code, message } }: AddressRefusal,
): Promise<Outcome> {
  return onOpenStep(ports, account, { serial, transactionId }, (current, step) => {
    if (code === 'domain_unchecked' && lookUpsOf(step) < MOST_LOOK_UPS) {
      const { optional = false } = step
      const what = { what: 'address', serial, transactionId, optional } as const
      return { result: { outcome: 'asked', ...what, account: current, text: message } }
    }
    const after = withoutStep(current, transactionId)
    const fault = { ...rejected('bad_address', after, [serial], message), fault: code }
    return { after, result: fault }
  })
}

/** Undefined: the step was answered meanwhile, or the serial is somebody else's. */
async function addPending(
  ports: Ports,
  account: Account,
  { serial, transactionId }: LoginStep,
  email: string,
): Promise<Account | undefined> {
  const settings = await ports.settings.current()
  let current: Account | undefined = account
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (!current || !openStep(current, transactionId, ports.now())) return undefined
    const old: Token | undefined = current.tokens[serial]
    const made = { random: ports.random, now: ports.now() }
    const token = old ? { ...old, email } : newPendingToken({ serial, email }, settings, made)
    const after: Account = {
      ...withoutStep(current, transactionId),
      tokens: { ...current.tokens, [serial]: token },
    }
    const saved: TokenSaveResult = old
      ? await ports.accounts.save(current, after)
      : await ports.accounts.addToken(current, after, serial)
    if (saved.saved) return { ...after, rev: current.rev + 1 }
    if ('taken' in saved) return undefined
    current = saved.current
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}
