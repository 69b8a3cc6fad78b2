/** Chooses adapters for each entry: the only reader of the environment. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { ENV } from './env.ts'

/** A required environment variable. Throws at start-up, where a deployment error belongs. */
export function env(name: keyof typeof ENV): string {
  const value = process.env[ENV[name]]
  if (!value) throw new Error(`The environment variable ${ENV[name]} is not set.`)
  return value
}

/**
 * One DynamoDB client per function. Time-outs are short and tries few because a person waits: the
 * worst case stays below API Gateway's 30 s.
 */
export function dynamo(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 },
  })
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
}
