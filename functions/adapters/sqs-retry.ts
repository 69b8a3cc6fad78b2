import type { SQSRecord } from 'aws-lambda'
import type { Log } from '../core/ports.ts'
import type { JsonService } from './json-call.ts'

const LONGEST = 15

/**
 * Makes a failed message visible again after 1, 2, 4 … 15 seconds instead of the queue's long
 * default, because a code lives for minutes. When that fails, the default applies.
 */
export function sqsRetry(sqs: JsonService, queueUrl: string, log: Log) {
  return async ({ receiptHandle, messageId, attributes }: SQSRecord): Promise<void> => {
    const received = Number(attributes.ApproximateReceiveCount)
    const hasten = {
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(LONGEST, 2 ** (received - 1)),
    }
    try {
      const reply = await sqs('ChangeMessageVisibility', hasten)
      if ('fault' in reply) throw new Error(reply.fault)
    } catch (error) {
      log('warn', 'retry not hastened', { message_id: messageId, error })
    }
  }
}
