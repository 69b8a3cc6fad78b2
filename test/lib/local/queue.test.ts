import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { Queue } from '../../../lib/local/queue.ts'
import { QueueJournal } from '../../../lib/local/queue-journal.ts'

let now: number
let dead: Queue
let queue: Queue
beforeEach(() => {
  now = 1_000_000
  const base = { visibilityTimeout: 30, now: () => now }
  dead = new Queue({ name: 'dead', arn: 'arn:dead', ...base })
  const deadLetters = { maxReceiveCount: 2, queue: () => dead }
  queue = new Queue({ name: 'queue', arn: 'arn:queue', deadLetters, ...base })
})

describe('a queue', () => {
  test('hides what it gave until the visibility timeout is over', () => {
    queue.send('a')
    expect(queue.receive(10).map(({ body }) => body)).toEqual(['a'])
    now += 29_999
    expect(queue.receive(10)).toEqual([])
    now += 1
    expect(queue.receive(10)).toMatchObject([{ body: 'a', receiveCount: 2 }])
  })

  test('forgets what was deleted, but not by an old receipt', () => {
    queue.send('a')
    const [first] = queue.receive(1)
    now += 30_000
    const [second] = queue.receive(1)
    queue.delete(first!.receiptHandle!)
    expect(queue.messages).toHaveLength(1)
    queue.delete(second!.receiptHandle!)
    expect(queue.messages).toHaveLength(0)
  })

  test('moves a message to the dead letters once it was received too often', () => {
    queue.send('a')
    for (const _ of [1, 2]) {
      expect(queue.receive(1)).toHaveLength(1)
      now += 30_000
    }
    expect(queue.receive(1)).toEqual([])
    expect(dead.messages).toMatchObject([{ body: 'a' }])
    expect(queue.messages).toEqual([])
  })

  test('keeps a delayed message back', () => {
    queue.send('later', 10)
    expect(queue.receive(1)).toEqual([])
    now += 10_000
    expect(queue.receive(1)).toHaveLength(1)
  })

  test('gives a waiting receiver the next message', async () => {
    const waiting = queue.receiveWithin(5000, 1)
    queue.send('a')
    expect(await waiting).toMatchObject([{ body: 'a' }])
  })

  test('lets a waiting receiver go when it is told to', async () => {
    const stop = new AbortController()
    const waiting = queue.receiveWithin(60_000, 1, 30, stop.signal)
    stop.abort()
    expect(await waiting).toEqual([])
  })
})

describe('the journal', () => {
  const path = () => join(mkdtempSync(join(tmpdir(), 'otpost-queue-')), 'queues.json')

  test('keeps what was in a queue, visible again if it was in flight', async () => {
    const file = path()
    const journal = new QueueJournal(file)
    journal.watch([queue])
    queue.send('flying')
    queue.receive(1)
    queue.send('waiting', 60)
    await journal.saved()
    const kept = new QueueJournal(file).contentOf('queue')
    expect(kept).toMatchObject([
      { body: 'flying', visibleAt: 0, receiveCount: 1 },
      { body: 'waiting', visibleAt: now + 60_000 },
    ])
  })

  test('has saved everything that was sent before the call, also while it is writing', async () => {
    const file = path()
    const journal = new QueueJournal(file)
    journal.watch([queue])
    const saves = ['a', 'b', 'c'].map((body) => {
      queue.send(body)
      return journal.saved()
    })
    await saves[0]
    queue.send('d')
    await journal.saved()
    expect(new QueueJournal(file).contentOf('queue').map(({ body }) => body)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
    await Promise.all(saves)
  })

  test('keeps nothing without a file', async () => {
    const journal = new QueueJournal(undefined)
    journal.watch([queue])
    await expect(journal.saved()).resolves.toBeUndefined()
    expect(journal.contentOf('queue')).toEqual([])
  })
})
