/** The local stack as the recording's server was: its users, its mail servers, and a quick reset. */
import { randomBytes } from 'node:crypto'
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { dynamoAccounts } from '../../functions/adapters/dynamo-accounts.ts'
import { dynamoAdmins } from '../../functions/adapters/dynamo-admins.ts'
import { kmsKeyring } from '../../functions/adapters/kms-keyring.ts'
import { type Account, accountKey, newAccount } from '../../functions/core/account.ts'
import { withoutFailedTries } from '../../functions/core/first-factor-tries.ts'
import { hashPin } from '../../functions/core/pin.ts'
import type { AccountStore, Keyring } from '../../functions/core/ports.ts'
import { putAdmin } from '../../functions/core/sign-in.ts'
import { ENV } from '../../functions/env.ts'
import { type LocalStack, startStack } from '../../lib/local/stack.ts'
import { clients } from '../lib/local/clients.ts'
import { localKms } from '../support/local-kms.ts'
import { type MailSink, startMailSink } from './mail-sink.ts'
import { ADMIN, PEOPLE, type Person, passwordOf, REALM, RECEPTIONS } from './people.ts'
import { startSessions, type Sessions } from './sessions.ts'
import { emptyTables, type Table } from './tables.ts'

export type World = {
  stack: LocalStack
  sink: MailSink
  sessions: Sessions
  accounts: AccountStore
  /** Every line the functions printed. */
  lines: string[]
  tables: Table[]
  dynamo: DynamoDBDocumentClient
  /** No tokens, no challenges, no history: the users as they were at first. */
  reset(): Promise<void>
  /** Ends the waiting that wrong PINs earned, as time would. */
  forgivePins(): Promise<void>
  /** Ends a challenge at this time, Unix milliseconds. */
  endChallenge(transactionId: string, serial: string, at: number): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts it with settings that are never cached.
 *
 * @param alter changes the passwords everybody was recorded with
 */
export async function startWorld(
  parameters: Record<string, string>,
  alter = (password: string) => password,
): Promise<World> {
  const lines: string[] = []
  const sink = await startMailSink(RECEPTIONS)
  const stack = await startStack({
    data: 'memory',
    environment: { [ENV.settingsCacheMs]: '0' },
    parameters,
    log: (line) => void lines.push(line),
  })
  // The first command makes the keys.
  await stack.invoke('otpost-local-operator', { command: 'admin.list', args: {} })

  const { dynamodb } = clients(stack.endpoint)
  const kms = localKms(stack.endpoint)
  const dynamo = DynamoDBDocumentClient.from(dynamodb, {
    marshallOptions: { removeUndefinedValues: true },
  })
  const { tokens, challenges } = stack.describe().tables
  const keyring = kmsKeyring({ kms, dynamo, table: tokens!, keyArn: 'alias/otpost' })
  const accounts = dynamoAccounts(dynamo, tokens!)
  const tables: Table[] = [
    { name: tokens!, keys: ['pk'], spared: ({ pk }) => !/^(account|serial)\//.test(String(pk)) },
    { name: challenges!, keys: ['transaction_id', 'serial'], spared: () => false },
  ]
  const ports = { keyring, now: Date.now, random: randomBytes }
  const people = await Promise.all(
    PEOPLE.map((person) => accountOf(person, alter(passwordOf(person.login)), keyring)),
  )
  const admins = dynamoAdmins(dynamo, tokens!)
  await putAdmin({ ...ports, admins }, ADMIN.name, alter(ADMIN.password))

  return {
    stack,
    sink,
    sessions: await startSessions(ports),
    accounts,
    lines,
    tables,
    dynamo,
    async reset() {
      await emptyTables(dynamo, tables)
      for (const account of people) await accounts.create(account)
    },
    async forgivePins() {
      for await (const account of accounts.all()) {
        const { known, pinFailures, passwordFailures = 0 } = account
        const isClear = pinFailures + passwordFailures === 0 && !known?.pin && !known?.password
        if (!isClear) await accounts.save(account, withoutFailedTries(account))
      }
    },
    async endChallenge(transactionId, serial, at) {
      await dynamo.send(
        new UpdateCommand({
          TableName: challenges!,
          Key: { transaction_id: transactionId, serial },
          UpdateExpression: 'SET expiresAt = :at',
          ExpressionAttributeValues: { ':at': at },
        }),
      )
    },
    async stop() {
      await stack.stop()
      await sink.stop()
    },
  }
}

async function accountOf(
  { login, userid: _userid, ...profile }: Person,
  typed: string,
  keyring: Keyring,
): Promise<Account> {
  const password = await hashPin(await keyring.key('pin'), typed, randomBytes)
  return { ...newAccount(accountKey(REALM, login), REALM, login), ...profile, password }
}
