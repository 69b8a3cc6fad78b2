/** What only the operator reads of the tables: everything in order, and the latest of a few. */
import { type DynamoDBDocumentClient, paginateScan, ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Account } from '../core/account.ts'
import type { AccountScan, Deliveries, Delivery } from '../core/operator/ports.ts'

const PAGE = 250

/** Accounts in the table's own order, which stays the same and may be entered at any key. */
export function dynamoAccountScan(client: DynamoDBDocumentClient, table: string): AccountScan {
  return async function* (after) {
    const input = {
      TableName: table,
      Limit: PAGE,
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':prefix': 'account/' },
      ...(after === undefined ? {} : { ExclusiveStartKey: { pk: after } }),
    }
    for await (const { Items = [] } of paginateScan({ client }, input)) {
      for (const { pk, writer: _writer, ...rest } of Items) yield { key: pk, ...rest } as Account
    }
  }
}

/** Challenges looked at: one read of the table, whose order says nothing about age. */
const SAMPLE = 200

/** The newest delivery among a sample of the challenges. */
export function dynamoDeliveries(client: DynamoDBDocumentClient, table: string): Deliveries {
  return async () => {
    const { Items = [] } = await client.send(
      new ScanCommand({
        TableName: table,
        Limit: SAMPLE,
        ProjectionExpression: '#delivery, deliveredAt, reply',
        ExpressionAttributeNames: { '#delivery': 'delivery' },
      }),
    )
    return Items.filter(({ deliveredAt }) => typeof deliveredAt === 'number')
      .map(({ delivery, deliveredAt, reply }) => ({ at: deliveredAt, state: delivery, reply }))
      .sort((a, b) => b.at - a.at)[0] as Delivery | undefined
  }
}
