/** What every challenge store must do with guesses. */
import { describe, expect, it } from 'vitest'
import type { GuessResult } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { guessAt, queuedChallenge, RIGHT, sentChallenge, WRONG } from '../support/challenges.ts'
import { challengeMaker } from './challenge-maker.ts'

export function challengeGuessSuite(open: () => ChallengeStore): void {
  const { put, read, guess, close } = challengeMaker(open)

  describe('a guess', () => {
    it('is accepted when it is right, and consumes the challenge', async () => {
      const challenge = await put()
      expect(await guess(challenge, RIGHT)).toBe('accepted')
      expect(await read(challenge)).toMatchObject({ attempts: 1, guessMac: RIGHT })
    })

    it('costs an attempt when it is wrong', async () => {
      const challenge = await put()
      expect(await guess(challenge, WRONG)).toBe('wrong')
      expect(await read(challenge)).toMatchObject({ attempts: 1, guessMac: WRONG })
    })

    it('may be right after wrong ones', async () => {
      const challenge = await put()
      expect(await guess(challenge, WRONG)).toBe('wrong')
      expect(await guess(challenge, RIGHT)).toBe('accepted')
    })

    it('finds nothing where there is no challenge', async () => {
      expect(await guess(sentChallenge(), RIGHT)).toBe('missing')
    })

    it('finds nothing for another serial', async () => {
      const challenge = await put()
      expect(await guess({ ...challenge, serial: 'EMOTHER' }, RIGHT)).toBe('missing')
    })

    it('finds nothing while no code was derived, and costs nothing', async () => {
      const challenge = await put(queuedChallenge())
      expect(await guess(challenge, RIGHT)).toBe('missing')
      expect(await guess(challenge, '-')).toBe('missing')
      expect(await read(challenge)).toMatchObject({ attempts: 0 })
    })

    it.each<[now: number, result: GuessResult, attempts: number]>([
      [1999, 'accepted', 1],
      [2000, 'expired', 0],
      [2001, 'expired', 0],
    ])('of a challenge that lives until 2000, at %i: %s', async (now, result, attempts) => {
      const challenge = await put()
      expect(await guess(challenge, RIGHT, { now })).toBe(result)
      expect(await read(challenge)).toMatchObject({ attempts })
    })

    it.each<[spent: number, result: GuessResult]>([
      [4, 'accepted'],
      [5, 'exhausted'],
      [6, 'exhausted'],
    ])('after %i of 5 attempts: %s', async (attempts, result) => {
      expect(await guess(await put(sentChallenge({ attempts })), RIGHT)).toBe(result)
    })

    it('is never evaluated where no attempt is allowed at all', async () => {
      expect(await guess(await put(sentChallenge({ maxAttempts: 0 })), RIGHT)).toBe('exhausted')
    })

    it('spends the last attempt and no more', async () => {
      const challenge = await put(sentChallenge({ attempts: 4 }))
      expect(await guess(challenge, WRONG)).toBe('wrong')
      expect(await guess(challenge, WRONG)).toBe('exhausted')
      expect(await guess(challenge, RIGHT)).toBe('exhausted')
      expect(await read(challenge)).toMatchObject({ attempts: 5 })
    })

    it('of an answered challenge is told apart: the same code or another', async () => {
      const challenge = await put()
      await guess(challenge, RIGHT)
      expect(await guess(challenge, RIGHT)).toBe('replayed')
      expect(await guess(challenge, WRONG)).toBe('used')
      expect(await read(challenge)).toMatchObject({ attempts: 1, guessMac: RIGHT })
    })

    it('of an answered challenge is still told apart when it has expired', async () => {
      const challenge = await put()
      await guess(challenge, RIGHT)
      expect(await guess(challenge, RIGHT, { now: 2000 })).toBe('replayed')
    })

    it('at a challenge without the seal of its answer lets nobody in, now or later', async () => {
      const nonce = 'one request'
      const unsealed = await put({ ...queuedChallenge(), otpMac: RIGHT })
      const copied = await put(sentChallenge({ seal: 'seal of another challenge' }))
      for (const challenge of [unsealed, copied]) {
        expect(await guess(challenge, RIGHT, { nonce })).toBe('altered')
        expect(await guess(challenge, RIGHT, { nonce })).toBe('altered')
        expect(await guess(challenge, RIGHT)).toBe('altered')
        expect(await guess(challenge, WRONG)).toBe('used')
      }
    })

    it('leaves the other challenges of its transaction alone', async () => {
      const challenge = await put()
      const sibling = await put({ ...challenge, serial: 'EMOTHER' })
      await guess(challenge, RIGHT)
      expect(await read(sibling)).toEqual(sibling)
    })
  })

  describe('the same guess again, by its nonce', () => {
    it('is accepted again when it was right', async () => {
      const challenge = await put()
      const same = guessAt(challenge, RIGHT)
      expect(await open().guess(same)).toBe('accepted')
      expect(await open().guess(same)).toBe('accepted')
      expect(await read(challenge)).toMatchObject({ attempts: 1 })
    })

    it('is wrong again when it was wrong, and costs nothing more', async () => {
      const challenge = await put()
      const same = guessAt(challenge, WRONG)
      expect(await open().guess(same)).toBe('wrong')
      expect(await open().guess(same)).toBe('wrong')
      expect(await read(challenge)).toMatchObject({ attempts: 1 })
    })

    it('is recognised when it spent the last attempt or the time is up meanwhile', async () => {
      const challenge = await put(sentChallenge({ attempts: 4 }))
      const same = guessAt(challenge, RIGHT, { now: 1999 })
      expect(await open().guess(same)).toBe('accepted')
      expect(await open().guess({ ...same, now: 2001 })).toBe('accepted')
    })

    it('stays wrong when a sibling was answered and closed the challenge in between', async () => {
      const challenge = await put()
      const same = guessAt(challenge, WRONG)
      expect(await open().guess(same)).toBe('wrong')
      await close(challenge)
      expect(await open().guess(same)).toBe('wrong')
    })

    it('does not turn a wrong guess into the right one of another request', async () => {
      const challenge = await put()
      const wrong = guessAt(challenge, WRONG)
      await open().guess(wrong)
      await guess(challenge, RIGHT)
      expect(await open().guess(wrong)).toBe('used')
    })
  })
}
