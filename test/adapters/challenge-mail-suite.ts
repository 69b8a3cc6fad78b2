/** What every challenge store must do while a code is mailed, and after. */
import { describe, expect, it } from 'vitest'
import type { Challenge } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { queuedChallenge, RIGHT, sentChallenge } from '../support/challenges.ts'
import { challengeMaker } from './challenge-maker.ts'

export function challengeMailSuite(open: () => ChallengeStore): void {
  const { put, read, guess, claim, mark } = challengeMaker(open)

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
