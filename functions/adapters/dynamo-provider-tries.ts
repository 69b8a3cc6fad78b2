import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { CountedTries } from '../core/counted-try.ts'
import type { ProviderTries } from '../core/managed-provider.ts'
import { namedItems } from './named-items.ts'

/** Wrong passwords of managed providers, in the Tokens table. */
export function dynamoProviderTries(client: DynamoDBDocumentClient, table: string): ProviderTries {
  const items = namedItems(client, table, 'provider/')
  return {
    get: async (name) => (await items.get(name)) as CountedTries | undefined,
    save: items.save,
  }
}
