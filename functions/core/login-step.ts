/** Logins that wait for something else than a code: how they are noted and found again. */
import type { Account, LoginStep } from './account.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { type Outcome, rejected } from './outcome.ts'
import type { Ports, Random } from './ports.ts'
import type { Settings } from './settings.ts'
import { newTransactionId } from './transaction-id.ts'

/** A new step with a transaction_id of its own; it lives as long as a challenge. */
export function newStep(
  step: Omit<LoginStep, 'transactionId' | 'expiresAt'>,
  { random, settings, now }: { random: Random; settings: Settings; now: number },
): LoginStep {
  const expiresAt = now + settings['email.validtime'] * 1000
  return { ...step, transactionId: newTransactionId(random), expiresAt }
}

/** The account with this step in the place of any other of its kind. */
export const withStep = (account: Account, step: LoginStep): Account => ({
  ...account,
  steps: [...(account.steps ?? []).filter(({ kind }) => kind !== step.kind), step],
})

export function withoutStep(account: Account, transactionId: string): Account {
  const { steps = [], ...rest } = account
  const left = steps.filter((step) => step.transactionId !== transactionId)
  return left.length > 0 ? { ...rest, steps: left } : rest
}

/** The step of that id, if it is still open. */
export const openStep = (account: Account, transactionId: string, now: number) =>
  account.steps?.find((step) => step.transactionId === transactionId && step.expiresAt > now)

/** Decides on the newest account that still has the step; without it, nothing happens. */
export async function onOpenStep(
  ports: Pick<Ports, 'accounts' | 'now' | 'random' | 'sleep'>,
  account: Account,
  { transactionId, serial }: Pick<LoginStep, 'transactionId' | 'serial'>,
  decide: (current: Account, step: LoginStep) => { after?: Account; result: Outcome },
): Promise<Outcome> {
  const outcome = await changeAccount<Outcome>(ports, account, (current) => {
    const step = openStep(current, transactionId, ports.now())
    return step ? decide(current, step) : { result: rejected('unknown', current, [serial]) }
  })
  return outcome ?? rejected('unknown', account, [serial])
}

/** Finds the account of a step by its transaction_id alone. It has no code and cannot be answered. */
export const pointerTo = (account: Account, step: LoginStep, now: number): Challenge => ({
  transactionId: step.transactionId,
  serial: step.serial,
  account: account.key,
  counter: 0,
  createdAt: now,
  expiresAt: step.expiresAt,
  maxAttempts: 0,
  attempts: 0,
  guessMac: 'closed',
  guessedBy: '-',
  delivery: 'failed',
})
