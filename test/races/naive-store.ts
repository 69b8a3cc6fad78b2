/** How not to do it: read, compare, then write. The races must find it out. */
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { dynamoChallenges } from '../../functions/adapters/dynamo-challenges.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'

/** The store of a deployment, but with a guess that looks first and writes afterwards. */
export function naiveChallenges(client: DynamoDBDocumentClient, table: string): ChallengeStore {
  return {
    ...dynamoChallenges(client, table),
    async guess({ transactionId, serial, guessMac, now }) {
      const item = { TableName: table, Key: { transaction_id: transactionId, serial } }
      const { Item } = await client.send(new GetCommand({ ...item, ConsistentRead: true }))
      if (!Item) return 'missing'
      if (Item.expiresAt <= now) return 'expired'
      if (Item.attempts >= Item.maxAttempts) return 'exhausted'
      if (Item.otpMac === guessMac) {
        await client.send(new DeleteCommand(item))
        return 'accepted'
      }
      const count = { ':attempts': Item.attempts + 1 }
      await client.send(
        new UpdateCommand({
          ...item,
          UpdateExpression: 'SET attempts = :attempts',
          ExpressionAttributeValues: count,
        }),
      )
      return 'wrong'
    },
  }
}
