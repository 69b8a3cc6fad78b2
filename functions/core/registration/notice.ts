import type { Account, FormerAddress } from '../account.ts'
import type { Challenge } from '../challenge.ts'
import type { Ports } from '../ports.ts'
import { queued } from '../trigger-challenge.ts'
import { FORMER } from './code-serials.ts'

/** Wrong codes of a notice; each is 80 bits long. */
const MOST_ATTEMPTS = 10

/**
 * Has `deliver` tell the address before that codes go elsewhere, with a code to say "it wasn't me".
 * It is a challenge like any other: claimed once, answered once, expiring by itself. The change is
 * made by now, so a fault is logged and not thrown.
 */
export async function sendNotice(
  ports: Ports,
  account: Account,
  { reference, at, until }: FormerAddress,
): Promise<void> {
  const notice: Challenge = {
    ...{ transactionId: reference, serial: FORMER, account: account.key, counter: 0 },
    ...{ createdAt: at, expiresAt: until, maxAttempts: MOST_ATTEMPTS, attempts: 0 },
    ...{ guessMac: '-', guessedBy: '-', delivery: 'queued' },
  }
  if (await queued(ports, account, [notice])) return
  ports.log('error', 'address_notice_lost', {
    user: account.login,
    realm: account.realm,
    reference,
  })
}
