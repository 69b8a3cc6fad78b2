/** Chooses adapters for each entry: the only reader of the environment. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SSMClient } from '@aws-sdk/client-ssm'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoSnapshots } from './adapters/dynamo-settings.ts'
import { settingsReport } from './adapters/settings-report.ts'
import { ssmParameters } from './adapters/ssm-parameters.ts'
import { publishSettings } from './core/publish-settings.ts'
import type { PublishPorts } from './core/publish-settings.ts'
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

/** Nobody waits for `configure`, so Parameter Store's throttling is worth more tries. */
export function composeConfigure() {
  const stage = env('stage')
  const client = new SSMClient({
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 },
  })
  const ports: PublishPorts = {
    parameters: ssmParameters({ client, prefix: `/otpost/${stage}` }),
    snapshots: dynamoSnapshots(dynamo(), env('tokensTable')),
    clock: Date.now,
    report: settingsReport({
      stage,
      clock: Date.now,
      write: (line) => process.stdout.write(`${line}\n`),
    }),
  }
  return () => publishSettings(ports)
}
