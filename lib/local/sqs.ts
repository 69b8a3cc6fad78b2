/** SQS's JSON protocol over the local queues. */
import { createHash } from 'node:crypto'
import { AwsError, unknownOperation } from './aws-error.ts'
import type { JsonService } from './aws-endpoint.ts'
import type { Queue, QueueMessage } from './queue.ts'

type Json = Record<string, any>
type Operation = (queue: Queue, body: Json, saved: () => Promise<void>) => Promise<Json> | Json

const MAX_BATCH = 10

const OPERATIONS: Record<string, Operation> = {
  SendMessage: async (queue, body, saved) => {
    const sent = send(queue, body)
    await saved()
    return sent
  },

  SendMessageBatch: async (queue, { Entries: entries = [] }, saved) => {
    if (entries.length === 0 || entries.length > MAX_BATCH) throw batchSize()
    const Successful = entries.map((entry: Json) => ({ Id: entry.Id, ...send(queue, entry) }))
    await saved()
    return { Successful, Failed: [] }
  },

  ReceiveMessage: async (queue, body) => {
    const { MaxNumberOfMessages = 1, WaitTimeSeconds = 0, VisibilityTimeout } = body
    const waitMs = WaitTimeSeconds * 1000
    const messages = await queue.receiveWithin(waitMs, MaxNumberOfMessages, VisibilityTimeout)
    return messages.length > 0 ? { Messages: messages.map(received) } : {}
  },

  DeleteMessage: (queue, { ReceiptHandle }) => {
    queue.delete(ReceiptHandle)
    return {}
  },

  DeleteMessageBatch: (queue, { Entries = [] }) => {
    for (const entry of Entries) queue.delete(entry.ReceiptHandle)
    return { Successful: Entries.map(({ Id }: Json) => ({ Id })), Failed: [] }
  },

  ChangeMessageVisibility: (queue, { ReceiptHandle, VisibilityTimeout }) => {
    if (queue.changeVisibility(ReceiptHandle, VisibilityTimeout)) return {}
    throw new AwsError('com.amazonaws.sqs#MessageNotInflight', 'The message is not in flight.')
  },

  GetQueueAttributes: (queue) => {
    const { visible, hidden } = queue.count()
    const Attributes = {
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
      QueueArn: queue.arn,
      VisibilityTimeout: String(queue.visibilityTimeout),
    }
    return { Attributes }
  },

  PurgeQueue: (queue) => {
    queue.purge()
    return {}
  },
}

export type SqsOptions = {
  queues: () => Iterable<Queue>
  urlOf: (queue: Queue) => string
  /** Resolves when what was sent so far is safe. */
  saved: () => Promise<void>
}

/** Queues are known by the last part of their URL, which is their name. */
export function sqsService(options: SqsOptions): JsonService {
  const byName = (name: string): Queue => {
    for (const queue of options.queues()) if (queue.name === name) return queue
    throw new AwsError('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.')
  }
  return {
    call(operation, body) {
      if (operation === 'GetQueueUrl') return { QueueUrl: options.urlOf(byName(body.QueueName)) }
      const perform = OPERATIONS[operation]
      if (!perform) throw unknownOperation('sqs', operation)
      const queue = byName(
        String(body.QueueUrl ?? '')
          .split('/')
          .at(-1)!,
      )
      return perform(queue, body, options.saved)
    },
  }
}

/** Hex MD5, which SQS returns so that clients can check what arrived. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function send(queue: Queue, entry: Json): Json {
  const { MessageBody, DelaySeconds, MessageAttributes } = entry
  if (typeof MessageBody !== 'string' || MessageBody === '') {
    throw new AwsError('com.amazonaws.sqs#MissingParameter', 'The message must have a body.')
  }
  const message = queue.send(MessageBody, DelaySeconds, MessageAttributes)
  return { MessageId: message.id, MD5OfMessageBody: md5(message.body) }
}

function received(message: QueueMessage): Json {
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    MessageAttributes: message.attributes,
    Attributes: systemAttributes(message),
  }
}

/** The attributes SQS adds to every message, as strings. */
export function systemAttributes(message: QueueMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SentTimestamp: String(message.sentAt),
    SenderId: 'local',
  }
}

function batchSize(): AwsError {
  return new AwsError(
    'com.amazonaws.sqs#TooManyEntriesInBatchRequest',
    `A batch holds 1 to ${MAX_BATCH} entries.`,
  )
}
