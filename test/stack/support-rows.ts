/** What the tests of the documents' rows share: records that follow within seconds, and stored items. */
import { GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { expect } from 'vitest'
import { clients } from '../lib/local/clients.ts'
import type { Form } from './support-http.ts'
import type { TestStack } from './support.ts'

/** Functions keep their settings for seconds, and records follow within seconds. */
export const SOON = { timeout: 20_000, interval: 100 }

type Json = Record<string, any>

/** The audit, newest first, once it has a record of these members. */
export async function auditWith(
  { api }: TestStack,
  { authorization }: Form,
  query: Form,
  members: Json,
): Promise<Json[]> {
  let records: Json[] = []
  const read = async () => {
    const headers = { authorization: `Bearer ${authorization}` }
    return (records = (await api.get('/v1/audit', query, headers)).json.records)
  }
  await expect.poll(read, SOON).toContainEqual(expect.objectContaining(members))
  return records
}

export type Stored = ReturnType<typeof storedItems>

/** The items of the tables, read and aged at the endpoint of the stand-ins. */
export function storedItems({ stack }: TestStack) {
  const { dynamodb } = clients(stack.endpoint)
  const { tokens, challenges } = stack.describe().tables

  const set = async (table: string | undefined, key: Json, changes: Json): Promise<void> => {
    const names = Object.keys(changes)
    const expression = names.map((_, at) => `#n${at} = :v${at}`).join(', ')
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall(key),
        UpdateExpression: `SET ${expression}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#n${at}`, name])),
        ExpressionAttributeValues: marshall(
          Object.fromEntries(names.map((name, at) => [`:v${at}`, changes[name]])),
        ),
      }),
    )
  }
  return {
    /** The account of a user of the realm `demo`. */
    async account(user: string): Promise<Json> {
      const Key = marshall({ pk: `account/demo/${user}` })
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: tokens, Key, ConsistentRead: true }),
      )
      return unmarshall(Item!)
    },
    setAccount: (user: string, changes: Json) =>
      set(tokens, { pk: `account/demo/${user}` }, changes),
    /** The challenges of a transaction. */
    async challenges(id: string): Promise<Json[]> {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: challenges,
          KeyConditionExpression: 'transaction_id = :id',
          ExpressionAttributeValues: { ':id': { S: id } },
          ConsistentRead: true,
        }),
      )
      return Items.map((item) => unmarshall(item))
    },
    async setChallenges(id: string, changes: Json): Promise<void> {
      for (const { serial } of await this.challenges(id)) {
        await set(challenges, { transaction_id: id, serial }, changes)
      }
    },
  }
}
