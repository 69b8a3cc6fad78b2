import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { byTemplateName, type StoredTemplate, type TemplateStore } from '../core/template.ts'
import { namedItems } from './named-items.ts'

/** Mail templates in the Tokens table, one item each. */
export function dynamoTemplates(client: DynamoDBDocumentClient, table: string): TemplateStore {
  const items = namedItems(client, table, 'template/')
  return {
    async get(name) {
      const item = await items.get(name)
      return item && fromItem(item)
    },
    put: ({ fromName, savedAt, ...rest }) =>
      items.put(rest.name, { ...rest, from_name: fromName, saved_at: savedAt }),
    async list() {
      const found = await items.all({
        ProjectionExpression: '#name, subject, saved_at',
        ExpressionAttributeNames: { '#name': 'name' },
      })
      return found.map(fromItem).toSorted(byTemplateName)
    },
    remove: items.remove,
  }
}

function fromItem({ from_name, saved_at, ...rest }: Record<string, unknown>) {
  const fromName = from_name === undefined ? {} : { fromName: from_name }
  return { ...rest, ...fromName, savedAt: saved_at } as StoredTemplate
}
