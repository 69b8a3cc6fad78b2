/** What the load time of `validate` is measured against. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

export const client = new DynamoDBClient({})
