/** A code that shows its owner that codes arrive. It signs nobody in anywhere. */
import type { Account } from '../account.ts'
import { evaluate } from '../answer-challenge.ts'
import { unusable, type Unusable } from '../budget.ts'
import type { Caller } from '../caller.ts'
import type { Challenge } from '../challenge.ts'
import type { Ports } from '../ports.ts'
import { type NotSent, triggerChallenge } from '../trigger-challenge.ts'

export type TestCode =
  | { mailed: true; account: Account; challenge: Challenge }
  | { mailed: false; reason: NotSent | Unusable }

/** Mails a test code for a token that could sign in, within the limits of all its mails. */
export async function mailTestCode(
  ports: Ports,
  account: Account,
  serial: string,
  caller: Caller,
): Promise<TestCode> {
  const reason = unusable(account.tokens[serial]!, ports.now())
  if (reason) return { mailed: false, reason }
  const options = { pinProven: false, purpose: 'test', caller } as const
  const result = await triggerChallenge(ports, account, [serial], options)
  const [challenge] = result?.issued ?? []
  if (result && challenge) return { mailed: true, account: result.account, challenge }
  return { mailed: false, reason: result?.notSent[serial] ?? 'unusable' }
}

export type TestAnswer = { serial: string; transactionId: string; otp: string; nonce: string }

/**
 * Whether this was the code; undefined: no test of this token. A wrong one costs the account a guess
 * as everywhere, and not the token: nobody locks themselves out by a test.
 */
export async function answerTest(
  ports: Ports,
  account: Account,
  { serial, transactionId, otp, nonce }: TestAnswer,
): Promise<boolean | undefined> {
  const entries = account.open.filter(
    (one) => one.purpose === 'test' && one.serial === serial && one.transactionId === transactionId,
  )
  if (entries.length === 0) return undefined
  const answer = await evaluate(ports, account, entries, otp, nonce)
  if (answer.accepted) return true
  if (answer.charge) await ports.accounts.charge(account.key, { ...answer.charge, serials: [] })
  return false
}
