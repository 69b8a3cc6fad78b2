import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EmbeddedDynamo } from '../../../lib/local/dynamo.ts'
import { NamedLocks } from '../../../lib/local/read-write-lock.ts'
import { startStack } from '../../../lib/local/stack.ts'
import type { LocalStack } from '../../../lib/local/stack.ts'
import { clients } from './clients.ts'
import { writeFixture } from './fixture.ts'

const TableName = 'Tokens'
let stack: LocalStack
let db: DynamoDBClient
let serial = 0
const fresh = () => ({ S: `item-${(serial += 1)}` })
const read = async (key: { S: string }) =>
  (await db.send(new GetItemCommand({ TableName, Key: { key }, ConsistentRead: true }))).Item

beforeAll(async () => {
  stack = await startStack({ data: 'memory', synthesized: writeFixture() })
  db = clients(stack.endpoint).dynamodb
})
afterAll(() => stack.stop())

const guess = (key: { S: string }, mac: string) =>
  new UpdateItemCommand({
    TableName,
    Key: { key },
    UpdateExpression: 'SET g = :mac, n = n + :one',
    ConditionExpression: 'n < :max AND g <> h',
    ExpressionAttributeValues: { ':mac': { S: mac }, ':one': { N: '1' }, ':max': { N: '5' } },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })

describe('a conditional write', () => {
  test('tells what it met when its condition failed', async () => {
    const key = fresh()
    await db.send(new PutItemCommand({ TableName, Item: { key, n: { N: '5' } } }))
    const error = await db.send(guess(key, 'x')).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConditionalCheckFailedException)
    expect((error as ConditionalCheckFailedException).Item).toEqual({ key, n: { N: '5' } })
  })

  test('never lets parallel writers pass a limit', async () => {
    const key = fresh()
    const Item = { key, n: { N: '0' }, g: { S: '-' }, h: { S: 'right' } }
    await db.send(new PutItemCommand({ TableName, Item }))
    const guesses = Array.from({ length: 60 }, () => db.send(guess(key, 'wrong')))
    const results = await Promise.allSettled(guesses)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  test('lets one of many right answers win', async () => {
    const key = fresh()
    const Item = { key, n: { N: '0' }, g: { S: '-' }, h: { S: 'right' } }
    await db.send(new PutItemCommand({ TableName, Item }))
    const guesses = Array.from({ length: 20 }, () => db.send(guess(key, 'right')))
    const results = await Promise.allSettled(guesses)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a transaction', () => {
  const put = (key: { S: string }) => ({
    Put: {
      TableName,
      Item: { key },
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': 'key' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  })

  test('makes all its writes', async () => {
    const [a, b] = [fresh(), fresh()]
    await db.send(new TransactWriteItemsCommand({ TransactItems: [put(a), put(b)] }))
    const Get = (key: { S: string }) => ({ Get: { TableName, Key: { key } } })
    const { Responses } = await db.send(
      new TransactGetItemsCommand({ TransactItems: [Get(a), Get(fresh()), Get(b)] }),
    )
    expect(Responses!.map(({ Item }) => Item?.key)).toEqual([a, undefined, b])
  })

  test('makes none when one condition fails, and says which', async () => {
    const [taken, free] = [fresh(), fresh()]
    await db.send(new PutItemCommand({ TableName, Item: { key: taken } }))
    const error = await db
      .send(new TransactWriteItemsCommand({ TransactItems: [put(free), put(taken)] }))
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TransactionCanceledException)
    expect((error as TransactionCanceledException).CancellationReasons).toEqual([
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { key: taken },
      },
    ])
    expect(await read(free)).toBeUndefined()
  })

  test('makes none when one update does not fit its item', async () => {
    const [text, free] = [fresh(), fresh()]
    await db.send(new PutItemCommand({ TableName, Item: { key: text, n: { S: 'text' } } }))
    const Update = {
      TableName,
      Key: { key: text },
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }
    const request = new TransactWriteItemsCommand({ TransactItems: [put(free), { Update }] })
    await expect(db.send(request)).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    })
    expect(await read(free)).toBeUndefined()
  })

  test('checks a condition without touching the item', async () => {
    const [checked, free] = [fresh(), fresh()]
    await db.send(new PutItemCommand({ TableName, Item: { key: checked, n: { N: '1' } } }))
    const ConditionCheck = {
      TableName,
      Key: { key: checked },
      ConditionExpression: 'n = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }
    await db.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }, put(free)] }))
    expect(await read(checked)).toEqual({ key: checked, n: { N: '1' } })
    expect(await read(free)).toEqual({ key: free })
  })

  test('is made once when it is repeated with its token', async () => {
    const key = fresh()
    const Update = {
      TableName,
      Key: { key },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }
    const request = { TransactItems: [{ Update }], ClientRequestToken: 'same' }
    await db.send(new TransactWriteItemsCommand(request))
    await db.send(new TransactWriteItemsCommand(request))
    expect((await read(key))!.n).toEqual({ N: '1' })
  })

  test('loses no write that runs beside it', async () => {
    const key = fresh()
    const Update = {
      TableName,
      Key: { key },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }
    const writes = Array.from({ length: 40 }, (_, i) =>
      i % 2
        ? db.send(new UpdateItemCommand(Update))
        : db.send(new TransactWriteItemsCommand({ TransactItems: [{ Update }, put(fresh())] })),
    )
    await Promise.all(writes)
    expect((await read(key))!.n).toEqual({ N: '40' })
  })

  test('waits for no write of another table', async () => {
    const locks = new NamedLocks()
    let finish!: () => void
    const writing = new Promise<void>((resolve) => (finish = resolve))
    const write = locks.shared(['Tokens'], () => writing)
    let both = false
    const transaction = locks.exclusive(['Records', 'Tokens'], async () => void (both = true))
    expect(await locks.exclusive(['Challenges'], async () => 'made')).toBe('made')
    expect(both).toBe(false)
    finish()
    await Promise.all([write, transaction])
    expect(both).toBe(true)
  })

  test('refuses two operations on one item', async () => {
    const key = fresh()
    const request = new TransactWriteItemsCommand({ TransactItems: [put(key), put(key)] })
    await expect(db.send(request)).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

test('an operation that is not offered is refused by name', async () => {
  await expect(
    db.send(new CreateTableCommand({ TableName: '', KeySchema: [] })),
  ).rejects.toMatchObject({ name: 'ValidationException' })
  const engine = await EmbeddedDynamo.open()
  await expect(engine.call('CreateBackup', {})).rejects.toThrow('dynamodb.CreateBackup')
  await engine.close()
})

const TABLE = {
  TableName: 'Table',
  KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
}

test('the sweep removes what has expired, and only that', async () => {
  const now = 1_800_000_000
  const engine = await EmbeddedDynamo.open({ now: () => now * 1000 })
  await engine.call('CreateTable', { ...TABLE })
  await engine.call('UpdateTimeToLive', {
    TableName: 'Table',
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  })
  const items = {
    expired: { N: String(now - 1) },
    open: { N: String(now) },
    ancient: { N: String(now - 6 * 365 * 86_400) },
    text: { S: String(now - 1) },
  }
  for (const [key, ttl] of Object.entries(items)) {
    await engine.call('PutItem', { TableName: 'Table', Item: { key: { S: key }, ttl } })
  }
  await engine.sweep()
  const { Items } = await engine.call('Scan', { TableName: 'Table' })
  expect(Items.map(({ key }: { key: { S: string } }) => key.S).sort()).toEqual([
    'ancient',
    'open',
    'text',
  ])
  await engine.close()
})

test('a table in a directory is there again after a restart', async () => {
  const path = mkdtempSync(join(tmpdir(), 'otpost-dynamo-'))
  const before = await EmbeddedDynamo.open({ path })
  await before.call('CreateTable', { ...TABLE })
  await before.call('PutItem', { TableName: 'Table', Item: { key: { S: 'kept' } } })
  await before.close()
  const after = await EmbeddedDynamo.open({ path })
  const { Item } = await after.call('GetItem', { TableName: 'Table', Key: { key: { S: 'kept' } } })
  expect(Item).toEqual({ key: { S: 'kept' } })
  await after.close()
  rmSync(path, { recursive: true })
})
