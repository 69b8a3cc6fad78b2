/**
 * dynalite's engine called in process. Its HTTP server is left out: it throws when a client resets
 * the connection, and a loopback hop would double the cost of an operation.
 */
import { createRequire } from 'node:module'
import { AwsError, unknownOperation } from './aws-error.ts'

export type Item = Record<string, Record<string, unknown>>
export type Body = Record<string, any>
export type Callback<T> = (error: unknown, value?: T) => void

/** One key space of the store: the items of a table, or the entries of an index. */
export type KeySpace = {
  get(key: string, done: Callback<Item>): void
  put(key: string, item: Item, done: Callback<void>): void
  del(key: string, done: Callback<void>): void
  lock(key: string, task: (release: <T>(done: T) => T) => void): void
}

export type BatchEntry = { type: 'put'; key: string; value: Item } | { type: 'del'; key: string }

export type Store = {
  db: { open(): Promise<void>; close(): Promise<void>; batch(entries: BatchEntry[]): Promise<void> }
  getItemDb(table: string): KeySpace
  getIndexDb(kind: string, table: string, index: string): KeySpace
}

type Action = (store: Store, data: Body, done: Callback<Body>) => void
type Validation = { types: object; custom?: unknown }

const require = createRequire(import.meta.url)
const database = require('dynalite/db') as { create(options: object): Store }
const validations = require('dynalite/validations') as {
  checkTypes(data: Body, types: object): Body
  checkValidations(data: Body, types: object, custom: unknown, store: Store): void
}

const OPERATIONS = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
])

/** Opens a store in a directory, or in memory. Throws when another process has it open. */
export async function openStore(path: string | undefined): Promise<Store> {
  const store = database.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  await store.db.open()
  return store
}

/** Checks a request's shape as DynamoDB does and returns it in the form {@link perform} takes. */
export function parse(store: Store, operation: string, body: Body): Body {
  if (!OPERATIONS.has(operation)) throw unknownOperation('dynamodb', operation)
  const { types, custom } = part<Validation>('validations', operation)
  try {
    const data = validations.checkTypes(body, types)
    validations.checkValidations(data, types, custom, store)
    return data
  } catch (error) {
    throw translated(error)
  }
}

/** Performs a parsed request. Condition and write of one item are one step, under its own lock. */
export function perform(store: Store, operation: string, data: Body): Promise<Body> {
  const action = part<Action>('actions', operation)
  return new Promise((resolve, reject) => {
    action(store, data, (error, value) => {
      if (error) reject(translated(error))
      else resolve(value!)
    })
  })
}

function part<T>(folder: string, operation: string): T {
  return require(`dynalite/${folder}/${operation[0]!.toLowerCase()}${operation.slice(1)}`) as T
}

function translated(error: unknown): unknown {
  const { statusCode, body } = error as { statusCode?: number; body?: Record<string, string> }
  if (!statusCode || !body) return error
  const { __type: type, message, Message, ...members } = body
  return new AwsError(type!, message ?? Message ?? '', members, statusCode)
}
