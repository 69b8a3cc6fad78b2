import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { DeleteCommand, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dynamoRecords } from '../../../functions/adapters/dynamo-records.ts'
import { memoryRecords } from '../../../functions/adapters/memory-records.ts'
import { appendAudit, ChainBusyError } from '../../../functions/core/records/append-audit.ts'
import type { RecordReader, RecordWriter } from '../../../functions/core/records/record-store.ts'
import { type Embedded, RECORDS, startEmbeddedDynamo } from '../../support/embedded-dynamo.ts'
import { collected, createChain, DAY, entryOf } from './chain.ts'

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterEach(() => embedded.faults.clear())
afterAll(() => embedded.stop())

/** The table emptied: a chain of its own for each test. */
async function emptied() {
  const { Items = [] } = await embedded.dynamo.send(new ScanCommand({ TableName: RECORDS }))
  for (const { pk, sk } of Items) {
    await embedded.dynamo.send(new DeleteCommand({ TableName: RECORDS, Key: { pk, sk } }))
  }
  return dynamoRecords(embedded.dynamo, RECORDS)
}

const STORES: [string, () => Promise<RecordReader & RecordWriter>][] = [
  ['in memory', async () => memoryRecords()],
  ['in DynamoDB', emptied],
]

describe.each(STORES)('the audit %s', (_where, open) => {
  let records: RecordReader & RecordWriter
  let chain: ReturnType<typeof createChain>
  beforeEach(async () => {
    records = await open()
    chain = createChain(records)
  })

  it('is sound before anything was recorded', async () => {
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 0 })
  })

  it('chains records in the order they come', async () => {
    await chain.append('a', 'b')
    const end = await chain.append('c')
    expect(await chain.ofDay()).toEqual(['3 c', '2 b', '1 a'])
    const { seq, hash } = end!
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 3, head: { seq, hash } })
  })

  it('takes more at once than one write can', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `n${index}`)
    await chain.append(...names)
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 120 })
  })

  it('records an event once, however often it comes', async () => {
    const events = ['x', 'y', 'x'].map((id) => ({ eventId: id, entry: entryOf(id) }))
    await appendAudit(chain.ports(), events)
    expect(await appendAudit(chain.ports(), events)).toBeUndefined()
    await appendAudit(chain.ports(), [...events, { eventId: 'z', entry: entryOf('z') }])
    expect(await chain.ofDay()).toEqual(['3 z', '2 y', '1 x'])
  })

  it('is one unbroken chain without loss or double, whoever appends at the same time', async () => {
    const ports = { ...chain.ports(), sleep: async (ms: number) => setTimeout(ms) }
    const events = Array.from({ length: 40 }, (_, index) => ({
      eventId: randomUUID(),
      entry: entryOf(`p${index}`),
    }))
    // every event reaches two of the eight, as CloudWatch may pass lines again
    const shares = Array.from({ length: 8 }, (_, writer) =>
      events.filter((_, index) => index % 4 === writer % 4),
    )
    await Promise.all(
      shares.map(async (share) => {
        for (let at = 0; at < share.length; at += 3) {
          await appendAudit(ports, share.slice(at, at + 3))
        }
      }),
    )
    const found = await collected(records.ofDay('2026-11-21'))
    expect(found.map(({ content }) => content.eventId).toSorted()).toEqual(
      events.map(({ eventId }) => eventId).toSorted(),
    )
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 40 })
  })

  it('files under days, and goes on over days without a record', async () => {
    await chain.append('a')
    chain.advance(5 * DAY)
    await chain.append('b', 'c')
    expect(await chain.ofDay('2026-11-26')).toEqual(['3 c', '2 b'])
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 3 })
  })

  it('stays in order where the clock of another one is slow', async () => {
    chain.advance(DAY)
    await chain.append('a')
    chain.advance(-DAY)
    await chain.append('b')
    expect(await chain.ofDay('2026-11-22')).toEqual(['2 b', '1 a'])
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 2 })
  })

  it('finds records by user and by transaction, from a place on', async () => {
    const entries = [
      { ...entryOf('a'), transactionId: '1' },
      { ...entryOf('b'), user: 'bob' },
      { ...entryOf('c'), transactionId: '1' },
    ]
    await appendAudit(
      chain.ports(),
      entries.map((entry) => ({ eventId: entry.action, entry })),
    )
    const seqs = async (...args: Parameters<RecordReader['about']>) =>
      (await collected(records.about(...args))).map(({ filed }) => filed.seq)
    expect(await seqs({ user: { login: 'alice', realm: 'demo' } })).toEqual([3, 1])
    expect(await seqs({ user: { login: 'alice', realm: 'demo' } }, 2)).toEqual([1])
    expect(await seqs({ transactionId: '1' })).toEqual([3, 1])
    expect(await seqs({ transactionId: '2' })).toEqual([])
  })

  it('keeps a step of a delivery once and finds it by transaction, user and day', async () => {
    const at = chain.now()
    const step = { at, eventId: 'e1', state: 'queued', transactionId: '7' } as const
    const next = { ...step, at: at + 1, eventId: 'e2', state: 'sent', reply: '250 ok' } as const
    const of = { user: 'alice', realm: 'demo' }
    for (const one of [step, next, step])
      await records.addDelivery({ ...one, ...of }, 2_000_000_000)
    const states = async (...args: Parameters<RecordReader['deliveries']>) =>
      (await collected(records.deliveries(...args))).map(({ state }) => state)
    expect(await states({ transactionId: '7' })).toEqual(['sent', 'queued'])
    expect(await states({ user: { login: 'alice', realm: 'demo' } })).toEqual(['sent', 'queued'])
    expect(await states({ day: '2026-11-21' })).toEqual(['sent', 'queued'])
    const key = `${new Date(at + 1).toISOString()}#e2`
    expect(await states({ day: '2026-11-21' }, key)).toEqual(['queued'])
    expect(await states({ transactionId: '7' }, key)).toEqual(['queued'])
    expect(await states({ day: '2026-11-22' })).toEqual([])
  })

  it('gives up when others always come first, and has recorded nothing', async () => {
    const busy = { ...chain.ports(), records: { ...records, append: async () => 'moved' as const } }
    await expect(appendAudit(busy, [{ eventId: 'e', entry: entryOf('e') }])).rejects.toThrow(
      ChainBusyError,
    )
    expect(await chain.ofDay()).toEqual([])
  })
})

describe('in DynamoDB', () => {
  let chain: ReturnType<typeof createChain>
  beforeEach(async () => {
    chain = createChain(await emptied())
  })

  it('a write whose reply was lost is one record', async () => {
    const operation = 'TransactWriteItems'
    embedded.faults.add({ service: 'dynamodb', operation, effect: 'lost-reply' })
    await chain.append('a')
    expect(await chain.ofDay()).toEqual(['1 a'])
    expect(await chain.verify()).toMatchObject({ sound: true, checked: 1 })
  })

  it('a fault records nothing, and the same events may come again', async () => {
    const effect = { status: 400, type: 'AccessDeniedException' }
    const events = [{ eventId: 'e', entry: entryOf('e') }]
    embedded.faults.add({ service: 'dynamodb', operation: 'TransactWriteItems', effect })
    await expect(appendAudit(chain.ports(), events)).rejects.toThrow()
    await appendAudit(chain.ports(), events)
    expect(await chain.ofDay()).toEqual(['1 e'])
  })

  const keyOf = (seq: number) => ({
    pk: 'audit/2026-11-21',
    sk: String(seq).padStart(16, '0'),
  })
  const read = async (seq: number) => {
    const command = new GetCommand({ TableName: RECORDS, Key: keyOf(seq) })
    return (await embedded.dynamo.send(command)).Item!
  }
  const write = (Item: Record<string, unknown>) =>
    embedded.dynamo.send(new PutCommand({ TableName: RECORDS, Item }))
  const drop = (Key: Record<string, unknown>) =>
    embedded.dynamo.send(new DeleteCommand({ TableName: RECORDS, Key }))
  const HEAD = { pk: 'audit', sk: 'head' }

  describe('whoever can write the table but has no key', () => {
    beforeEach(() => chain.append('a', 'b', 'c', 'd', 'e'))

    it.each([
      ['what it says', { content: ['POST /c', 'POST /C'] }],
      ['who it is about', { user_key: 'audit/demo/bob' }],
      ['when it is gone', { expires_at: 1_900_000_000 }],
      ['its seal', { hash: 'x' }],
      ['the seal before', { previous: 'x' }],
    ])('cannot change %s', async (_what, change) => {
      const item = await read(3)
      const { content, ...rest } = change as { content?: [string, string] }
      await write({
        ...item,
        ...rest,
        ...(content ? { content: String(item.content).replace(...content) } : {}),
      })
      expect(await chain.verify()).toEqual({ sound: false, checked: 2, seq: 3, fault: 'changed' })
    })

    it('cannot take one away', async () => {
      await drop(keyOf(2))
      expect(await chain.verify()).toEqual({ sound: false, checked: 3, seq: 2, fault: 'missing' })
    })

    it('cannot take the oldest away', async () => {
      await drop(keyOf(1))
      expect(await chain.verify()).toEqual({ sound: false, checked: 4, seq: 1, fault: 'missing' })
    })

    it('cannot swap two', async () => {
      const [two, three] = [await read(2), await read(3)]
      await write({ ...three, ...keyOf(2) })
      await write({ ...two, ...keyOf(3) })
      expect(await chain.verify()).toEqual({ sound: false, checked: 2, seq: 3, fault: 'misplaced' })
    })

    it('cannot cut the newest off', async () => {
      await drop(keyOf(5))
      expect(await chain.verify()).toEqual({ sound: false, checked: 0, seq: 5, fault: 'truncated' })
    })

    it('cannot set the head back', async () => {
      const { Item } = await embedded.dynamo.send(new GetCommand({ TableName: RECORDS, Key: HEAD }))
      await drop(keyOf(5))
      await write({ ...Item, seq: 4, hash: (await read(4)).hash })
      expect(await chain.verify()).toEqual({ sound: false, checked: 0, seq: 4, fault: 'head' })
    })

    it('cannot remove the head', async () => {
      await drop(HEAD)
      expect(await chain.verify()).toMatchObject({ sound: false, fault: 'head' })
    })

    it('cannot add a copy', async () => {
      await write({ ...(await read(5)), ...keyOf(6) })
      expect(await chain.verify()).toEqual({ sound: false, checked: 0, seq: 6, fault: 'added' })
    })

    it('cannot put a copy in the place of another', async () => {
      await write({ ...(await read(5)), ...keyOf(4) })
      expect(await chain.verify()).toEqual({ sound: false, checked: 1, seq: 4, fault: 'misplaced' })
    })
  })

  it('a copy before the first record of a day is found', async () => {
    await chain.append('a')
    chain.advance(DAY)
    await chain.append('b')
    await write({ ...(await read(1)), pk: 'audit/2026-11-22' })
    expect(await chain.verify()).toEqual({ sound: false, checked: 1, seq: 1, fault: 'added' })
  })
})
