/** Counts mails to mailboxes, beside the challenges: what lives there is gone by itself. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { entriesLooked, type MailLimits, timesKept, timesOver } from '../core/mail-times.ts'
import type { ChallengeStore } from '../core/ports.ts'

/** Entries beyond those that a limit looks at, until they are cut off: most mails are one write. */
const SPARE = 10
/** Entries cut off at once: an expression has its limits. */
const MOST_CUT = 50

type Item = Pick<UpdateCommandInput, 'TableName' | 'Key' | 'ExpressionAttributeNames'>

/** The mails to one mailbox are a list of times, newest first, in one item. */
export function dynamoMailCounter(
  client: DynamoDBDocumentClient,
  table: string,
): ChallengeStore['admitMail'] {
  const itemOf = (mailbox: string): Item => ({
    TableName: table,
    Key: { transaction_id: `mailbox/${mailbox}`, serial: '-' },
    ExpressionAttributeNames: { '#times': 'times' },
  })

  /** The oldest ones: whatever is added in parallel is added before them. */
  async function cut(mailbox: string, count: number, kept: number): Promise<void> {
    const from = Math.max(kept, count - MOST_CUT)
    const entries = Array.from({ length: count - from }, (_, index) => `#times[${from + index}]`)
    const UpdateExpression = `REMOVE ${entries.join(', ')}`
    await client.send(new UpdateCommand({ ...itemOf(mailbox), UpdateExpression }))
  }

  return async (mailbox, limits, now) => {
    try {
      const { Attributes } = await client.send(countCommand(itemOf(mailbox), limits, now))
      const count = (Attributes!.times as number[]).length
      if (count > timesKept(limits) + SPARE) await cut(mailbox, count, timesKept(limits))
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }
}

function countCommand(item: Item, limits: MailLimits, now: number) {
  const looked = entriesLooked(limits, now)
  const conditions = looked.map(
    ({ index }, number) =>
      `(attribute_not_exists(#times[${index}]) OR #times[${index}] <= :before${number})`,
  )
  return new UpdateCommand({
    ...item,
    UpdateExpression: 'SET #times = list_append(:now, if_not_exists(#times, :none)), #ttl = :ttl',
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { ...item.ExpressionAttributeNames, '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...{ ':now': [now], ':none': [], ':ttl': timesOver(now) },
      ...Object.fromEntries(looked.map(({ before }, number) => [`:before${number}`, before])),
    },
    ReturnValues: 'UPDATED_NEW',
  })
}
