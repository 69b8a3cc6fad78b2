/** What the recording's driver did between steps without telling: it waited. */
import type { Account } from '../../functions/core/account.ts'
import type { World } from './world.ts'

/** Steps before which challenges ran out. */
export const AFTER_EXPIRY = new Set(['07-expiry/poll-expired', '07-expiry/trigger-3'])

/** Turns the clock of every open challenge: all of them end now. */
export async function expireChallenges(world: World): Promise<void> {
  const now = Date.now()
  for await (const account of world.accounts.all()) {
    if (account.open.length === 0) continue
    await world.accounts.save(account, { ...account, open: ended(account, now) })
    for (const { transactionId, serial } of account.open) {
      await world.endChallenge(transactionId, serial, now)
    }
  }
}

const ended = ({ open }: Account, now: number) => open.map((one) => ({ ...one, expiresAt: now }))
