/**
 * The Records table. One item per record, filed under its day so that the chain is read in order;
 * one per event that was recorded, so that none is recorded twice; one for the head.
 */
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  PutCommand,
  type QueryCommandInput,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb'
import {
  type AuditRecord,
  canonicalJson,
  type ChainHead,
  type RecordContent,
} from '../core/records/audit-record.ts'
import { deliveryKey, type DeliveryRecord } from '../core/records/delivery-record.ts'
import type {
  About,
  Appended,
  FiledRecord,
  RecordReader,
  RecordWriter,
} from '../core/records/record-store.ts'
import { ifAllowed } from './conditional.ts'

type Item = Record<string, unknown>
type Names = { user?: string | undefined; realm?: string | undefined }

const HEAD = { pk: 'audit', sk: 'head' }
const auditKey = (day: string) => `audit/${day}`
const padded = (seq: number) => String(seq).padStart(16, '0')
const eventKey = (id: string) => ({ pk: `event/${id}`, sk: '-' })
const userKey = (kind: 'audit' | 'delivery', { user, realm }: Names) =>
  user === undefined || realm === undefined ? {} : { user_key: `${kind}/${realm}/${user}` }

/** How long an event is known, in seconds: Lambda passes it again for six hours at most. */
const EVENT_KNOWN = 2 * 86_400

export function dynamoRecords(
  client: DynamoDBDocumentClient,
  TableName: string,
): RecordReader & RecordWriter {
  const put = (item: Item, condition: object) => ({
    Put: { TableName, Item: item, ...condition },
  })

  async function* query(input: Omit<QueryCommandInput, 'TableName'>): AsyncIterable<Item> {
    const pages = paginateQuery({ client }, { TableName, ScanIndexForward: false, ...input })
    for await (const { Items = [] } of pages) yield* Items
  }

  return {
    async head() {
      const command = new GetCommand({ TableName, Key: HEAD, ConsistentRead: true })
      const { Item } = await client.send(command)
      if (!Item) return undefined
      const { pk: _pk, sk: _sk, last_expires_at: expiresAt, ...head } = Item
      return { ...head, expiresAt } as ChainHead
    },

    async append(from, to, records) {
      const now = Math.floor(records[0]!.content.recordedAt / 1000)
      const { expiresAt, ...head } = to
      const moved = put({ ...HEAD, ...head, last_expires_at: expiresAt }, unmoved(from))
      const added = records.map((record) => put(itemOf(record), NEW))
      const events = records.map(({ content: { eventId } }) =>
        put({ ...eventKey(eventId), expires_at: now + EVENT_KNOWN }, NEW),
      )
      const command = new TransactWriteCommand({ TransactItems: [moved, ...events, ...added] })
      try {
        await client.send(command)
        return 'appended'
      } catch (error) {
        return whyNot(error, records)
      }
    },

    async addDelivery(record, expiresAt) {
      const day = new Date(record.at).toISOString().slice(0, 10)
      const Item = {
        pk: `delivery/${record.transactionId ?? record.eventId}`,
        sk: deliveryKey(record),
        record: canonicalJson(record),
        ...userKey('delivery', record),
        group_key: `delivery/${day}`,
        time_key: deliveryKey(record),
        expires_at: expiresAt,
      }
      await ifAllowed(client.send(new PutCommand({ TableName, Item, ...NEW })))
    },

    async *ofDay(day, seq) {
      const range = seq === undefined ? '' : ' AND sk <= :seq'
      const items = query({
        KeyConditionExpression: `pk = :pk${range}`,
        ExpressionAttributeValues: {
          ':pk': auditKey(day),
          ...(seq === undefined ? {} : { ':seq': padded(seq) }),
        },
        ConsistentRead: true,
      })
      for await (const item of items) yield recordOf(item)
    },

    async *about(about, seq) {
      const items = query({
        ...indexed(about, 'audit'),
        ...(seq === undefined ? {} : before(about, 'audit', '<=', padded(seq))),
      })
      for await (const item of items) yield recordOf(item)
    },

    async *deliveries(of, key) {
      const input = 'transactionId' in of ? ofTransaction(of.transactionId, key) : undefined
      const index = input ?? {
        ...indexed(of, 'delivery'),
        ...(key === undefined ? {} : before(of, 'delivery', '<', key)),
      }
      for await (const { record } of query(index))
        yield JSON.parse(String(record)) as DeliveryRecord
    },
  }
}

const NEW = { ConditionExpression: 'attribute_not_exists(pk)' }

const unmoved = (from: ChainHead | undefined) =>
  from === undefined
    ? NEW
    : {
        ConditionExpression: '#hash = :hash AND seq = :seq',
        ExpressionAttributeNames: { '#hash': 'hash' },
        ExpressionAttributeValues: { ':hash': from.hash, ':seq': from.seq },
      }

/** A transaction that met another one is one that came second. */
const LOST = new Set(['ConditionalCheckFailed', 'TransactionConflict'])

/** What refused an append. Throws whatever else went wrong. */
function whyNot(error: unknown, records: readonly AuditRecord[]): Appended {
  if (!(error instanceof TransactionCanceledException)) throw error
  const codes = (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code)
  const events = codes.slice(1, 1 + records.length)
  const known = records
    .filter((_, index) => events[index] === 'ConditionalCheckFailed')
    .map(({ content }) => content.eventId)
  if (known.length > 0) return { known }
  if (codes.some((code) => LOST.has(code))) return 'moved'
  throw error
}

function itemOf({ content, previous, hash }: AuditRecord): Item {
  const { transactionId } = content.entry
  return {
    pk: auditKey(content.day),
    sk: padded(content.seq),
    content: canonicalJson(content),
    previous,
    hash,
    ...userKey('audit', content.entry),
    ...(transactionId === undefined ? {} : { group_key: `transaction/${transactionId}` }),
    time_key: padded(content.seq),
    expires_at: content.expiresAt,
  }
}

/** A record as it lies in the table, whatever somebody has made of it. */
function recordOf(item: Item): FiledRecord {
  const { pk, sk, content, previous, hash } = item
  const parsed = parseJson(String(content))
  const record = {
    content: { ...parsed, entry: parsed.entry ?? {} } as RecordContent,
    previous: String(previous),
    hash: String(hash),
  }
  const filed = { day: String(pk).slice('audit/'.length), seq: Number(sk) }
  return { ...record, filed, ...(isIndexed(item, record) ? {} : { altered: true }) }
}

/** What DynamoDB goes by is not sealed itself, so it has to be what the content says. */
function isIndexed(item: Item, record: AuditRecord): boolean {
  const { pk: _pk, sk: _sk, content: _content, ...expected }: Item = itemOf(record)
  return [...INDEXED, ...Object.keys(expected)].every((name) => item[name] === expected[name])
}

const INDEXED = ['user_key', 'group_key', 'time_key', 'expires_at'] as const

function parseJson(text: string): Partial<RecordContent> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

type Of = About | { day: string }

function indexed(of: Of, kind: 'audit' | 'delivery') {
  const [name, value] = keyOf(of, kind)
  return {
    IndexName: name === 'user_key' ? 'by_user' : 'by_group',
    KeyConditionExpression: `${name} = :key`,
    ExpressionAttributeValues: { ':key': value } as Item,
  }
}

function before(of: Of, kind: 'audit' | 'delivery', operator: '<' | '<=', place: string) {
  const { KeyConditionExpression, ExpressionAttributeValues } = indexed(of, kind)
  return {
    KeyConditionExpression: `${KeyConditionExpression} AND time_key ${operator} :place`,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':place': place },
  }
}

function keyOf(of: Of, kind: 'audit' | 'delivery'): ['user_key' | 'group_key', string] {
  if ('user' in of) return ['user_key', `${kind}/${of.user.realm}/${of.user.login}`]
  if ('day' in of) return ['group_key', `delivery/${of.day}`]
  return ['group_key', `transaction/${of.transactionId}`]
}

const ofTransaction = (transactionId: string, key: string | undefined) => ({
  KeyConditionExpression: `pk = :pk${key === undefined ? '' : ' AND sk < :sk'}`,
  ExpressionAttributeValues: {
    ':pk': `delivery/${transactionId}`,
    ...(key === undefined ? {} : { ':sk': key }),
  },
})
