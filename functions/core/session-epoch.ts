/**
 * What ends the sessions of a user: the account counts the times it happened, and a session is of one
 * count. No clock is compared, so it does not matter which function's clock is ahead.
 */
import type { Account } from './account.ts'
import type { Random } from './ports.ts'

type Epoch = Pick<Account, 'sessionEpoch'>

/**
 * Where the count of a new user begins: 48 random bits, or who is made anew under the name of one who
 * was removed would find the sessions of that one in force.
 */
export const newSessionEpoch = (random: Random): number => Buffer.from(random(6)).readUIntBE(0, 6)

/** What a session carries that begins on this state of the account, read before anything is proven. */
export const sessionEpochOf = ({ sessionEpoch = 0 }: Epoch): number => sessionEpoch

/** Whether nothing has ended a session since it began. One that says no count began before any. */
export const isOfSessionEpoch = (account: Epoch, session: { epoch?: number }): boolean =>
  (session.epoch ?? 0) === sessionEpochOf(account)

/** The account without any session that has begun, of the self-service and of `/auth`. */
export function withoutSessions(account: Account): Account {
  const { endedSessions: _ended, ...rest } = account
  return { ...rest, sessionEpoch: sessionEpochOf(account) + 1 }
}
