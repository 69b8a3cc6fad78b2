import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import type { Admin, AdminSessions, AdminStore } from '../core/sign-in.ts'
import { namedItems } from './named-items.ts'

const PREFIX = 'admin/'

/** Administrators in the Tokens table. */
export function dynamoAdmins(client: DynamoDBDocumentClient, table: string): AdminStore {
  const items = namedItems(client, table, PREFIX)
  return {
    get: async (name) => (await items.get(name)) as Admin | undefined,
    save: (admin, rev) => items.save(admin.name, admin, rev),
    remove: items.remove,
    all: async () => (await items.all()) as Admin[],
  }
}

/**
 * When sessions of administrators ended. A grant lets these two attributes be read and nothing else of
 * an administrator, so the projection names both.
 */
export const dynamoAdminSessions = (
  client: DynamoDBDocumentClient,
  table: string,
): AdminSessions => ({
  async get(name) {
    const command = new GetCommand({
      TableName: table,
      Key: { pk: `${PREFIX}${name}` },
      ConsistentRead: true,
      ProjectionExpression: 'pk, sessionsFrom',
    })
    return (await client.send(command)).Item
  },
})
