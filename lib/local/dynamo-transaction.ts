/** TransactWriteItems and TransactGetItems, which dynalite lacks. */
import { AwsError } from './aws-error.ts'
import { parse, perform } from './dynalite.ts'
import type { Body, Item, Store } from './dynalite.ts'
import { observe, PendingWrites } from './dynamo-view.ts'

const OPERATION_OF: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  // A deletion whose write is thrown away: the same condition, judged the same way.
  ConditionCheck: 'DeleteItem',
}
const MAX_ITEMS = 100
const TOKEN_LIFETIME_MS = 10 * 60 * 1000

type Step = { kind: string; operation: string; data: Body; wantsItem: boolean }
type Reason = { Code: string; Message?: string; Item?: Item }

/** Remembers client tokens for ten minutes, so that a retried transaction is made once. */
export class TransactionTokens {
  #seen = new Map<string, { request: string; at: number }>()
  #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** True when this very request was made before. Throws when the token came with another one. */
  isRepeated(token: string | undefined, items: unknown): boolean {
    this.#forgetOld()
    const seen = token === undefined ? undefined : this.#seen.get(token)
    if (!seen) return false
    if (seen.request === JSON.stringify(items)) return true
    throw new AwsError(
      'com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException',
      'The request uses the same client token as a previous, but non-identical request.',
    )
  }

  remember(token: string | undefined, items: unknown): void {
    if (token) this.#seen.set(token, { request: JSON.stringify(items), at: this.#now() })
  }

  #forgetOld(): void {
    for (const [token, { at }] of this.#seen) {
      if (this.#now() - at < TOKEN_LIFETIME_MS) return
      this.#seen.delete(token)
    }
  }
}

/**
 * Makes all writes or none, in one atomic batch. The caller keeps every other write out meanwhile.
 * A refused condition throws TransactionCanceledException with one reason per step.
 */
export async function transactWrite(store: Store, items: Body[] | undefined): Promise<void> {
  const steps = parseSteps(store, items)
  await refuseSameItemTwice(store, steps)
  const pending = new PendingWrites()
  const reasons: Reason[] = []
  for (const step of steps) reasons.push(await tryStep(store, pending, step))
  if (reasons.some((reason) => reason.Code !== 'None')) throw cancelled(reasons)
  await pending.commit(store)
}

/** Reads all items. The caller keeps every write out meanwhile. */
export async function transactGet(store: Store, items: Body[] | undefined): Promise<Body> {
  const reads = checkedItems(items).map((item) => parse(store, 'GetItem', item.Get ?? {}))
  const replies = await Promise.all(reads.map((read) => perform(store, 'GetItem', read)))
  return { Responses: replies.map(({ Item }) => (Item ? { Item } : {})) }
}

function checkedItems(items: Body[] | undefined): Body[] {
  if (items && items.length > 0 && items.length <= MAX_ITEMS) return items
  throw invalid(`Member must have length between 1 and ${MAX_ITEMS}: transactItems`)
}

function parseSteps(store: Store, items: Body[] | undefined): Step[] {
  return checkedItems(items).map((item) => {
    const [kind = ''] = Object.keys(item)
    const operation = OPERATION_OF[kind]
    if (!operation)
      throw invalid('A transaction step must be Put, Update, Delete or ConditionCheck')
    const wantsItem = item[kind].ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
    return { kind, operation, data: parse(store, operation, item[kind]), wantsItem }
  })
}

async function refuseSameItemTwice(store: Store, steps: Step[]): Promise<void> {
  const keys = new Map<string, Promise<string[]>>()
  const keysOf = (table: string) => {
    const known = keys.get(table) ?? keyNames(store, table)
    keys.set(table, known)
    return known
  }
  const ids = await Promise.all(
    steps.map(async ({ data }) => {
      const names = await keysOf(data.TableName)
      const source = data.Key ?? data.Item
      return JSON.stringify([data.TableName, ...names.map((name) => source[name])])
    }),
  )
  if (new Set(ids).size < ids.length) {
    throw invalid('Transaction request cannot include multiple operations on one item')
  }
}

/** Names of a table's key attributes. */
export async function keyNames(store: Store, table: string): Promise<string[]> {
  const { Table } = await perform(store, 'DescribeTable', { TableName: table })
  return Table.KeySchema.map((part: { AttributeName: string }) => part.AttributeName)
}

async function tryStep(store: Store, pending: PendingWrites, step: Step): Promise<Reason> {
  const writes = step.kind === 'ConditionCheck' ? new PendingWrites() : pending
  const view = observe(writes.over(store))
  try {
    await perform(view.store, step.operation, step.data)
    return { Code: 'None' }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const Message = error.message
    if (error.code === 'ValidationException') return { Code: 'ValidationError', Message }
    if (error.code !== 'ConditionalCheckFailedException') throw error
    const met = step.wantsItem ? view.met() : undefined
    return { Code: 'ConditionalCheckFailed', Message, ...(met ? { Item: met } : {}) }
  }
}

function cancelled(reasons: Reason[]): AwsError {
  const codes = reasons.map((reason) => reason.Code).join(', ')
  return new AwsError(
    'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  )
}

function invalid(message: string): AwsError {
  return new AwsError('com.amazon.coral.validate#ValidationException', message)
}
