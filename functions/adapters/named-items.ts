import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { ifAllowed } from './conditional.ts'

type Item = Record<string, unknown>

/** Items of one kind in the Tokens table, one for each name: their `pk` is the prefix and the name. */
export function namedItems(client: DynamoDBDocumentClient, table: string, prefix: string) {
  const Key = (name: string) => ({ pk: `${prefix}${name}` })

  return {
    /** What is stored this moment, without its key. */
    async get(name: string): Promise<Item | undefined> {
      const command = new GetCommand({ TableName: table, Key: Key(name), ConsistentRead: true })
      const { Item } = await client.send(command)
      return Item && withoutKey(Item)
    },
    async put(name: string, item: object): Promise<void> {
      await client.send(new PutCommand({ TableName: table, Item: { ...Key(name), ...item } }))
    },
    /** Writes if the stored `rev` is still this one (0: there is none yet); false otherwise. */
    async save(name: string, item: object, rev: number): Promise<boolean> {
      const command = new PutCommand({
        TableName: table,
        Item: { ...Key(name), ...item },
        ConditionExpression: rev === 0 ? 'attribute_not_exists(pk)' : 'rev = :rev',
        ...(rev === 0 ? {} : { ExpressionAttributeValues: { ':rev': rev } }),
      })
      return ifAllowed(client.send(command))
    },
    /** False where there was nothing to remove. */
    async remove(name: string): Promise<boolean> {
      const command = new DeleteCommand({
        TableName: table,
        Key: Key(name),
        ConditionExpression: 'attribute_exists(pk)',
      })
      return ifAllowed(client.send(command))
    },
    /** All of them, or what a projection leaves of them. Reads the whole table. */
    async all(
      projection: Pick<ScanCommandInput, 'ProjectionExpression' | 'ExpressionAttributeNames'> = {},
    ): Promise<Item[]> {
      const input = {
        TableName: table,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': prefix },
        ...projection,
      }
      const found: Item[] = []
      for await (const { Items = [] } of paginateScan({ client }, input)) {
        found.push(...Items.map(withoutKey))
      }
      return found
    },
  }
}

const withoutKey = ({ pk: _pk, ...rest }: Item): Item => rest
