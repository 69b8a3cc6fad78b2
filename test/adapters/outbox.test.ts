import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { JsonService } from '../../functions/adapters/json-call.ts'
import { deliveryReference, sqsOutbox } from '../../functions/adapters/sqs-outbox.ts'
import { sqsRetry } from '../../functions/adapters/sqs-retry.ts'
import { sentChallenge, uniqueId } from '../support/challenges.ts'

const QUEUE = 'https://queue.example/deliver'
const sqs = mockClient(SQSClient)
const client = new SQSClient({ region: 'us-east-1' })
beforeEach(() => {
  sqs.reset()
})

const references = (count: number) =>
  Array.from({ length: count }, () => ({ transactionId: uniqueId(), serial: 'EMTEST' }))

describe('the outbox', () => {
  it('queues references that deliver can read, and nothing else of a challenge', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] })
    const challenge = sentChallenge()
    await sqsOutbox(client, QUEUE).send([challenge])
    const { QueueUrl, Entries } = sqs.commandCalls(SendMessageBatchCommand)[0]!.args[0].input
    expect(QueueUrl).toBe(QUEUE)
    const { transactionId, serial } = challenge
    expect(JSON.parse(Entries![0]!.MessageBody!)).toEqual({ transaction_id: transactionId, serial })
    expect(deliveryReference(Entries![0]!.MessageBody!)).toEqual({ transactionId, serial })
  })

  it.each([
    [0, []],
    [10, [10]],
    [11, [10, 1]],
    [25, [10, 10, 5]],
  ])('sends %i references in batches of %o', async (count, batches) => {
    sqs.on(SendMessageBatchCommand).resolves({})
    const sent = references(count)
    await sqsOutbox(client, QUEUE).send(sent)
    const entries = sqs
      .commandCalls(SendMessageBatchCommand)
      .map((call) => call.args[0].input.Entries!)
    expect(entries.map(({ length }) => length)).toEqual(batches)
    expect(entries.flat().map(({ MessageBody }) => deliveryReference(MessageBody!))).toEqual(sent)
    for (const batch of entries) {
      expect(new Set(batch.map(({ Id }) => Id)).size).toBe(batch.length)
    }
  })

  it('fails when the queue refuses one of them', async () => {
    const Failed = [{ Id: '1', SenderFault: false, Code: 'InternalError' }]
    sqs.on(SendMessageBatchCommand).resolves({ Failed })
    await expect(sqsOutbox(client, QUEUE).send(references(2))).rejects.toThrow('InternalError')
  })

  it('fails when the queue is down', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('down'))
    await expect(sqsOutbox(client, QUEUE).send(references(1))).rejects.toThrow('down')
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
