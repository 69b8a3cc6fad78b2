import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { deliveryReference } from './adapters/sqs-outbox.ts'
import { composeDeliver } from './compose.ts'
import { deliverOtp } from './core/deliver-otp.ts'

const { ports, retryLater } = composeDeliver()

/**
 * Mails the codes of queued challenges. Each message succeeds or fails on its own; one that should
 * be tried again is handed back to the queue, which tries until the challenge has expired.
 */
export const handler = middy(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const outcomes = await Promise.all(
    Records.map(async (record) => {
      const reference = deliveryReference(record.body)
      if (!reference) {
        ports.log('error', 'not a delivery reference', { message_id: record.messageId })
        return 'retry'
      }
      try {
        return await deliverOtp(ports, reference)
      } catch (error) {
        ports.log('error', 'delivery failed', { transaction_id: reference.transactionId, error })
        return 'retry'
      }
    }),
  )
  const failed = Records.filter((_, index) => outcomes[index] === 'retry')
  await Promise.all(failed.map((record) => retryLater(record)))
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
})
