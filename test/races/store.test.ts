/** Nothing but the conditional write decides: answers that arrive together find that out. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dynamoChallenges } from '../../functions/adapters/dynamo-challenges.ts'
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import type { FaultSpec } from '../../lib/local/faults.ts'
import { guessAt, RIGHT, sentChallenge, WRONG } from '../support/challenges.ts'
import { CHALLENGES, type Embedded, startEmbeddedDynamo } from '../support/embedded-dynamo.ts'
import { naiveChallenges } from './naive-store.ts'
import { acceptsPerCode, guessTogether, mixture, tally } from './rounds.ts'

const ATTEMPTS = 5

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterEach(() => embedded.faults.clear())
afterAll(() => embedded.stop())

const STORES: [string, () => ChallengeStore][] = [
  ['memory', memoryChallenges],
  ['DynamoDB', () => dynamoChallenges(embedded.dynamo, CHALLENGES)],
]

describe.each(STORES)('in %s', (_name, open) => {
  // 10,200 guesses in all
  it.each([
    { codes: 1000, parallel: 2 },
    { codes: 400, parallel: 8 },
    { codes: 100, parallel: 50 },
  ])(
    '$codes codes, each answered rightly $parallel times at once, are accepted once',
    async (load) => {
      const accepts = await acceptsPerCode(open(), load)
      expect(accepts.filter((count) => count !== 1)).toEqual([])
    },
  )

  it('50 wrong answers at once are evaluated up to the limit and not once more', async () => {
    const store = open()
    for (let round = 0; round < 50; round++) {
      const counts = tally(await guessTogether(store, Array<string>(50).fill(WRONG)))
      expect(counts).toEqual({ wrong: ATTEMPTS, exhausted: 50 - ATTEMPTS })
    }
  })

  it('right and wrong answers at once let in at most once, within the limit', async () => {
    const store = open()
    for (let round = 0; round < 60; round++) {
      const counts = tally(await guessTogether(store, mixture(3, 12, round)))
      const { accepted = 0, wrong = 0 } = counts
      expect(accepted).toBeLessThanOrEqual(1)
      expect(accepted + wrong).toBeLessThanOrEqual(ATTEMPTS)
      // nobody is let in only where wrong answers had used up the attempts
      if (accepted === 0) expect(wrong).toBe(ATTEMPTS)
    }
  })

  it('the same request many times at once is one guess', async () => {
    const store = open()
    for (const [mac, result] of [
      [RIGHT, 'accepted'],
      [WRONG, 'wrong'],
    ] as const) {
      const challenge = sentChallenge()
      await store.put(challenge)
      const same = guessAt(challenge, mac)
      const results = await Promise.all(Array.from({ length: 20 }, () => store.guess(same)))
      expect(tally(results)).toEqual({ [result]: 20 })
      expect(await store.get(challenge.transactionId, challenge.serial)).toMatchObject({
        attempts: 1,
      })
    }
  })

  it('a challenge that is closed while it is answered lets in at most once', async () => {
    const store = open()
    for (let round = 0; round < 50; round++) {
      const challenge = sentChallenge()
      await store.put(challenge)
      const [first, , second] = await Promise.all([
        store.guess(guessAt(challenge, RIGHT)),
        store.close(challenge.transactionId, challenge.serial),
        store.guess(guessAt(challenge, RIGHT)),
      ])
      expect(tally([first, second]).accepted ?? 0).toBeLessThanOrEqual(1)
      expect(await store.guess(guessAt(challenge, RIGHT))).toBe('replayed')
    }
  })
})

describe('a consuming write whose reply is lost', () => {
  /** Loses the replies to so many guesses: of each the first, so that trying again succeeds. */
  function loseReplies(count: number) {
    const seen = new Set<string>()
    const match = (body: { ExpressionAttributeValues: Record<string, { S: string }> }) => {
      const nonce = body.ExpressionAttributeValues[':nonce']!.S
      return !seen.has(nonce) && Boolean(seen.add(nonce))
    }
    const effect = 'lost-reply'
    const fault = { service: 'dynamodb', operation: 'UpdateItem', effect, match } as const
    return embedded.faults.add(fault as FaultSpec, count)
  }

  it('lets its sender in and nobody else, among many at once', async () => {
    const store = dynamoChallenges(embedded.dynamo, CHALLENGES)
    // few rounds: the SDK stops trying again when too much fails, and a refusal counts as failure
    for (let round = 0; round < 10; round++) {
      const lost = loseReplies(3)
      const results = await guessTogether(store, Array<string>(8).fill(RIGHT))
      expect(lost.struck).toBe(3)
      expect(tally(results)).toEqual({ accepted: 1, replayed: 7 })
    }
  })
})

describe('these races', () => {
  it('catch a store that reads, compares and then deletes', async () => {
    const naive = naiveChallenges(embedded.dynamo, CHALLENGES)
    const accepts = await acceptsPerCode(naive, { codes: 200, parallel: 2 })
    expect(accepts.filter((count) => count > 1).length).toBeGreaterThanOrEqual(0.95 * 200)
  })

  it('catch a store that reads, compares and then counts', async () => {
    const naive = naiveChallenges(embedded.dynamo, CHALLENGES)
    const counts = tally(await guessTogether(naive, Array<string>(50).fill(WRONG)))
    expect(counts.wrong).toBeGreaterThan(ATTEMPTS)
  })
})
