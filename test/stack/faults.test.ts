/** Parts of AWS fail: never a wrong ACCEPT, a defined answer in time, and recovery by itself. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FaultEffect, FaultSpec } from '../../lib/local/faults.ts'
import { outcomeOf, type Outcome } from './support-faults.ts'
import { answer, isAccepted, logsIn, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack, User } from './support.ts'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack({ parameters: { 'account.max_wrong_per_day': '100' } })
})
afterEach(() => world.stack.faults.clear())
afterAll(() => world.stack.stop())

type Body = Record<string, any>
const ofAccount = (body: Body) => String(body.Key?.pk?.S).startsWith('account/')
const isGuess = (body: Body) => /^SET guessMac = :guess/.test(body.UpdateExpression)

const dynamodb = (operation: string, effect: FaultEffect, match?: FaultSpec['match']) => ({
  service: 'dynamodb',
  operation,
  effect,
  match,
})
const sqs = (effect: FaultEffect) => ({ service: 'sqs', operation: 'SendMessageBatch', effect })
const THROTTLED = 'throttle'
const FAILED = { status: 500, type: 'InternalServerError' }
const CONDITION = { status: 400, type: 'ConditionalCheckFailedException' }

type Row = {
  /** Its number in the list of faults, and which write or read it meets. */
  fault: string
  plant: FaultSpec
  /** How many requests it strikes. @default all */
  times?: number
  says: Outcome
  withinMs?: number
  /** Whether the same code lets in afterwards. @default only if it did not before */
  codeStillGood?: boolean
}

const askFor = ({ user, pin: pass }: User) => world.api.post('/validate/check', { user, pass })

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now()
  return { result: await work, ms: performance.now() - began }
}

describe('asking for a code', () => {
  const rows: Row[] = [
    {
      fault: '1 DynamoDB throttled once',
      plant: dynamodb('GetItem', THROTTLED, ofAccount),
      times: 1,
      says: 'challenge',
    },
    {
      fault: '1 DynamoDB throttled: account not read',
      plant: dynamodb('GetItem', THROTTLED, ofAccount),
      says: 'unavailable',
    },
    {
      fault: '1 DynamoDB throttled: account not written',
      plant: dynamodb('UpdateItem', THROTTLED, ofAccount),
      says: 'unavailable',
    },
    {
      fault: '1 DynamoDB throttled: challenge not written',
      plant: dynamodb('PutItem', THROTTLED),
      says: 'not sent',
    },
    {
      fault: '2 DynamoDB silent once',
      plant: dynamodb('GetItem', 'timeout', ofAccount),
      times: 1,
      says: 'challenge',
    },
    {
      fault: '2 DynamoDB silent',
      plant: dynamodb('GetItem', 'timeout', ofAccount),
      says: 'unavailable',
      withinMs: 10_000,
    },
    {
      fault: '3 reply of the counting write lost',
      plant: dynamodb('UpdateItem', 'lost-reply', ofAccount),
      times: 1,
      says: 'challenge',
    },
    {
      fault: '5 every condition fails',
      plant: dynamodb('UpdateItem', CONDITION, ofAccount),
      says: 'rejected',
    },
    { fault: '23 SQS throttled', plant: sqs(THROTTLED), says: 'not sent' },
    { fault: '23 SQS fails', plant: sqs(FAILED), says: 'not sent' },
    { fault: '24 nothing sent after the challenge was put', plant: sqs('reset'), says: 'not sent' },
    { fault: '24 SQS silent', plant: sqs('timeout'), says: 'not sent', withinMs: 13_000 },
    {
      fault: '24 sent, but the reply lost',
      plant: sqs('lost-reply'),
      times: 1,
      says: 'challenge',
    },
  ]

  test.each(rows)('$fault: $says', async ({ plant, times, says, withinMs = 10_000 }) => {
    const user = await world.addUser()
    const planted = world.stack.faults.add(plant, times ?? Infinity)
    const { result, ms } = await timed(askFor(user))
    planted.remove()
    expect(outcomeOf(result)).toBe(says)
    expect(planted.struck).toBeGreaterThan(0)
    expect(ms).toBeLessThan(withinMs)
    if (says === 'challenge') {
      const code = await world.nextCode(user.email)
      const id = result.json.detail.transaction_id
      expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
    }
    expect(await logsIn(world, user)).toBe(true)
  })

  test('5 twelve triggers of one account at once: each is answered, and it can log in', async () => {
    const user = await world.addUser()
    const answers = await Promise.all(Array.from({ length: 12 }, () => askFor(user)))
    expect(new Set(answers.map(outcomeOf))).toEqual(new Set(['challenge']))
    expect(await logsIn(world, user)).toBe(true)
  })
})

describe('answering with the right code', () => {
  const guess = (effect: FaultEffect) => dynamodb('UpdateItem', effect, isGuess)
  const rows: Row[] = [
    { fault: '1 DynamoDB throttled', plant: guess(THROTTLED), says: 'unavailable' },
    { fault: '2 DynamoDB silent', plant: guess('timeout'), says: 'unavailable', withinMs: 10_000 },
    {
      fault: '4 reply of the consuming write lost',
      plant: guess('lost-reply'),
      times: 1,
      says: 'accepted',
    },
    { fault: '5 every condition fails', plant: guess(CONDITION), says: 'rejected' },
    {
      fault: '26 consumed, then no reply at all',
      plant: guess('lost-reply'),
      says: 'unavailable',
      codeStillGood: false,
    },
  ]

  test.each(rows)('$fault: $says', async (row) => {
    const user = await world.addUser()
    const id = await trigger(world, user)
    const code = await world.nextCode(user.email)
    const planted = world.stack.faults.add(row.plant, row.times ?? Infinity)
    const { result, ms } = await timed(answer(world, user.user, id, code))
    planted.remove()
    expect(outcomeOf(result)).toBe(row.says)
    expect(planted.struck).toBeGreaterThan(0)
    expect(ms).toBeLessThan(row.withinMs ?? 10_000)

    const { codeStillGood = row.says !== 'accepted' } = row
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(codeStillGood)
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(false)
    expect(await logsIn(world, user)).toBe(true)
  })
})

describe('answering with a wrong code', () => {
  const MAX_ATTEMPTS = 5

  test.each<Omit<Row, 'says'>>([
    {
      fault: '3 reply of the count lost',
      plant: dynamodb('UpdateItem', 'lost-reply', isGuess),
      times: 1,
    },
    {
      fault: '25 counted in the challenge, then not in the account',
      plant: dynamodb('UpdateItem', FAILED, ofAccount),
    },
  ])('$fault: it is one attempt', async ({ plant, times }) => {
    const user = await world.addUser()
    const id = await trigger(world, user)
    const code = await world.nextCode(user.email)
    const planted = world.stack.faults.add(plant, times ?? Infinity)
    expect(['rejected', 'unavailable']).toContain(
      outcomeOf(await answer(world, user.user, id, wrongCode(code))),
    )
    planted.remove()
    for (let attempt = 2; attempt < MAX_ATTEMPTS; attempt += 1) {
      await answer(world, user.user, id, wrongCode(code))
    }
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  })
})
