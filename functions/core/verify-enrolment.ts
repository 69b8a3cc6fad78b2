/** A new token that cannot be used until a code has come back from its address. */
import type { Account, OpenChallenge } from './account.ts'
import { evaluate } from './answer-challenge.ts'
import { liveChallenges } from './budget.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import { confirmed } from './pending-token.ts'
import type { Ports } from './ports.ts'
import { type NotSent, triggerChallenge } from './trigger-challenge.ts'

export type VerificationMail = { sent: true } | { sent: false; reason: NotSent }

/** Mails the code for a token that was enrolled with `verify: true`. It is good for nothing else. */
export async function mailVerification(
  ports: Ports,
  account: Account,
  serial: string,
  caller: Caller,
): Promise<VerificationMail> {
  const options = { pinProven: false, purpose: 'enrolment', caller } as const
  const result = await triggerChallenge(ports, account, [serial], options)
  if (result && result.issued.length > 0) return { sent: true }
  return { sent: false, reason: result?.notSent[serial] ?? 'unusable' }
}

/** Whether a code for this token is still to be entered. Once none is, it may be enrolled anew. */
export const awaitsVerification = (account: Account, serial: string, now: number): boolean =>
  account.tokens[serial]?.rollout === 'verify' && verifications(account, serial, now).length > 0

const verifications = (account: Account, serial: string, now: number): OpenChallenge[] =>
  liveChallenges(account, now).filter(
    (one) => one.serial === serial && one.purpose === 'enrolment' && !one.superseded,
  )

/**
 * Makes a token usable by the code that was mailed; true for one that is usable already. A wrong
 * code costs one of the challenge's attempts and counts on the account, not on the token.
 */
export async function verifyEnrolment(
  ports: Ports,
  account: Account,
  serial: string,
  { otp, nonce }: { otp: string; nonce: string },
): Promise<boolean> {
  const token = account.tokens[serial]
  if (!token) return false
  if (token.rollout === 'enrolled') return true
  const entries = verifications(account, serial, ports.now()).slice(-1)
  const answer = await evaluate(ports, account, entries, otp, nonce)
  if (!answer.accepted) {
    if (answer.charge) await ports.accounts.charge(account.key, { ...answer.charge, serials: [] })
    return false
  }
  const enrolled = await changeAccount(ports, account, (current) => {
    const verified = { at: ports.now(), method: 'activation' } as const
    const after = confirmed(current, { serial, mailbox: entries[0]?.mailbox }, verified)
    return after ? { after, result: true } : { result: false }
  })
  return enrolled ?? false
}
