/** DynamoDB on the laptop: dynalite, with the four things it lacks added in front of it. */
import { setImmediate } from 'node:timers/promises'
import { AwsError } from './aws-error.ts'
import { openStore, parse, perform } from './dynalite.ts'
import type { Body, Item, Store } from './dynalite.ts'
import { keyNames, transactGet, transactWrite, TransactionTokens } from './dynamo-transaction.ts'
import { observe } from './dynamo-view.ts'
import { NamedLocks, ReadWriteLock } from './read-write-lock.ts'

/** Speaks DynamoDB's operations; throws AwsError where DynamoDB answers with an error. */
export type Dynamo = {
  call(operation: string, body: Body): Promise<Body>
  close(): Promise<void>
}

export type EmbeddedDynamoOptions = {
  /** Directory that keeps the tables; undefined keeps them in memory. */
  path?: string | undefined
  /** Milliseconds between two sweeps of expired items. @default 60000 */
  sweepMs?: number
  /** Unix time in milliseconds. @default Date.now */
  now?: () => number
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])
const FIVE_YEARS_S = 5 * 365 * 24 * 3600

/**
 * Single writes run side by side (dynalite locks per item, so condition and write are one step); a
 * transaction waits until none is running in its tables and keeps all others out of those.
 */
export class EmbeddedDynamo implements Dynamo {
  #store: Store
  #tables = new NamedLocks()
  /** Held by whatever writes, so that the store closes between two writes. */
  #open = new ReadWriteLock()
  #tokens: TransactionTokens
  #ttl = new Map<string, string>()
  #now: () => number
  #sweeper: NodeJS.Timeout

  static async open(options: EmbeddedDynamoOptions = {}): Promise<EmbeddedDynamo> {
    return new EmbeddedDynamo(await openStore(options.path), options)
  }

  private constructor(store: Store, options: EmbeddedDynamoOptions) {
    this.#store = store
    this.#now = options.now ?? Date.now
    this.#tokens = new TransactionTokens(this.#now)
    const sweep = () => void this.sweep().catch((error: unknown) => console.error(error))
    this.#sweeper = setInterval(sweep, options.sweepMs ?? 60_000).unref()
  }

  async call(operation: string, body: Body): Promise<Body> {
    switch (operation) {
      case 'TransactWriteItems':
        return this.#transaction(body, () => this.#transactOnce(body))
      case 'TransactGetItems':
        return this.#transaction(body, () => transactGet(this.#store, body.TransactItems))
      case 'CreateTable':
        return this.#createTable(body)
      case 'UpdateTimeToLive':
        return this.#updateTimeToLive(body)
      case 'DescribeTimeToLive':
        return { TimeToLiveDescription: this.#describeTimeToLive(body.TableName) }
    }
    if (!WRITES.has(operation)) return this.#perform(operation, body)
    const tables = body.RequestItems ? Object.keys(body.RequestItems) : [String(body.TableName)]
    const write = () => this.#write(operation, body)
    return this.#open.shared(() => this.#tables.shared(tables, write))
  }

  /** Removes what has expired, as DynamoDB does: seconds, numbers only, at most five years old. */
  async sweep(): Promise<void> {
    for (const [table, attribute] of this.#ttl) await this.#sweepTable(table, attribute)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    await this.#open.exclusive(() => this.#store.db.close())
  }

  #transaction(body: Body, task: () => Promise<Body>): Promise<Body> {
    return this.#open.shared(() => this.#tables.exclusive(tablesOf(body.TransactItems), task))
  }

  #perform(operation: string, body: Body): Promise<Body> {
    return perform(this.#store, operation, parse(this.#store, operation, body))
  }

  /** Resolves when the table can be used. */
  async #createTable(body: Body): Promise<Body> {
    const created = await this.#perform('CreateTable', body)
    const { TableName } = created.TableDescription
    for (;;) {
      const { Table } = await this.#perform('DescribeTable', { TableName })
      if (Table.TableStatus === 'ACTIVE') return { TableDescription: Table }
      await setImmediate()
    }
  }

  async #write(operation: string, body: Body): Promise<Body> {
    const wantsItem = body.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
    const view = observe(this.#store)
    const data = parse(this.#store, operation, body)
    try {
      return await perform(view.store, operation, data)
    } catch (error) {
      const met = view.met()
      if (!wantsItem || !met || !isConditionFailure(error)) throw error
      throw new AwsError(error.type, error.message, { Item: met })
    }
  }

  async #transactOnce(body: Body): Promise<Body> {
    const { ClientRequestToken: token, TransactItems: items } = body
    // A copy, because parsing a step changes it.
    const request = structuredClone(items)
    if (this.#tokens.isRepeated(token, items)) return {}
    await transactWrite(this.#store, items)
    this.#tokens.remember(token, request)
    return {}
  }

  #updateTimeToLive(body: Body): Body {
    const { Enabled, AttributeName } = body.TimeToLiveSpecification
    if (Enabled) this.#ttl.set(body.TableName, AttributeName)
    else this.#ttl.delete(body.TableName)
    return { TimeToLiveSpecification: body.TimeToLiveSpecification }
  }

  #describeTimeToLive(table: string): Body {
    const AttributeName = this.#ttl.get(table)
    return AttributeName
      ? { TimeToLiveStatus: 'ENABLED', AttributeName }
      : { TimeToLiveStatus: 'DISABLED' }
  }

  async #sweepTable(table: string, attribute: string): Promise<void> {
    const now = Math.floor(this.#now() / 1000)
    const names = { '#ttl': attribute }
    const limits = { ':now': { N: String(now) }, ':oldest': { N: String(now - FIVE_YEARS_S) } }
    const keys = await keyNames(this.#store, table)
    let from: Item | undefined
    do {
      const page = await this.call('Scan', {
        TableName: table,
        FilterExpression: '#ttl < :now AND #ttl > :oldest',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: limits,
        ...(from ? { ExclusiveStartKey: from } : {}),
      })
      for (const item of page.Items as Item[]) {
        await this.#removeExpired(table, keyOf(item, keys), names, { ':now': limits[':now'] })
      }
      from = page.LastEvaluatedKey
    } while (from)
  }

  async #removeExpired(table: string, key: Item, names: Body, limits: Body): Promise<void> {
    const removal = {
      TableName: table,
      Key: key,
      ConditionExpression: '#ttl < :now',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: limits,
    }
    try {
      await this.call('DeleteItem', removal)
    } catch (error) {
      if (!isConditionFailure(error)) throw error
    }
  }
}

/** Names of the tables of a transaction, whose steps nobody has checked yet. */
function tablesOf(steps: Body[] | undefined): string[] {
  return (steps ?? []).flatMap((step) => Object.values(step).map((one) => String(one?.TableName)))
}

function keyOf(item: Item, names: string[]): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]!]))
}

function isConditionFailure(error: unknown): error is AwsError {
  return error instanceof AwsError && error.code === 'ConditionalCheckFailedException'
}
