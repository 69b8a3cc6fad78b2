/** Answers to what a login waits for: a new PIN, an address, or the code that proves the address. */
import type { Account, LoginStep, OpenChallenge, Token } from './account.ts'
import { registrableAddress } from './address/domain-policy.ts'
import { answerChallenge } from './answer-challenge.ts'
import { unusable } from './budget.ts'
import type { Caller } from './caller.ts'
import { AccountBusyError, changeAccount } from './change-account.ts'
import { saltOf } from './enrol-token.ts'
import { newStep, openStep, withoutStep, withStep } from './login-step.ts'
import { type Outcome, rejected } from './outcome.ts'
import { confirmed, newPendingToken } from './pending-token.ts'
import { hashPin, pinMatcher } from './pin.ts'
import { pinRefusal, pinRules } from './policy/pin-rules.ts'
import type { Ports, TokenSaveResult } from './ports.ts'
import { triggerChallenge } from './trigger-challenge.ts'

/** One answer to one step. */
export type StepAnswer = { typed: string; nonce: string; caller: Caller }

/** Takes a step further, or ends it. A step is used up by the write that answers it. */
export function answerStep(
  ports: Ports,
  account: Account,
  step: LoginStep,
  answer: StepAnswer,
): Promise<Outcome> {
  switch (step.kind) {
    case 'new_pin':
      return firstNewPin(ports, account, step, answer)
    case 'new_pin_again':
      return secondNewPin(ports, account, step, answer)
    case 'address':
      return newAddress(ports, account, step, answer)
  }
}

async function firstNewPin(
  ports: Ports,
  account: Account,
  step: LoginStep,
  { typed, caller }: StepAnswer,
): Promise<Outcome> {
  const { random, keyring } = ports
  const settings = await ports.settings.current()
  const { serial } = step
  const refusal = newPinRefusal(ports, settings.policies, account, typed, caller)
  if (refusal) return rejected('new_pin_refused', account, [serial], refusal)

  const pin = await hashPin(await keyring.key('pin'), typed, random, saltOf(account))
  return onOpenStep(ports, account, step, (current) => {
    const made = { random, settings, now: ports.now() }
    const again = newStep({ kind: 'new_pin_again', serial, pin }, made)
    const after = withStep(withoutStep(current, step.transactionId), again)
    const { transactionId } = again
    const what = 'new_pin_again'
    return { after, result: { outcome: 'asked', what, account: after, serial, transactionId } }
  })
}

function newPinRefusal(
  { now }: Ports,
  policies: Parameters<typeof pinRules>[0],
  { login = '', realm, resolver }: Account,
  pin: string,
  { clientIp, userAgent }: Caller,
): string | undefined {
  if (pin === '') return 'The new PIN is empty.'
  const actor = { role: 'user', name: login, realm, resolver, client: clientIp } as const
  return pinRefusal(pinRules(policies, { ...actor, userAgent, now: now() }), pin)
}

async function secondNewPin(
  ports: Ports,
  account: Account,
  step: LoginStep,
  { typed }: StepAnswer,
): Promise<Outcome> {
  const { serial, pin } = step
  const matches = pinMatcher(await ports.keyring.key('pin'))
  const same = pin !== undefined && (await matches(typed, pin))
  return onOpenStep(ports, account, step, (current) => {
    const without = withoutStep(current, step.transactionId)
    const found = current.tokens[serial]
    if (!same || !found) {
      return { after: without, result: rejected('new_pin_differs', without, [serial]) }
    }
    const { pinChangeDue: _done, ...token } = found
    const after: Account = {
      ...without,
      tokens: { ...current.tokens, [serial]: { ...token, pin } },
    }
    return { after, result: { outcome: 'accepted', by: 'new_pin', account: after, serial } }
  })
}

/** Decides on the newest account that still has the step; without it, nothing happens. */
async function onOpenStep(
  ports: Ports,
  account: Account,
  { transactionId, serial }: LoginStep,
  decide: (current: Account) => { after: Account; result: Outcome },
): Promise<Outcome> {
  const outcome = await changeAccount<Outcome>(ports, account, (current) =>
    openStep(current, transactionId, ports.now())
      ? decide(current)
      : { result: rejected('unknown', current, [serial]) },
  )
  return outcome ?? rejected('unknown', account, [serial])
}

const MOST_TRIES = 8

/** Makes the token, or gives the one that is still pending the new address, and mails a code there. */
async function newAddress(
  ports: Ports,
  account: Account,
  step: LoginStep,
  { typed, caller }: StepAnswer,
): Promise<Outcome> {
  const { serial, transactionId } = step
  const settings = await ports.settings.current()
  const reading = registrableAddress(settings, typed)
  if ('refused' in reading) {
    const { message } = reading.refused
    return onOpenStep(ports, account, step, (current) => {
      const after = withoutStep(current, transactionId)
      return { after, result: rejected('bad_address', after, [serial], message) }
    })
  }
  const added = await addPending(ports, account, step, reading.address)
  if (!added) return rejected('unknown', account, [serial])
  const options = { pinProven: false, purpose: 'login_enrolment', caller } as const
  const result = await triggerChallenge(ports, added, [serial], options)
  if (!result) return rejected('unknown', added, [serial])
  if (result.issued.length > 0) {
    return { outcome: 'challenged', account: result.account, issued: result.issued }
  }
  return rejected(result.notSent[serial] ?? 'mail_failed', result.account, [serial])
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

/** The challenges of a transaction that prove the address of a token added at this login. */
export const enrolmentsOf = (account: Account, transactionId: string): OpenChallenge[] =>
  account.open.filter(
    (one) => one.transactionId === transactionId && one.purpose === 'login_enrolment',
  )

/** The code that proves an address: the token can be used from then on, and the person is in. */
export async function proveAddress(
  ports: Ports,
  account: Account,
  entries: OpenChallenge[],
  { typed, nonce }: StepAnswer,
): Promise<Outcome> {
  const [{ serial }] = entries as [OpenChallenge]
  const token = account.tokens[serial]
  const reason = token && unusable({ ...token, rollout: 'enrolled' }, ports.now())
  if (!token || reason) return rejected(reason ?? 'unknown', account, [serial])

  const answer = await answerChallenge(ports, account, entries, typed, nonce)
  if (!answer.accepted) return rejected(answer.reason, account, answer.serials)
  const outcome = await changeAccount<Outcome>(ports, account, (current) => {
    if (!current.tokens[serial]) return { result: rejected('no_token', current, [serial]) }
    const after = confirmed(current, serial, { at: ports.now(), method: 'login' })
    return { after, result: { outcome: 'accepted', by: 'answer', account: after, serial } }
  })
  return outcome ?? rejected('no_token', account, [serial])
}
