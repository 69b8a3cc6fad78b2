/** Answers to what a login waits for: a new PIN, an address, or the code that proves the address. */
import type { Account, LoginStep, OpenChallenge } from './account.ts'
import { type StepAnswer, takeAddress } from './address-step.ts'
import { answerChallenge } from './answer-challenge.ts'
import { begunBy } from './application.ts'
import { unusable } from './budget.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import { saltOf } from './enrol-token.ts'
import { newStep, onOpenStep, withoutStep, withStep } from './login-step.ts'
import { notifyUser } from './notify-user.ts'
import { type Outcome, rejected } from './outcome.ts'
import { confirmed } from './pending-token.ts'
import { hashPin, pinMatcher } from './pin.ts'
import { pinRefusal, pinRules } from './policy/pin-rules.ts'
import type { Ports } from './ports.ts'
import { withoutSessions } from './session-epoch.ts'

/**
 * Takes a step further, or ends it. A step is used up by the write that answers it, unless the address
 * that was typed could not be checked.
 */
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
      return takeAddress(ports, account, step, answer)
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
    const again = newStep({ kind: 'new_pin_again', serial, pin, ...begunBy(step) }, made)
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
  { typed, caller }: StepAnswer,
): Promise<Outcome> {
  const { serial, pin } = step
  const matches = pinMatcher(await ports.keyring.key('pin'))
  const same = pin !== undefined && (await matches(typed, pin))
  const outcome = await onOpenStep(ports, account, step, (current) => {
    const without = withoutStep(current, step.transactionId)
    const found = current.tokens[serial]
    if (!same || !found) {
      return { after: without, result: rejected('new_pin_differs', without, [serial]) }
    }
    const { pinChangeDue: _done, ...token } = found
    const tokens = { ...current.tokens, [serial]: { ...token, pin } }
    const after = withoutSessions({ ...without, tokens })
    return { after, result: { outcome: 'accepted', by: 'new_pin', account: after, serial } }
  })
  if (outcome.outcome === 'accepted') {
    await notifyUser(ports, account, { event: 'setPin', serials: [serial], caller })
  }
  return outcome
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
  { typed, nonce, caller }: StepAnswer,
): Promise<Outcome> {
  const [entry] = entries as [OpenChallenge]
  const { serial } = entry
  const token = account.tokens[serial]
  const reason = token && unusable({ ...token, rollout: 'enrolled' }, ports.now())
  if (!token || reason) return rejected(reason ?? 'unknown', account, [serial])

  const answer = await answerChallenge(ports, account, entries, typed, nonce)
  if (!answer.accepted) return rejected(answer.reason, account, answer.serials)
  const outcome = await changeAccount<Outcome>(ports, account, (current) => {
    if (!current.tokens[serial]) return { result: rejected('no_token', current, [serial]) }
    const after = confirmed(current, entry, { at: ports.now(), method: 'login' })
    if (!after) return { result: rejected('closed', current, [serial]) }
    const account = { ...after, rev: current.rev + 1 }
    return { after, result: { outcome: 'accepted', by: 'answer', account, serial } }
  })
  if (outcome?.outcome === 'accepted') {
    const event = token.email ? 'enrollment' : 'autoenrollment'
    await notifyUser(ports, outcome.account, { event, serials: [serial], caller })
  }
  return outcome ?? rejected('no_token', account, [serial])
}
