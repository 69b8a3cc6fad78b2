import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Backlog } from '../core/operator/ports.ts'

export type BacklogQueues = {
  deliver: string
  /** Undefined where the deployment does not name it. */
  dead: string | undefined
}

/** How many messages wait in the queue to `deliver` and in the one behind it, by their URLs. */
export function sqsBacklog(client: SQSClient, { deliver, dead }: BacklogQueues): Backlog {
  async function depth(QueueUrl: string): Promise<number> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    )
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0)
  }

  return async () => ({
    waiting: await depth(deliver),
    dead: dead === undefined ? undefined : await depth(dead),
  })
}
