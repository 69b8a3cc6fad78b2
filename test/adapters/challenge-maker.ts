/** Challenges of a store under test, and what is done to them. */
import type { Challenge } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { guessAt, RIGHT, SEAL, sentChallenge } from '../support/challenges.ts'

/** Makes, reads and changes challenges of the store that is open. */
export function challengeMaker(open: () => ChallengeStore) {
  const put = async (challenge: Challenge = sentChallenge()) => {
    await open().put(challenge)
    return challenge
  }
  const read = ({ transactionId, serial }: Challenge) => open().get(transactionId, serial)
  const guess = (one: Challenge, mac: string, changes: object = {}) =>
    open().guess(guessAt(one, mac, changes))
  const claim = (one: Challenge, now = 1500, mac = RIGHT) =>
    open().claim(one.transactionId, one.serial, { otpMac: mac, seal: SEAL }, now)
  const mark = (one: Challenge, state: 'sent' | 'failed' | 'queued') =>
    open().mark(one.transactionId, one.serial, {
      ...{ state, at: 1600, reply: '250 ok', provider: 'main' },
    })
  const close = (one: Challenge) => open().close(one.transactionId, one.serial)
  return { put, read, guess, claim, mark, close }
}
