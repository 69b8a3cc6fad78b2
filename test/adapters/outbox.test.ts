import type { SQSRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import type { JsonService } from '../../functions/adapters/json-call.ts'
import { deliveryReference, sqsOutbox } from '../../functions/adapters/sqs-outbox.ts'
import { sqsRetry } from '../../functions/adapters/sqs-retry.ts'
import { sentChallenge, uniqueId } from '../support/challenges.ts'

const QUEUE = 'https://queue.example/deliver'

type Entry = { Id: string; MessageBody: string }
type Batch = { QueueUrl: string; Entries: Entry[] }
type Sent = Parameters<JsonService>[1] & Batch

const references = (count: number) =>
  Array.from({ length: count }, () => ({ transactionId: uniqueId(), serial: 'EMTEST' }))

/** A queue that answers every call in the same way, and what it was asked. */
function queueThat(reply: Awaited<ReturnType<JsonService>>) {
  const asked: [string, Sent][] = []
  const sqs: JsonService = async (operation, request) => {
    asked.push([operation, request as Sent])
    return reply
  }
  return { asked, outbox: sqsOutbox(sqs, QUEUE) }
}
const ANSWERS = { answer: { Successful: [] } }

describe('the outbox', () => {
  it('queues references that deliver can read, and nothing else of a challenge', async () => {
    const { asked, outbox } = queueThat(ANSWERS)
    const challenge = sentChallenge()
    await outbox.send([challenge])
    const [[operation, { QueueUrl, Entries }]] = asked as [[string, Sent]]
    expect([operation, QueueUrl]).toEqual(['SendMessageBatch', QUEUE])
    const { transactionId, serial } = challenge
    expect(JSON.parse(Entries[0]!.MessageBody)).toEqual({ transaction_id: transactionId, serial })
    expect(deliveryReference(Entries[0]!.MessageBody)).toEqual({ transactionId, serial })
  })

  it.each([
    [0, []],
    [10, [10]],
    [11, [10, 1]],
    [25, [10, 10, 5]],
  ])('sends %i references in batches of %o', async (count, batches) => {
    const { asked, outbox } = queueThat(ANSWERS)
    const sent = references(count)
    await outbox.send(sent)
    const entries = asked.map(([, { Entries }]) => Entries)
    expect(entries.map(({ length }) => length)).toEqual(batches)
    expect(entries.flat().map(({ MessageBody }) => deliveryReference(MessageBody))).toEqual(sent)
    for (const batch of entries) {
      expect(new Set(batch.map(({ Id }) => Id)).size).toBe(batch.length)
    }
  })

  it('fails when the queue refuses one of them', async () => {
    const Failed = [{ Id: '1', SenderFault: false, Code: 'InternalError' }]
    const { outbox } = queueThat({ answer: { Failed } })
    await expect(outbox.send(references(2))).rejects.toThrow('InternalError')
  })

  it('fails when the queue refuses all of them', async () => {
    const { outbox } = queueThat({ fault: 'QueueDoesNotExist' })
    await expect(outbox.send(references(2))).rejects.toThrow('QueueDoesNotExist')
  })

  it('fails when the queue is down', async () => {
    const down = sqsOutbox(() => Promise.reject(new Error('down')), QUEUE)
    await expect(down.send(references(1))).rejects.toThrow('down')
  })
})

describe('a message', () => {
  it.each([
    '',
    'not json',
    'null',
    '[]',
    '"text"',
    '{}',
    '{"transaction_id":1,"serial":"EM"}',
    '{"transaction_id":"1","serial":["EM"]}',
    '{"transaction_id":"1"}',
  ])('that is no reference is told from one: %s', (body) => {
    expect(deliveryReference(body)).toBeUndefined()
  })
})

describe('a failed message', () => {
  const log: unknown[] = []
  const retry = (sqs: JsonService, record: SQSRecord) =>
    sqsRetry(sqs, QUEUE, (...line) => log.push(line))(record)
  const record = (received: number) =>
    ({
      messageId: 'one',
      receiptHandle: 'handle',
      attributes: { ApproximateReceiveCount: String(received) },
    }) as SQSRecord

  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 15],
    [10, 15],
  ])('received %i times comes back after %i s', async (received, seconds) => {
    const asked: unknown[] = []
    await retry(async (...call) => {
      asked.push(call)
      return { answer: {} }
    }, record(received))
    const request = { QueueUrl: QUEUE, ReceiptHandle: 'handle', VisibilityTimeout: seconds }
    expect(asked).toEqual([['ChangeMessageVisibility', request]])
  })

  it('comes back by itself when the queue cannot be asked, or refuses', async () => {
    await retry(() => Promise.reject(new Error('down')), record(1))
    await retry(async () => ({ fault: 'ReceiptHandleIsInvalid' }), record(1))
    expect(log).toHaveLength(2)
  })
})
