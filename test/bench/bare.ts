/**
 * The least a program on these services can cost: it parses the same form and makes the same calls
 * with bodies of the same size, with nothing between it and the SDK. It decides and checks nothing.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { ENV } from '../../functions/env.ts'
import { serve } from './program.ts'

type Item = Record<string, AttributeValue>

const TOKENS = process.env[ENV.tokensTable]!
const CHALLENGES = process.env[ENV.challengesTable]!
const QUEUE = process.env[ENV.deliverQueueUrl]!
const MAC_BYTES = 32
const VALID_MS = 120_000
/** As long as a mail of the default template. */
const MAIL_BYTES = 2800

const dynamo = new DynamoDBClient({})
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false })
const ses = new SESv2Client({})

const S = (text: string) => ({ S: text })
const N = (number: number) => ({ N: String(number) })
const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-store' }

void serve(async (request, body) => {
  if (request.url === '/deliver') {
    const { Records } = JSON.parse(body) as { Records: { body: string }[] }
    await Promise.all(Records.map((record) => deliver(JSON.parse(record.body))))
    return { status: 200, headers: {}, body: '{"batchItemFailures":[]}' }
  }
  const form = new URLSearchParams(body)
  const transactionId = form.get('transaction_id')
  const account = await read(TOKENS, { pk: S(`account/default/${form.get('user')}`) })
  const reply = transactionId ? await answer(account, transactionId) : await trigger(account)
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(reply) }
})

async function trigger(account: Item) {
  const now = Date.now()
  const expiresAt = N(now + VALID_MS)
  const serial = onlySerial(account)
  const transactionId = String(randomBytes(8).readBigUInt64BE()).padStart(20, '0')
  const counter = N(1)
  const attempts = N(5)
  await update(
    TOKENS,
    { pk: account.pk! },
    {
      UpdateExpression: 'SET #n0 = :after, #n1 = :writer, #n2 = :v3, #n3 = :v4, #n4.#n5.#n6 = :v5',
      ConditionExpression: '#n0 = :before',
      ExpressionAttributeNames: {
        '#n0': 'rev',
        '#n1': 'writer',
        '#n2': 'open',
        '#n3': 'mails',
        '#n4': 'tokens',
        '#n5': serial,
        '#n6': 'counter',
      },
      ExpressionAttributeValues: {
        ':before': account.rev!,
        ':after': N(Number(account.rev!.N) + 1),
        ':writer': S(randomUUID()),
        ':v3': {
          L: [
            {
              M: {
                transactionId: S(transactionId),
                serial: S(serial),
                counter,
                expiresAt,
                attempts,
              },
            },
          ],
        },
        ':v4': { M: { [account.email!.S!]: { L: [N(now)] } } },
        ':v5': counter,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  )
  await dynamo.send(
    new PutItemCommand({
      TableName: CHALLENGES,
      Item: {
        transaction_id: S(transactionId),
        serial: S(serial),
        account: account.pk!,
        counter,
        createdAt: N(now),
        expiresAt,
        maxAttempts: attempts,
        attempts: N(0),
        guessMac: S('-'),
        guessedBy: S('-'),
        delivery: S('queued'),
        ttl: N(Math.ceil(now / 1000) + 3720),
      },
    }),
  )
  const MessageBody = JSON.stringify({ transaction_id: transactionId, serial })
  await sqs.send(
    new SendMessageBatchCommand({ QueueUrl: QUEUE, Entries: [{ Id: '0', MessageBody }] }),
  )
  const shown = { transaction_id: transactionId, serial, type: 'email', message: 'Enter the OTP' }
  return { detail: { ...shown, multi_challenge: [shown] }, result: { authentication: 'CHALLENGE' } }
}

async function answer(account: Item, transactionId: string) {
  const serial = onlySerial(account)
  await update(CHALLENGES, challengeKey(transactionId, serial), {
    UpdateExpression: 'SET guessMac = :guess, guessedBy = :nonce, attempts = attempts + :one',
    ConditionExpression:
      'attribute_exists(otpMac) AND guessMac <> otpMac AND guessedBy <> :nonce' +
      ' AND expiresAt > :now AND attempts < maxAttempts',
    ExpressionAttributeValues: {
      ':guess': S(randomBytes(MAC_BYTES).toString('base64')),
      ':nonce': S(randomUUID()),
      ':one': N(1),
      ':now': N(Date.now()),
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
  const detail = { message: 'Found matching challenge', serial }
  return { detail, result: { status: true, value: true, authentication: 'ACCEPT' } }
}

async function deliver({ transaction_id: id, serial }: { transaction_id: string; serial: string }) {
  const key = challengeKey(id, serial)
  const challenge = await read(CHALLENGES, key)
  const account = await read(TOKENS, { pk: challenge.account! })
  await update(CHALLENGES, key, {
    UpdateExpression: 'SET otpMac = :mac, delivery = :sending, claimedAt = :now',
    ConditionExpression:
      'expiresAt > :now AND attempts < maxAttempts AND guessMac <> :mac AND delivery <> :sent' +
      ' AND (delivery <> :sending OR claimedAt < :stale)',
    ExpressionAttributeValues: {
      ':mac': S(randomBytes(MAC_BYTES).toString('base64')),
      ':now': N(Date.now()),
      ':stale': N(Date.now() - 30_000),
      ':sending': S('sending'),
      ':sent': S('sent'),
    },
  })
  const { MessageId } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'otpost@example.org',
      Destination: { ToAddresses: [account.email!.S!] },
      Content: { Raw: { Data: Buffer.alloc(MAIL_BYTES, 'x') } },
    }),
  )
  await update(CHALLENGES, key, {
    UpdateExpression: 'SET delivery = :state, deliveredAt = :at, reply = :reply',
    ConditionExpression: 'attribute_exists(transaction_id)',
    ExpressionAttributeValues: {
      ':state': S('sent'),
      ':at': N(Date.now()),
      ':reply': S(MessageId!),
    },
  })
}

async function read(table: string, key: Item): Promise<Item> {
  const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true })
  return (await dynamo.send(command)).Item!
}

type Update = Omit<ConstructorParameters<typeof UpdateItemCommand>[0], 'TableName' | 'Key'>

const update = (table: string, key: Item, rest: Update) =>
  dynamo.send(new UpdateItemCommand({ TableName: table, Key: key, ...rest }))

const challengeKey = (id: string, serial: string) => ({ transaction_id: S(id), serial: S(serial) })
const onlySerial = ({ tokens }: Item) => Object.keys(tokens!.M!)[0]!
