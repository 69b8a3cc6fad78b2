import type { Challenge, Guess } from '../../functions/core/challenge.ts'
import { newTransactionId } from '../../functions/core/transaction-id.ts'

export const SERIAL = 'EMTEST'
/** MACs are opaque to a store, so any two different texts will do. */
export const RIGHT = 'mac of the right code'
/** What `deliver` leaves of the right code. */
export const SEAL = 'seal of the right code'
export const ANSWER = { otpMac: RIGHT, seal: SEAL }
export const WRONG = 'mac of another code'

export const uniqueId = () =>
  newTransactionId((length) => crypto.getRandomValues(new Uint8Array(length)))

/** A challenge whose code has been mailed, made at 1000 and valid until 2000. */
export const sentChallenge = (changes: Partial<Challenge> = {}): Challenge => ({
  transactionId: uniqueId(),
  serial: SERIAL,
  account: 'account/demo/alice',
  counter: 1,
  createdAt: 1000,
  expiresAt: 2000,
  maxAttempts: 5,
  attempts: 0,
  ...ANSWER,
  guessMac: '-',
  guessedBy: '-',
  delivery: 'sent',
  ...changes,
})

/** A challenge that waits for `deliver`. */
export function queuedChallenge(changes: Partial<Challenge> = {}): Challenge {
  const {
    otpMac: _none,
    seal: _neither,
    ...rest
  } = sentChallenge({ delivery: 'queued', ...changes })
  return rest
}

/** A guess of a request of its own, made at 1500. */
export const guessAt = (
  { transactionId, serial }: Pick<Challenge, 'transactionId' | 'serial'>,
  guessMac: string,
  changes: Partial<Guess> = {},
): Guess => ({
  transactionId,
  serial,
  guessMac,
  seal: SEAL,
  nonce: crypto.randomUUID(),
  now: 1500,
  ...changes,
})
