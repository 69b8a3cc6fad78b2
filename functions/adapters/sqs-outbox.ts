import type { DeliveryReference, Outbox } from '../core/ports.ts'
import type { JsonService } from './json-call.ts'

type Answer = { Failed?: { Code: string }[] }

const BATCH = 10

/** Queues references to challenges for `deliver`; no code and no address passes through here. */
export function sqsOutbox(sqs: JsonService, queueUrl: string): Outbox {
  async function sendBatch(references: DeliveryReference[]): Promise<void> {
    const reply = await sqs('SendMessageBatch', {
      QueueUrl: queueUrl,
      Entries: references.map(({ transactionId, serial }, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ transaction_id: transactionId, serial }),
      })),
    })
    if ('fault' in reply) throw new Error(`The queue refused a batch: ${reply.fault}`)
    const [failed] = (reply.answer as Answer).Failed ?? []
    if (failed) throw new Error(`The queue refused a message: ${failed.Code}`)
  }

  return {
    async send(references) {
      for (let start = 0; start < references.length; start += BATCH) {
        await sendBatch(references.slice(start, start + BATCH))
      }
    },
  }
}

/** Reads what {@link sqsOutbox} wrote; undefined for anything else. */
export function deliveryReference(body: string): DeliveryReference | undefined {
  try {
    const { transaction_id: transactionId, serial } = JSON.parse(body) as Record<string, unknown>
    if (typeof transactionId !== 'string' || typeof serial !== 'string') return undefined
    return { transactionId, serial }
  } catch {
    return undefined
  }
}
