/** Counts test mails, beside the challenges: what lives there is gone by itself. */
import { createHash } from 'node:crypto'
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { addressKey } from '../core/address/address-key.ts'
import { HOUR } from '../core/spans.ts'

/** Counts one more test to an address, and gives the count of the running hour. */
export function dynamoTestCounter(client: DynamoDBDocumentClient, table: string) {
  return async (to: string, now: number): Promise<number> => {
    const hour = Math.floor(now / HOUR)
    const address = createHash('sha256').update(addressKey(to)).digest('hex').slice(0, 32)
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { transaction_id: `test/${address}/${hour}`, serial: '-' },
        UpdateExpression: 'ADD #count :one SET #ttl = :ttl',
        ExpressionAttributeNames: { '#count': 'count', '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':one': 1, ':ttl': ((hour + 2) * HOUR) / 1000 },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    return Number(Attributes?.count)
  }
}
