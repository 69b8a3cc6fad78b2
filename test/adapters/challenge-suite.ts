/** What every challenge store must do, whatever it is made of. */
import { describe, expect, it } from 'vitest'
import type { Challenge } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import {
  queuedChallenge,
  RIGHT,
  sentChallenge,
  SERIAL,
  uniqueId,
  WRONG,
} from '../support/challenges.ts'
import { challengeGuessSuite } from './challenge-guess-suite.ts'
import { challengeMailSuite } from './challenge-mail-suite.ts'
import { challengeMaker } from './challenge-maker.ts'

export function challengeStoreSuite(open: () => ChallengeStore): void {
  const { put, read, guess, claim, close } = challengeMaker(open)

  describe('reading', () => {
    it('gives back what was put', async () => {
      const challenge = await put()
      expect(await read(challenge)).toEqual(challenge)
    })

    it('gives back a challenge whose code nobody derived yet', async () => {
      const challenge = await put(queuedChallenge())
      expect(await read(challenge)).toEqual(challenge)
    })

    it('finds nothing under another transaction_id or serial', async () => {
      const { transactionId } = await put()
      expect(await open().get(uniqueId(), SERIAL)).toBeUndefined()
      expect(await open().get(transactionId, 'EMOTHER')).toBeUndefined()
    })

    it('lists the challenges of one transaction and no others', async () => {
      const first = await put()
      const second = await put({ ...first, serial: 'EMOTHER' })
      await put()
      const listed = await open().list(first.transactionId)
      expect(listed.sort((a, b) => (a.serial < b.serial ? -1 : 1))).toEqual([second, first])
      expect(await open().list(uniqueId())).toEqual([])
    })

    it('fetches many at once and passes over those that are gone', async () => {
      const made = await Promise.all([put(), put(), put()])
      const gone = { transactionId: uniqueId(), serial: SERIAL }
      const found = await open().getMany([...made, gone])
      const ids = (challenges: Challenge[]) => challenges.map((one) => one.transactionId).sort()
      expect(ids(found)).toEqual(ids(made))
      expect(await open().getMany([])).toEqual([])
    })
  })

  describe('mails to a mailbox', () => {
    const HOUR = 3_600_000
    const NOW = 1_800_000_000_000
    const LIMITS = { perHour: 2, perDay: 3 }
    const mail = (mailbox: string, now = NOW, limits = LIMITS) =>
      open().admitMail(mailbox, limits, now)

    it('are admitted as often in any hour and any day as the limits say', async () => {
      const box = uniqueId()
      const moments = [0, 1, 2, HOUR - 1, HOUR, HOUR + 1, 24 * HOUR - 1, 24 * HOUR, 24 * HOUR + 1]
      const admitted = []
      for (const at of moments) admitted.push(await mail(box, NOW + at))
      expect(admitted).toEqual([true, true, false, false, true, false, false, true, true])
    })

    it('are counted for each mailbox alone', async () => {
      const [one, other] = [uniqueId(), uniqueId()]
      for (let time = 0; time < 3; time++) await mail(one)
      expect(await mail(other)).toBe(true)
    })

    it.each([
      [{ perHour: 0, perDay: 1 }, [true, false]],
      [{ perHour: 1, perDay: 0 }, [true, true]],
    ])('are limited by what is not 0 only: %j', async (limits, expected) => {
      const box = uniqueId()
      const admitted = [await mail(box, NOW, limits), await mail(box, NOW + HOUR, limits)]
      expect(admitted).toEqual(expected)
    })

    it('asked for in parallel are no more than one after the other', async () => {
      const box = uniqueId()
      const admitted = await Promise.all(Array.from({ length: 20 }, () => mail(box)))
      expect(admitted.filter(Boolean)).toHaveLength(2)
    })

    it('are forgotten when no limit looks at them any more, however many there were', async () => {
      const box = uniqueId()
      for (let time = 0; time < 40; time++) {
        expect(await mail(box, NOW + time * 12 * HOUR)).toBe(true)
      }
      expect(await mail(box, NOW + 39 * 12 * HOUR)).toBe(true)
      expect(await mail(box, NOW + 39 * 12 * HOUR)).toBe(false)
    })
  })

  describe('closing', () => {
    it('makes the right code worth nothing', async () => {
      const challenge = await put()
      await close(challenge)
      expect(await guess(challenge, RIGHT)).toBe('replayed')
      expect(await guess(challenge, WRONG)).toBe('used')
      expect(await read(challenge)).toMatchObject({ attempts: 0 })
    })

    it('also ends a challenge whose mail was not sent yet, for good', async () => {
      const challenge = await put(queuedChallenge())
      await close(challenge)
      expect(await claim(challenge)).toBe('done')
      expect(await guess(challenge, RIGHT)).not.toBe('accepted')
    })

    it('makes nothing where there is nothing', async () => {
      const challenge = sentChallenge()
      await close(challenge)
      expect(await read(challenge)).toBeUndefined()
    })
  })

  challengeGuessSuite(open)
  challengeMailSuite(open)
}
