import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { isTestMail, type TestMailEvent } from './adapters/lambda-test-mail.ts'
import { deliveryReference } from './adapters/sqs-outbox.ts'
import { composeDeliver } from './compose.ts'
import { deliverOtp } from './core/deliver-otp.ts'
import type { Sent } from './core/ports.ts'
import { sendTestMail } from './core/test-mail.ts'

const { ports, retryLater } = composeDeliver()

type Outcome = SQSBatchResponse | Sent

/** Mails codes; or, for administration, a test of a mail server. */
export const handler = middy(async (event: SQSEvent | TestMailEvent): Promise<Outcome> =>
  isTestMail(event) ? sendTestMail(ports, event.test) : deliverAll(event),
)

/**
 * Mails the codes of queued challenges. Each message succeeds or fails on its own; one that should
 * be tried again is handed back to the queue, which tries until the challenge has expired.
 */
async function deliverAll({ Records }: SQSEvent): Promise<SQSBatchResponse> {
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
}
