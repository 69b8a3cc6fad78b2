import type { Account, PendingAddress } from '../account.ts'
import { changeAccount } from '../change-account.ts'
import type { Ports } from '../ports.ts'
import { PENDING } from './code-serials.ts'
import { currentAddress } from './current-address.ts'

/** The address that waits for its code at this moment (Unix milliseconds). */
export const pendingAddress = ({ pending }: Account, now: number): PendingAddress | undefined =>
  pending !== undefined && pending.expiresAt > now ? pending : undefined

/** What a new address would be for this account: its first, or another one. */
export const reasonOf = (account: Account): PendingAddress['reason'] =>
  currentAddress(account) === undefined ? 'register' : 'update'

/** A challenge that takes no more answers, and the guesses that may still be charged for it. */
export type Settled = { transactionId: string; attempts: number }

/**
 * The account without a pending address; the code that was mailed for it dies. What a settled
 * challenge keeps reserved and no longer needs, logins may have; one that can cost nothing any more is
 * forgotten, or asking again and again would pile them up.
 */
export function withoutPending(account: Account, settled?: Settled): Account {
  const { pending: _pending, ...rest } = account
  const open = account.open.flatMap((one) => {
    if (one.serial !== PENDING) return one
    const left = one.transactionId === settled?.transactionId ? settled.attempts : one.attempts
    return left > 0 ? { ...one, superseded: true, attempts: left } : []
  })
  return { ...rest, open }
}

/**
 * Forgets the pending address; false when there was none. With `transactionId` only that one.
 */
export async function cancelAddress(
  ports: Pick<Ports, 'accounts' | 'random' | 'sleep' | 'now'>,
  account: Account,
  transactionId?: string,
): Promise<boolean> {
  const cancelled = await changeAccount(ports, account, (current) => {
    const pending = pendingAddress(current, ports.now())
    const meant = pending && (transactionId ?? pending.transactionId) === pending.transactionId
    return meant ? { after: withoutPending(current), result: true } : { result: false }
  })
  return cancelled ?? false
}
