/**
 * The AWS that the bench and the counting test run against: DynamoDB, SQS, KMS and SES on one
 * loopback address. Every request is noted, with the capacity DynamoDB would bill for it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { dynamoSnapshots } from '../../functions/adapters/dynamo-settings.ts'
import { createKeyring, kmsKeyring } from '../../functions/adapters/kms-keyring.ts'
import { accountKey } from '../../functions/core/account.ts'
import { ENV } from '../../functions/env.ts'
import { AwsError, unknownOperation } from '../../lib/local/aws-error.ts'
import { type JsonService, startAwsEndpoint } from '../../lib/local/aws-endpoint.ts'
import { type Dynamo, EmbeddedDynamo } from '../../lib/local/dynamo.ts'
import { Faults } from '../../lib/local/faults.ts'
import { kmsService, MasterKeys } from '../../lib/local/kms.ts'
import { Queue } from '../../lib/local/queue.ts'
import { sqsService } from '../../lib/local/sqs.ts'
import { localKms } from '../support/local-kms.ts'
import { Mails, mailSink } from './mails.ts'
import { enrolled } from './people.ts'

const REGION = 'us-east-1'
const ACCOUNT = '000000000000'
const TOKENS = 'tokens'
const CHALLENGES = 'challenges'
const QUEUE = 'deliver'
const KEY_ID = '00000000-0000-4000-8000-000000000001'
const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }

/** One request that reached AWS. */
export type Call = {
  /** `dynamodb`, `sqs`, `kms`, `ssm` or `ses`. */
  service: string
  operation: string
  /** The table, where there is one. */
  table?: string
  /** Read or write units that DynamoDB bills. */
  units: number
  /** Its condition was not met. */
  refused: boolean
}

export type Cloud = {
  /** What the functions find in their environment. */
  environment: Record<string, string>
  /** Every request since the start or the last {@link Cloud.forget}, oldest first. */
  calls: Call[]
  forget(): void
  queue: Queue
  /** The RFC 5322 source of the first mail to an address that nobody has taken yet. */
  takeMail(address: string): Promise<string>
  /** Puts parameters in force, over their defaults. */
  publish(values: Record<string, string>): Promise<void>
  /** Accounts `<name>0` … with one token each; nothing of this is noted. */
  enrol(name: string, count: number, pin?: string): Promise<string[]>
  /** An account as it is stored. */
  account(login: string): Promise<Record<string, any> | undefined>
  stop(): Promise<void>
}

export type CloudOptions = {
  /** Milliseconds a function may keep the settings. @default an hour */
  settingsCacheMs?: number
  /** Awaited before a sender is told that its message is queued. */
  queued?: () => Promise<void>
}

/** Starts it with tables, keys and settings; everything is gone when it stops. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const { settingsCacheMs = 3_600_000, queued = () => Promise.resolve() } = options
  const dynamo = await EmbeddedDynamo.open()
  const keys = new MasterKeys()
  keys.add(KEY_ID, KEY_ARN)
  const queue = new Queue({
    name: QUEUE,
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QUEUE}`,
    visibilityTimeout: 35,
  })
  const mails = new Mails()
  const calls: Call[] = []
  const sqs = sqsService({
    queues: () => [queue],
    urlOf: () => queueUrl(endpoint.url),
    saved: queued,
  })
  const endpoint = await startAwsEndpoint(
    {
      dynamodb: meteredDynamo(dynamo, calls),
      sqs: noted('sqs', sqs, calls),
      kms: noted('kms', kmsService(keys), calls),
      ssm: noted('ssm', { call: (operation) => refuse('ssm', operation) }, calls),
      ses: mailSink(mails, () => calls.push(newCall('ses', 'SendEmail'))),
      lambda: { route: () => undefined },
    },
    new Faults(),
  )

  const config = { endpoint: endpoint.url, region: REGION, credentials: CREDENTIALS }
  const kms = localKms(endpoint.url)
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config))
  await createTables(dynamo)
  const keyring = { kms, dynamo: client, table: TOKENS, keyArn: KEY_ARN }
  await createKeyring(keyring)
  const openKeys = kmsKeyring(keyring)

  const forget = () => void calls.splice(0)
  return {
    environment: functionEnvironment(endpoint.url, settingsCacheMs),
    calls,
    forget,
    queue,
    takeMail: (address) => mails.take(address),

    async publish(values) {
      const snapshots = dynamoSnapshots(client, TOKENS)
      const { rev } = await snapshots.load()
      const [at, version] = [Date.now(), rev + 1]
      const times = { publishedAt: at, checkedAt: at }
      await snapshots.save({ values, secrets: {}, version, ...times, problems: [] }, rev)
      forget()
    },

    async enrol(name, count, pin) {
      const logins = Array.from({ length: count }, (_, index) => `${name}${index}`)
      for await (const { key, ...account } of enrolled(logins, openKeys, pin)) {
        await dynamo.call('PutItem', { TableName: TOKENS, Item: marshall({ pk: key, ...account }) })
      }
      forget()
      return logins
    },

    async account(login) {
      const Key = { pk: { S: accountKey('default', login) } }
      return (await dynamo.call('GetItem', { TableName: TOKENS, Key })).Item
    },

    async stop() {
      client.destroy()
      await endpoint.stop()
      await dynamo.close()
    },
  }
}

function functionEnvironment(endpoint: string, settingsCacheMs: number): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    [ENV.stage]: 'bench',
    [ENV.tokensTable]: TOKENS,
    [ENV.challengesTable]: CHALLENGES,
    [ENV.deliverQueueUrl]: queueUrl(endpoint),
    [ENV.keyArn]: KEY_ARN,
    [ENV.resolveFunction]: 'none',
    [ENV.settingsCacheMs]: String(settingsCacheMs),
  }
}

const queueUrl = (endpoint: string) => `${endpoint}/${ACCOUNT}/${QUEUE}`

async function createTables(dynamo: Dynamo): Promise<void> {
  await createTable(dynamo, TOKENS, ['pk'])
  await createTable(dynamo, CHALLENGES, ['transaction_id', 'serial'])
}

function createTable(dynamo: Dynamo, TableName: string, names: string[]) {
  return dynamo.call('CreateTable', {
    TableName,
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: names.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
    BillingMode: 'PAY_PER_REQUEST',
  })
}

const newCall = (service: string, operation: string): Call => {
  return { service, operation, units: 0, refused: false }
}

function meteredDynamo(dynamo: Dynamo, calls: Call[]): JsonService {
  return {
    async call(operation, body) {
      const call = newCall('dynamodb', operation)
      if (typeof body.TableName === 'string') call.table = body.TableName
      calls.push(call)
      try {
        const asked = { ...body, ReturnConsumedCapacity: 'TOTAL' }
        const { ConsumedCapacity, ...reply } = await dynamo.call(operation, asked)
        call.units = ConsumedCapacity?.CapacityUnits ?? 0
        return reply
      } catch (error) {
        call.refused = error instanceof AwsError && error.code === 'ConditionalCheckFailedException'
        // A refused write is billed like the write.
        if (call.refused) call.units = 1
        throw error
      }
    },
  }
}

function noted(service: string, inner: JsonService, calls: Call[]): JsonService {
  return {
    call(operation, body) {
      calls.push(newCall(service, operation))
      return inner.call(operation, body)
    },
  }
}

function refuse(service: string, operation: string): never {
  throw unknownOperation(service, operation)
}
