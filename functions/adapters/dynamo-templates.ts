import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb'
import { byTemplateName, type StoredTemplate, type TemplateStore } from '../core/template.ts'
import { ifAllowed } from './conditional.ts'

const PREFIX = 'template/'

/** Mail templates in the Tokens table, one item each. */
export function dynamoTemplates(client: DynamoDBDocumentClient, table: string): TemplateStore {
  const Key = (name: string) => ({ pk: `${PREFIX}${name}` })

  return {
    async get(name) {
      const command = new GetCommand({ TableName: table, Key: Key(name), ConsistentRead: true })
      const { Item } = await client.send(command)
      return Item && fromItem(Item)
    },
    async put(template) {
      const { fromName, savedAt, ...rest } = template
      const Item = { ...Key(template.name), ...rest, from_name: fromName, saved_at: savedAt }
      await client.send(new PutCommand({ TableName: table, Item }))
    },
    async list() {
      const input = {
        TableName: table,
        FilterExpression: 'begins_with(pk, :prefix)',
        ProjectionExpression: '#name, subject, saved_at',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':prefix': PREFIX },
      }
      const found = []
      for await (const { Items = [] } of paginateScan({ client }, input)) {
        found.push(...Items.map(fromItem))
      }
      return found.toSorted(byTemplateName)
    },
    async remove(name) {
      const command = new DeleteCommand({
        TableName: table,
        Key: Key(name),
        ConditionExpression: 'attribute_exists(pk)',
      })
      return ifAllowed(client.send(command))
    },
  }
}

function fromItem({ pk: _pk, from_name, saved_at, ...rest }: Record<string, unknown>) {
  const fromName = from_name === undefined ? {} : { fromName: from_name }
  return { ...rest, ...fromName, savedAt: saved_at } as StoredTemplate
}
