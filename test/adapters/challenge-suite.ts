/** What every challenge store must do, whatever it is made of. */
import { describe, expect, it } from 'vitest'
import type { Challenge, GuessResult } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import {
  guessAt,
  queuedChallenge,
  RIGHT,
  sentChallenge,
  SERIAL,
  uniqueId,
  WRONG,
} from '../support/challenges.ts'

export function challengeStoreSuite(open: () => ChallengeStore): void {
  const put = async (challenge: Challenge = sentChallenge()) => {
    await open().put(challenge)
    return challenge
  }
  const read = ({ transactionId, serial }: Challenge) => open().get(transactionId, serial)
  const guess = (one: Challenge, mac: string, changes: object = {}) =>
    open().guess(guessAt(one, mac, changes))
  const claim = (one: Challenge, now = 1500, mac = RIGHT) =>
    open().claim(one.transactionId, one.serial, mac, now)
  const mark = (one: Challenge, state: 'sent' | 'failed' | 'queued') =>
    open().mark(one.transactionId, one.serial, {
      ...{ state, at: 1600, reply: '250 ok', provider: 'main' },
    })
  const close = (one: Challenge) => open().close(one.transactionId, one.serial)

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

  describe('claiming for the mail', () => {
    it('stores what the answer must be', async () => {
      const challenge = await put(queuedChallenge())
      expect(await claim(challenge)).toBe('claimed')
      expect(await read(challenge)).toMatchObject({ otpMac: RIGHT, delivery: 'sending' })
      expect(await guess(challenge, RIGHT)).toBe('accepted')
    })

    it('is for one: who comes second learns that it is being sent', async () => {
      const challenge = await put(queuedChallenge())
      const claims = await Promise.all([claim(challenge), claim(challenge), claim(challenge)])
      expect(claims.sort()).toEqual(['claimed', 'sending', 'sending'])
    })

    it('is over once the mail was sent', async () => {
      const challenge = await put(queuedChallenge())
      await claim(challenge)
      await mark(challenge, 'sent')
      expect(await claim(challenge)).toBe('done')
    })

    it('is free again at once when sending failed', async () => {
      const challenge = await put(queuedChallenge())
      await claim(challenge)
      await mark(challenge, 'failed')
      expect(await claim(challenge)).toBe('claimed')
    })

    it.each([
      [30_000, 'sending'],
      [30_001, 'claimed'],
    ])('%i ms after a sending that never ended: %s', async (later, result) => {
      const challenge = await put(queuedChallenge({ expiresAt: 90_000 }))
      await claim(challenge, 1500)
      expect(await claim(challenge, 1500 + later)).toBe(result)
    })

    it.each([
      [1999, 'claimed'],
      [2000, 'done'],
    ])('of a challenge that lives until 2000, at %i: %s', async (now, result) => {
      expect(await claim(await put(queuedChallenge()), now)).toBe(result)
    })

    it('is over when the challenge expired while it was being sent', async () => {
      const challenge = await put(queuedChallenge())
      await claim(challenge, 1500)
      expect(await claim(challenge, 2000)).toBe('done')
    })

    it('is over when it was answered', async () => {
      const challenge = await put(sentChallenge({ delivery: 'failed' }))
      await guess(challenge, RIGHT)
      expect(await claim(challenge)).toBe('done')
    })

    it('is over when it was answered, even for another code', async () => {
      const challenge = await put(sentChallenge({ delivery: 'failed' }))
      await guess(challenge, RIGHT)
      expect(await claim(challenge, 1500, 'mac of the code of another secret')).toBe('done')
      expect(await read(challenge)).toMatchObject({ otpMac: RIGHT, guessMac: RIGHT })
    })

    it('is over when the attempts are used up', async () => {
      const spent = sentChallenge({ delivery: 'failed', attempts: 5 })
      expect(await claim(await put(spent))).toBe('done')
    })

    it('finds nothing where there is nothing, and makes nothing', async () => {
      const challenge = queuedChallenge()
      expect(await claim(challenge)).toBe('done')
      expect(await read(challenge)).toBeUndefined()
    })
  })

  describe('marking', () => {
    it('by a sender that was taken over does not undo what the other has sent', async () => {
      const challenge = await put(queuedChallenge({ expiresAt: 90_000 }))
      await claim(challenge, 1500)
      await claim(challenge, 31_501)
      await mark(challenge, 'sent')
      await mark(challenge, 'failed')
      expect(await read(challenge)).toMatchObject({ delivery: 'sent' })
      expect(await claim(challenge, 31_502)).toBe('done')
    })

    it('as sent wins over a failure of another sender', async () => {
      const challenge = await put(queuedChallenge())
      await claim(challenge)
      await mark(challenge, 'failed')
      await mark(challenge, 'sent')
      expect(await claim(challenge)).toBe('done')
    })

    it.each(['sent', 'failed', 'queued'] as const)(
      'records %s, the words of the server and the provider',
      async (state) => {
        const challenge = await put(queuedChallenge())
        await mark(challenge, state)
        const marked = { delivery: state, reply: '250 ok', provider: 'main' }
        expect(await read(challenge)).toMatchObject(marked)
      },
    )

    it.each(['failed', 'queued'] as const)('as %s lets the next one send it', async (state) => {
      const challenge = await put(queuedChallenge())
      await claim(challenge)
      await mark(challenge, state)
      expect(await claim(challenge)).toBe('claimed')
    })

    it('makes nothing where there is nothing', async () => {
      const challenge = queuedChallenge()
      await mark(challenge, 'sent')
      expect(await read(challenge)).toBeUndefined()
    })
  })

  describe('what a provider reports later (fault 31)', () => {
    const note = ({ transactionId, serial }: Challenge, rank: number) =>
      open().note(transactionId, serial, { state: 'delivered', rank, at: rank })
    const rankOf = async (one: Challenge) => (await read(one))?.fate?.rank

    it('is kept, and names the account', async () => {
      const challenge = await put()
      expect(await note(challenge, 3)).toBe(challenge.account)
      expect((await read(challenge))?.fate).toEqual({ state: 'delivered', rank: 3, at: 3 })
    })

    it('never takes the place of what says more or the same, whatever comes when', async () => {
      const challenge = await put()
      expect(await note(challenge, 3)).toBe(challenge.account)
      expect(await note(challenge, 1)).toBe(challenge.account)
      expect(await note(challenge, 3)).toBe(challenge.account)
      expect(await rankOf(challenge)).toBe(3)
      await Promise.all([0, 6, 2, 5].map((rank) => note(challenge, rank)))
      expect(await rankOf(challenge)).toBe(6)
    })

    it('does not bring back a challenge that is gone', async () => {
      const gone = sentChallenge()
      expect(await note(gone, 3)).toBeUndefined()
      expect(await read(gone)).toBeUndefined()
    })

    it('changes neither what was sent nor what can be answered', async () => {
      const challenge = await put()
      await note(challenge, 3)
      expect(await claim(challenge)).toBe('done')
      expect(await guess(challenge, RIGHT)).toBe('accepted')
    })
  })
}
