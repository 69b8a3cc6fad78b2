/** The embedded DynamoDB behind the real SDK, with a place to plant faults. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { startAwsEndpoint } from '../../lib/local/aws-endpoint.ts'
import { EmbeddedDynamo } from '../../lib/local/dynamo.ts'
import { Faults } from '../../lib/local/faults.ts'
import { kmsService, MasterKeys } from '../../lib/local/kms.ts'
import { localKms } from './local-kms.ts'

export const TOKENS = 'tokens'
export const CHALLENGES = 'challenges'
export const RECORDS = 'records'
export const KEY_ARN = 'arn:aws:kms:us-east-1:000000000000:key/test'

const KEYS = {
  [TOKENS]: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  [CHALLENGES]: [
    { AttributeName: 'transaction_id', KeyType: 'HASH' },
    { AttributeName: 'serial', KeyType: 'RANGE' },
  ],
  [RECORDS]: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
} as const

/** Indexes of the records, as lib/records-table.ts has them. */
const INDEXES = { by_user: 'user_key', by_group: 'group_key' }
const INDEXED = ['user_key', 'group_key', 'time_key']

const indexesOf = (table: string) =>
  table === RECORDS
    ? {
        GlobalSecondaryIndexes: Object.entries(INDEXES).map(([IndexName, AttributeName]) => ({
          IndexName,
          KeySchema: [
            { AttributeName, KeyType: 'HASH' as const },
            { AttributeName: 'time_key', KeyType: 'RANGE' as const },
          ],
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }
    : {}

const absent = () => {
  throw new Error('This service is not part of the test.')
}

/** Starts engine, endpoint and the tables; nothing is kept on disk. */
export async function startEmbeddedDynamo() {
  const engine = await EmbeddedDynamo.open()
  const faults = new Faults()
  const keys = new MasterKeys()
  keys.add('test', KEY_ARN)
  const services = {
    dynamodb: engine,
    kms: kmsService(keys),
    sqs: { call: absent },
    ssm: { call: absent },
    ses: { route: () => undefined },
    lambda: { route: () => undefined },
  }
  const endpoint = await startAwsEndpoint(services, faults)
  const options = {
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  }
  const client = new DynamoDBClient(options)
  for (const [TableName, KeySchema] of Object.entries(KEYS)) {
    await client.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [...KeySchema],
        AttributeDefinitions: [
          ...KeySchema.map(({ AttributeName }) => AttributeName),
          ...(TableName === RECORDS ? INDEXED : []),
        ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        ...indexesOf(TableName),
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  }
  return {
    dynamo: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    kms: localKms(endpoint.url),
    faults,
    async stop() {
      client.destroy()
      await endpoint.stop()
      await engine.close()
    },
  }
}
export type Embedded = Awaited<ReturnType<typeof startEmbeddedDynamo>>
