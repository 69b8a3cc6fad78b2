import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb'
import type { Admin, AdminStore } from '../core/sign-in.ts'
import { ifAllowed } from './conditional.ts'

/** Administrators in the Tokens table. */
export function dynamoAdmins(client: DynamoDBDocumentClient, table: string): AdminStore {
  const Key = (name: string) => ({ pk: `admin/${name}` })
  const fromItem = ({ pk: _pk, ...rest }: Record<string, unknown>) => rest as Admin

  return {
    async get(name) {
      const command = new GetCommand({ TableName: table, Key: Key(name), ConsistentRead: true })
      const { Item } = await client.send(command)
      return Item && fromItem(Item)
    },
    async save(admin, rev) {
      const command = new PutCommand({
        TableName: table,
        Item: { ...Key(admin.name), ...admin },
        ConditionExpression: rev === 0 ? 'attribute_not_exists(pk)' : 'rev = :rev',
        ...(rev === 0 ? {} : { ExpressionAttributeValues: { ':rev': rev } }),
      })
      return ifAllowed(client.send(command))
    },
    async remove(name) {
      const command = new DeleteCommand({
        TableName: table,
        Key: Key(name),
        ConditionExpression: 'attribute_exists(pk)',
      })
      return ifAllowed(client.send(command))
    },
    async all() {
      const input = {
        TableName: table,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': 'admin/' },
      }
      const admins: Admin[] = []
      for await (const { Items = [] } of paginateScan({ client }, input)) {
        admins.push(...Items.map(fromItem))
      }
      return admins
    },
  }
}
