/** Accounts in the Tokens table: one item each, and one small item per serial that points to it. */
import { randomUUID } from 'node:crypto'
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Account } from '../core/account.ts'
import type { AccountStore, Charge, SaveResult, Transition } from '../core/ports.ts'
import { accountUpdate } from './account-update.ts'
import { ifAllowed } from './conditional.ts'
import { createAccounts } from './dynamo-create-accounts.ts'

type Item = Record<string, unknown>
type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

const serialKey = (serial: string) => `serial/${serial}`

/** The account store of a deployment. */
export function dynamoAccounts(client: DynamoDBDocumentClient, table: string): AccountStore {
  const read = async (pk: string): Promise<Item | undefined> => {
    const command = new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true })
    return (await client.send(command)).Item
  }
  const get = async (key: string) => fromItem(await read(key))

  /** Who wrote first? Our own write whose reply was lost counts as ours. */
  const refused = (stored: Item | undefined, writer: string): SaveResult =>
    stored?.writer === writer ? { saved: true } : { saved: false, current: fromItem(stored) }

  async function save(before: Account, after: Account): Promise<SaveResult> {
    const writer = randomUUID()
    const command = new UpdateCommand({
      TableName: table,
      Key: { pk: before.key },
      ...accountUpdate(before, after, writer),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })
    try {
      await client.send(command)
      return { saved: true }
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return refused(error.Item && unmarshall(error.Item), writer)
    }
  }

  /** A save and a write to the serial index, both or neither. */
  async function saveWithIndex(before: Account, after: Account, index: TransactItem) {
    const writer = randomUUID()
    const update = {
      TableName: table,
      Key: { pk: before.key },
      ...accountUpdate(before, after, writer),
    }
    const command = new TransactWriteCommand({ TransactItems: [{ Update: update }, index] })
    try {
      await client.send(command)
      return { saved: true } as const
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error
      const result = refused(await read(before.key), writer)
      const taken = error.CancellationReasons?.[1]?.Code === 'ConditionalCheckFailed'
      return taken && !result.saved ? ({ saved: false, taken: true } as const) : result
    }
  }

  async function chargeOnce(key: string, charge: Charge): Promise<boolean> {
    const writer = randomUUID()
    try {
      await client.send(chargeCommand(table, key, charge, writer))
      return true
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return refused(error.Item && unmarshall(error.Item), writer).saved
    }
  }

  return {
    get,
    save,

    async findSerial(serial) {
      return (await read(serialKey(serial)))?.account as string | undefined
    },

    async charge(key, charge) {
      if (await chargeOnce(key, charge)) return
      // a token was deleted meanwhile; the account still owes the guesses
      await chargeOnce(key, { ...charge, serials: [] })
    },

    async create({ key, ...rest }) {
      const command = new PutCommand({
        TableName: table,
        Item: { pk: key, ...rest },
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      return ifAllowed(client.send(command))
    },

    createMany: (accounts) => createAccounts(client, table, accounts),

    async remove({ key, rev, tokens }) {
      const entries = Object.keys(tokens).map((serial) => releasedEntry(table, serial, key))
      const command = new TransactWriteCommand({
        TransactItems: [unchangedDelete(table, { key, rev }), ...entries],
      })
      try {
        await client.send(command)
        return { saved: true }
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error
        return { saved: false, current: await get(key) }
      }
    },

    addToken: (before, after, serial) =>
      saveWithIndex(before, after, {
        // an update, because logins may update items and never put any
        Update: {
          TableName: table,
          Key: { pk: serialKey(serial) },
          UpdateExpression: 'SET #account = :account',
          ConditionExpression: 'attribute_not_exists(pk)',
          ExpressionAttributeNames: { '#account': 'account' },
          ExpressionAttributeValues: { ':account': after.key },
        },
      }),

    dropToken: (before, after, serial) =>
      saveWithIndex(before, after, {
        Delete: { TableName: table, Key: { pk: serialKey(serial) } },
      }),

    async moveToken(serial, from, to) {
      const writer = randomUUID()
      const command = new TransactWriteCommand({
        TransactItems: [
          transition(table, from, writer),
          transition(table, to, writer),
          { Put: { TableName: table, Item: { pk: serialKey(serial), account: to.after.key } } },
        ],
      })
      try {
        await client.send(command)
        return true
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error
        return refused(await read(to.before.key), writer).saved
      }
    },

    async *all() {
      const input = {
        TableName: table,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': 'account/' },
      }
      for await (const { Items = [] } of paginateScan({ client }, input)) {
        for (const item of Items) yield fromItem(item)!
      }
    },
  }
}

function transition(table: string, { before, after }: Transition, writer: string): TransactItem {
  if (!after) return unchangedDelete(table, before)
  const Key = { pk: before.key }
  return { Update: { TableName: table, Key, ...accountUpdate(before, after, writer) } }
}

/** Deletes an account unless somebody wrote to it. */
const unchangedDelete = (table: string, { key, rev }: Pick<Account, 'key' | 'rev'>) => ({
  Delete: {
    TableName: table,
    Key: { pk: key },
    ConditionExpression: 'rev = :rev',
    ExpressionAttributeValues: { ':rev': rev },
  },
})

/** Deletes the index entry of a serial unless it points to another account. */
const releasedEntry = (table: string, serial: string, account: string) => ({
  Delete: {
    TableName: table,
    Key: { pk: serialKey(serial) },
    ConditionExpression: 'attribute_not_exists(pk) OR #account = :account',
    ExpressionAttributeNames: { '#account': 'account' },
    ExpressionAttributeValues: { ':account': account },
  },
})

function fromItem(item: Item | undefined): Account | undefined {
  if (!item) return undefined
  const { pk, writer: _writer, ...rest } = item
  return { key: pk, ...rest } as Account
}

/** Adds to the counters without a revision to lose: a wrong answer is charged whatever happens. */
function chargeCommand(
  table: string,
  key: string,
  { at, evaluated, serials }: Charge,
  writer: string,
) {
  const failed = serials.map((_, index) => `#tokens.#s${index}`)
  return new UpdateCommand({
    TableName: table,
    Key: { pk: key },
    UpdateExpression: `SET ${[
      '#wrong = list_append(#wrong, :times)',
      '#consecutive = #consecutive + :evaluated',
      '#rev = #rev + :one',
      '#writer = :writer',
      ...failed.map((path) => `${path}.#failcount = ${path}.#failcount + :one`),
      ...failed.map((path) => `${path}.#failedAt = :at`),
    ].join(', ')}`,
    ConditionExpression: [
      'attribute_exists(pk)',
      '#writer <> :writer',
      ...serials.map((_, index) => `attribute_exists(#tokens.#s${index})`),
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#wrong': 'wrong',
      '#consecutive': 'consecutive',
      '#rev': 'rev',
      '#writer': 'writer',
      ...(serials.length > 0 ? TOKEN_NAMES : {}),
      ...Object.fromEntries(serials.map((serial, index) => [`#s${index}`, serial])),
    },
    ExpressionAttributeValues: {
      ':times': Array<number>(evaluated).fill(at),
      ':evaluated': evaluated,
      ':one': 1,
      ':writer': writer,
      ...(serials.length > 0 ? { ':at': at } : {}),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
}

const TOKEN_NAMES = { '#tokens': 'tokens', '#failcount': 'failcount', '#failedAt': 'failedAt' }
