import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dynamoChallenges } from '../../functions/adapters/dynamo-challenges.ts'
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import type { Challenge } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import {
  ANSWER,
  guessAt,
  queuedChallenge,
  RIGHT,
  sentChallenge,
  WRONG,
} from '../support/challenges.ts'
import { CHALLENGES, type Embedded, startEmbeddedDynamo } from '../support/embedded-dynamo.ts'
import { challengeStoreSuite } from './challenge-suite.ts'

describe('challenges in memory', () => {
  const store = memoryChallenges()
  challengeStoreSuite(() => store)
})

describe('challenges in DynamoDB', () => {
  let embedded: Embedded
  let store: ChallengeStore
  beforeAll(async () => {
    embedded = await startEmbeddedDynamo()
    store = dynamoChallenges(embedded.dynamo, CHALLENGES)
  })
  afterEach(() => embedded.faults.clear())
  afterAll(() => embedded.stop())

  challengeStoreSuite(() => store)

  it('keeps few times of mails to a mailbox, in an item that is gone a day after the last', async () => {
    const now = 1_800_000_000_000
    const limits = { perHour: 1, perDay: 2 }
    const hours = Array.from({ length: 30 }, (_, index) => index * 13 * 3_600_000)
    for (const hour of hours) await store.admitMail('box', limits, now + hour)
    const Key = { transaction_id: 'mailbox/box', serial: '-' }
    const command = new GetCommand({ TableName: CHALLENGES, Key })
    const { times, ttl } = (await embedded.dynamo.send(command)).Item!
    expect(times.length).toBeLessThanOrEqual(12)
    expect(times[0]).toBe(now + hours.at(-1)!)
    expect(ttl).toBe((now + hours.at(-1)!) / 1000 + 86_400)
  })

  it('fetches no more than DynamoDB gives at once: the newest hundred', async () => {
    const made = Array.from({ length: 101 }, () => sentChallenge())
    await Promise.all(made.map((challenge) => store.put(challenge)))
    const found = await store.getMany(made)
    const ids = (challenges: Challenge[]) => challenges.map((one) => one.transactionId).sort()
    expect(ids(found)).toEqual(ids(made.slice(1)))
  })

  describe('when DynamoDB leaves a part of a batch for later', () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }))
    const mocked = mockClient(client)
    beforeEach(() => void mocked.reset())
    const itemOf = ({ transactionId, ...rest }: Challenge) => ({
      transaction_id: transactionId,
      ...rest,
    })
    const keyOf = ({ transactionId, serial }: Challenge) => ({
      transaction_id: transactionId,
      serial,
    })
    const [first, second] = [sentChallenge(), sentChallenge()]
    const leftOver = { c: { Keys: [keyOf(second)] } }

    it('asks for the rest', async () => {
      mocked
        .on(BatchGetCommand)
        .resolvesOnce({ Responses: { c: [itemOf(first)] }, UnprocessedKeys: leftOver })
        .resolvesOnce({ Responses: { c: [itemOf(second)] }, UnprocessedKeys: {} })
      const found = await dynamoChallenges(client, 'c').getMany([first, second])
      expect(found).toEqual([first, second])
      expect(mocked.call(1).args[0].input).toEqual({
        RequestItems: { c: { Keys: [keyOf(second)], ConsistentRead: true } },
      })
    })

    it('throws in the end rather than passing over what exists', async () => {
      mocked.on(BatchGetCommand).resolves({ Responses: { c: [] }, UnprocessedKeys: leftOver })
      const read = dynamoChallenges(client, 'c').getMany([first, second])
      await expect(read).rejects.toThrow('1 challenges could not be read')
    })
  })

  it('keeps an item an hour longer than its challenge, in whole seconds', async () => {
    const challenge = sentChallenge({ expiresAt: 2001 })
    await store.put(challenge)
    const Key = { transaction_id: challenge.transactionId, serial: challenge.serial }
    const { Item } = await embedded.dynamo.send(new GetCommand({ TableName: CHALLENGES, Key }))
    expect(Item?.ttl).toBe(3 + 3600)
  })

  describe('when the reply to a write is lost', () => {
    const loseReply = () =>
      embedded.faults.add({ service: 'dynamodb', operation: 'UpdateItem', effect: 'lost-reply' })
    const stored = async (challenge: Challenge) => {
      await store.put(challenge)
      return challenge
    }

    it('lets the honest user in, and a replay not', async () => {
      const challenge = await stored(sentChallenge())
      const lost = loseReply()
      expect(await store.guess(guessAt(challenge, RIGHT))).toBe('accepted')
      expect(lost.struck).toBe(1)
      expect(await store.guess(guessAt(challenge, RIGHT))).toBe('replayed')
    })

    it('counts a wrong guess once', async () => {
      const challenge = await stored(sentChallenge())
      loseReply()
      expect(await store.guess(guessAt(challenge, WRONG))).toBe('wrong')
      expect(await store.get(challenge.transactionId, challenge.serial)).toMatchObject({
        attempts: 1,
      })
    })

    it('knows its own claim, so that the mail goes out', async () => {
      const { transactionId, serial } = await stored(queuedChallenge())
      loseReply()
      expect(await store.claim(transactionId, serial, ANSWER, 1500)).toBe('claimed')
      expect(await store.claim(transactionId, serial, ANSWER, 1500)).toBe('sending')
    })
  })

  it.each(['reset', 'throttle'] as const)('tries again after one %s', async (effect) => {
    const challenge = sentChallenge()
    await store.put(challenge)
    embedded.faults.add({ service: 'dynamodb', operation: 'UpdateItem', effect })
    expect(await store.guess(guessAt(challenge, RIGHT))).toBe('accepted')
  })

  it('throws, and accepts nothing, while the database is down', async () => {
    const challenge = sentChallenge()
    await store.put(challenge)
    embedded.faults.add(
      { service: 'dynamodb', effect: { status: 500, type: 'InternalServerError' } },
      9,
    )
    const guess = guessAt(challenge, RIGHT)
    await expect(store.guess(guess)).rejects.toThrow()
    await expect(
      store.claim(challenge.transactionId, challenge.serial, ANSWER, 1),
    ).rejects.toThrow()
    await expect(store.close(challenge.transactionId, challenge.serial)).rejects.toThrow()
    embedded.faults.clear()
    expect(await store.guess(guess)).toBe('accepted')
  })
})
