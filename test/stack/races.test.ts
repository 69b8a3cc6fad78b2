/** Nothing but the conditional write decides, all the way from HTTP: answers that arrive together. */
import { QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clients } from '../lib/local/clients.ts'
import { answer, isAccepted, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack, User } from './support.ts'

const MAX_ATTEMPTS = 5
/** Accounts that log in side by side, so that parallel answers of one meet those of others. */
const SIDE_BY_SIDE = 4

let world: TestStack
beforeAll(async () => {
  world = await startTestStack({ parameters: { 'email.delivery_wait': '0' } })
})
afterEach(() => world.stack.faults.clear())
afterAll(() => world.stack.stop())

type Challenge = { user: User; id: string; code: string }

async function challenged(user: User): Promise<Challenge> {
  const id = await trigger(world, user)
  return { user, id, code: await world.nextCode(user.email) }
}

const send = ({ user, id }: Challenge, code: string) => answer(world, user.user, id, code)

/** How many of so many answers that arrive together are let in. */
async function acceptsOf(challenge: Challenge, codes: string[]): Promise<number> {
  const answers = await Promise.all(codes.map((code) => send(challenge, code)))
  expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
  return answers.filter(isAccepted).length
}

/** How often each of so many codes was accepted. */
async function acceptsPerCode(codes: number, parallel: number): Promise<number[]> {
  const users = await world.addUsers(SIDE_BY_SIDE)
  const accepts: number[] = []
  let left = codes
  const loginsOf = async (user: User) => {
    while (left > 0) {
      left -= 1
      const challenge = await challenged(user)
      accepts.push(await acceptsOf(challenge, Array<string>(parallel).fill(challenge.code)))
    }
  }
  await Promise.all(users.map(loginsOf))
  return accepts
}

describe('right answers that arrive together', () => {
  // 10,250 answers in all
  test.each([
    { codes: 200, parallel: 2 },
    { codes: 200, parallel: 8 },
    { codes: 165, parallel: 50 },
  ])('let in once: $codes codes, $parallel answers each', { timeout: 300_000 }, async (load) => {
    const accepts = await acceptsPerCode(load.codes, load.parallel)
    expect(accepts).toHaveLength(load.codes)
    expect(accepts.filter((count) => count !== 1)).toEqual([])
  })
})

describe('wrong answers that arrive together', () => {
  const PARALLEL = 50
  const ROUNDS = 24

  test(
    `are evaluated up to the limit in each of ${ROUNDS} rounds`,
    { timeout: 180_000 },
    async () => {
      for (const user of await world.addUsers(ROUNDS)) {
        const challenge = await challenged(user)
        const wrong = Array<string>(PARALLEL).fill(wrongCode(challenge.code))
        expect(await acceptsOf(challenge, wrong)).toBe(0)
        expect(reasonsOf(user)).toEqual({ wrong: MAX_ATTEMPTS, closed: PARALLEL - MAX_ATTEMPTS })
        expect(await attemptsStored(challenge)).toBe(MAX_ATTEMPTS)

        expect(isAccepted(await send(challenge, challenge.code))).toBe(false)
        expect(reasonsOf(user).closed).toBe(PARALLEL - MAX_ATTEMPTS + 1)
      }
    },
  )

  test('and right ones beside them let in at most once', { timeout: 180_000 }, async () => {
    for (const [round, user] of (await world.addUsers(20)).entries()) {
      const challenge = await challenged(user)
      const { code } = challenge
      const codes = Array.from({ length: 16 }, (_, index) =>
        (index + round) % 4 === 0 ? code : wrongCode(code),
      )
      const accepts = await acceptsOf(challenge, codes)
      const { wrong = 0 } = reasonsOf(user)
      expect(accepts + wrong).toBeLessThanOrEqual(MAX_ATTEMPTS)
      // nobody is let in only where wrong answers had used up the attempts
      expect(accepts).toBe(wrong === MAX_ATTEMPTS ? 0 : 1)
    }
  })
})

/** How often the log gives each reason for a refusal of this user. */
function reasonsOf({ user }: User): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { fields } of world.lines) {
    if (fields.user !== user || fields.outcome !== 'rejected') continue
    const reason = String(fields.reason)
    counts[reason] = (counts[reason] ?? 0) + 1
  }
  return counts
}

/** What the table says of a challenge of a user with one token. */
async function attemptsStored({ id }: Challenge): Promise<number> {
  const { dynamodb } = clients(world.stack.endpoint)
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: world.stack.describe().tables.challenges,
      KeyConditionExpression: 'transaction_id = :id',
      ExpressionAttributeValues: { ':id': { S: id } },
      ConsistentRead: true,
    }),
  )
  return Number(Items?.[0]?.attempts?.N)
}

describe('a consuming write whose reply is lost', () => {
  const lostReply = ({ id }: Challenge) =>
    world.stack.faults.add({
      service: 'dynamodb',
      operation: 'UpdateItem',
      match: (body) =>
        body.Key?.transaction_id?.S === id && /SET guessMac = :guess/.test(body.UpdateExpression),
      effect: 'lost-reply',
    })

  test('lets the honest user in and nobody with the same code again', async () => {
    for (const user of await world.addUsers(10)) {
      const challenge = await challenged(user)
      const lost = lostReply(challenge)
      expect(isAccepted(await send(challenge, challenge.code))).toBe(true)
      expect(lost.struck).toBe(1)
      expect(isAccepted(await send(challenge, challenge.code))).toBe(false)
    }
  })

  test('lets in one of many at once', async () => {
    for (const user of await world.addUsers(10)) {
      const challenge = await challenged(user)
      const lost = lostReply(challenge)
      expect(await acceptsOf(challenge, Array<string>(8).fill(challenge.code))).toBe(1)
      expect(lost.struck).toBe(1)
    }
  })
})
