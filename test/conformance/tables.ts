/** The tables as a test sees them: emptied between scenarios, and read for what must not be there. */
import { BatchWriteCommand, type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'

type Item = Record<string, unknown>
export type Table = {
  name: string
  keys: string[]
  /** Items that outlive a reset. */
  spared(item: Item): boolean
}

const BATCH = 25

/** Every item of a table. */
export async function itemsOf(client: DynamoDBDocumentClient, { name }: Table): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of paginateScan({ client }, { TableName: name, ConsistentRead: true })) {
    items.push(...(page.Items ?? []))
  }
  return items
}

/** Deletes all items that are not spared. */
export async function emptyTables(client: DynamoDBDocumentClient, tables: Table[]): Promise<void> {
  for (const table of tables) {
    const doomed = (await itemsOf(client, table)).filter((item) => !table.spared(item))
    for (let start = 0; start < doomed.length; start += BATCH) {
      const requests = doomed.slice(start, start + BATCH).map((item) => ({
        DeleteRequest: { Key: Object.fromEntries(table.keys.map((key) => [key, item[key]])) },
      }))
      await client.send(new BatchWriteCommand({ RequestItems: { [table.name]: requests } }))
    }
  }
}
