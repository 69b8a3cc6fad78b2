/** Challenges in their own table: one item each, cleaned up by TTL, decided by conditional writes. */
import { randomUUID } from 'node:crypto'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Challenge, Guess } from '../core/challenge.ts'
import type { ChallengeStore } from '../core/ports.ts'
import { ifAllowed } from './conditional.ts'
import { dynamoMailCounter } from './dynamo-mail-counter.ts'
import { claimRefusal, refusal, verdict } from './refusal.ts'

/** Seconds an item outlives its challenge: late answers are told from made-up ones by it. */
const AFTERLIFE = 3600
/** Milliseconds after which a sending that never ended may be taken over: the time-out of `deliver`. */
const SENDING_STALE = 30_000

/** Keys DynamoDB takes at once. */
const MOST_KEYS = 100
/** Reads of one batch, of which DynamoDB may leave a part for the next. */
const MOST_BATCHES = 5

type Item = Record<string, unknown>

/** The challenge store of a deployment. */
export function dynamoChallenges(client: DynamoDBDocumentClient, table: string): ChallengeStore {
  const key = (transactionId: string, serial: string) => ({ transaction_id: transactionId, serial })
  const update = (transactionId: string, serial: string) => ({
    TableName: table,
    Key: key(transactionId, serial),
  })

  return {
    async put({ transactionId, ...rest }) {
      const ttl = Math.ceil(rest.expiresAt / 1000) + AFTERLIFE
      const Item = { transaction_id: transactionId, ...rest, ttl }
      await client.send(new PutCommand({ TableName: table, Item }))
    },

    async get(transactionId, serial) {
      const input = { ...update(transactionId, serial), ConsistentRead: true }
      return fromItem((await client.send(new GetCommand(input))).Item)
    },

    async getMany(keys) {
      const wanted = keys.slice(-MOST_KEYS)
      let Keys: Item[] = wanted.map(({ transactionId, serial }) => key(transactionId, serial))
      const found: Item[] = []
      for (let tries = 1; Keys.length > 0; tries++) {
        if (tries > MOST_BATCHES) throw new Error(`${Keys.length} challenges could not be read.`)
        const command = new BatchGetCommand({
          RequestItems: { [table]: { Keys, ConsistentRead: true } },
        })
        const { Responses, UnprocessedKeys } = await client.send(command)
        found.push(...(Responses?.[table] ?? []))
        Keys = UnprocessedKeys?.[table]?.Keys ?? []
      }
      return found.map((item) => fromItem(item)!)
    },

    async list(transactionId) {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'transaction_id = :id',
        ExpressionAttributeValues: { ':id': transactionId },
        ConsistentRead: true,
      })
      return ((await client.send(command)).Items ?? []).map((item) => fromItem(item)!)
    },

    async guess(guess) {
      try {
        const { Attributes } = await client.send(guessCommand(table, guess))
        return verdict(Attributes as Challenge, guess)
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        return refusal(error.Item && fromItem(unmarshall(error.Item)), guess)
      }
    },

    async close(transactionId, serial) {
      const command = new UpdateCommand({
        ...update(transactionId, serial),
        UpdateExpression: 'SET guessMac = if_not_exists(otpMac, :closed), maxAttempts = :none',
        ConditionExpression: 'attribute_exists(transaction_id)',
        ExpressionAttributeValues: { ':none': 0, ':closed': 'closed' },
      })
      await ifAllowed(client.send(command))
    },

    async claim(transactionId, serial, { otpMac, seal }, now) {
      const claimedBy = randomUUID()
      const command = new UpdateCommand({
        ...update(transactionId, serial),
        UpdateExpression:
          'SET otpMac = :mac, seal = :seal, delivery = :sending, claimedAt = :now, claimedBy = :claim',
        ConditionExpression:
          'expiresAt > :now AND attempts < maxAttempts AND delivery <> :sent' +
          ' AND (attribute_not_exists(otpMac) OR guessMac <> otpMac)' +
          ' AND (delivery <> :sending OR claimedAt < :stale)',
        ExpressionAttributeValues: {
          ':mac': otpMac,
          ':seal': seal,
          ':now': now,
          ':claim': claimedBy,
          ':stale': now - SENDING_STALE,
          ':sending': 'sending',
          ':sent': 'sent',
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      try {
        await client.send(command)
        return 'claimed'
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        const stored = error.Item && unmarshall(error.Item)
        // our own write whose reply was lost
        if (stored?.claimedBy === claimedBy) return 'claimed'
        return claimRefusal(fromItem(stored), now)
      }
    },

    async mark(transactionId, serial, { state, at, reply, provider = '' }) {
      const command = new UpdateCommand({
        ...update(transactionId, serial),
        UpdateExpression:
          'SET delivery = :state, deliveredAt = :at, reply = :reply, provider = :provider',
        // a sender that was taken over may fail after the other has sent
        ConditionExpression: 'attribute_exists(transaction_id) AND delivery <> :sent',
        ExpressionAttributeValues: {
          ...{ ':state': state, ':at': at, ':reply': reply, ':provider': provider },
          ':sent': 'sent',
        },
      })
      await ifAllowed(client.send(command))
    },

    async note(transactionId, serial, fate) {
      const command = new UpdateCommand({
        ...update(transactionId, serial),
        UpdateExpression: 'SET #fate = :fate',
        ConditionExpression:
          'attribute_exists(transaction_id)' +
          ' AND (attribute_not_exists(#fate) OR #fate.#rank < :rank)',
        ExpressionAttributeNames: { '#fate': 'fate', '#rank': 'rank' },
        ExpressionAttributeValues: { ':fate': fate, ':rank': fate.rank },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      try {
        return fromItem((await client.send(command)).Attributes)?.account
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        return error.Item && fromItem(unmarshall(error.Item))?.account
      }
    },

    admitMail: dynamoMailCounter(client, table),
  }
}

/**
 * The one write of an answer. It stores the guess and counts it, and is refused once the stored
 * guess equals the right answer: of any number of right answers exactly one finds the challenge
 * open. `guessedBy` keeps a retried write of one request from counting twice.
 */
function guessCommand(table: string, { transactionId, serial, guessMac, nonce, now }: Guess) {
  return new UpdateCommand({
    TableName: table,
    Key: { transaction_id: transactionId, serial },
    UpdateExpression: 'SET guessMac = :guess, guessedBy = :nonce, attempts = attempts + :one',
    ConditionExpression:
      'attribute_exists(otpMac) AND guessMac <> otpMac AND guessedBy <> :nonce' +
      ' AND expiresAt > :now AND attempts < maxAttempts',
    ExpressionAttributeValues: { ':guess': guessMac, ':nonce': nonce, ':one': 1, ':now': now },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
}

function fromItem(item: Item | undefined): Challenge | undefined {
  if (!item) return undefined
  const { transaction_id: transactionId, ttl: _ttl, ...rest } = item
  return { transactionId, ...rest } as Challenge
}
