import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createKeyring,
  KeyringMissingError,
  kmsKeyring,
} from '../../functions/adapters/kms-keyring.ts'
import { KEY_PURPOSES } from '../../functions/core/key-purposes.ts'
import { type Embedded, KEY_ARN, startEmbeddedDynamo, TOKENS } from '../support/embedded-dynamo.ts'

let embedded: Embedded
let options: Parameters<typeof kmsKeyring>[0]
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
  options = { kms: embedded.kms, dynamo: embedded.dynamo, table: TOKENS, keyArn: KEY_ARN }
})
afterEach(() => embedded.faults.clear())
afterAll(() => embedded.stop())

it('says what to do while there are no keys, and works as soon as there are', async () => {
  const keyring = kmsKeyring(options)
  await expect(keyring.key('answer')).rejects.toThrow(KeyringMissingError)
  expect(await createKeyring(options)).toBe(true)
  expect(await keyring.key('answer')).toHaveLength(32)
})

describe('a keyring', () => {
  beforeEach(() => createKeyring(options))

  it('has another 256-bit key for each purpose', async () => {
    const keyring = kmsKeyring(options)
    const keys = await Promise.all(KEY_PURPOSES.map((purpose) => keyring.key(purpose)))
    for (const key of keys) expect(key).toHaveLength(32)
    const distinct = new Set(keys.map((key) => Buffer.from(key).toString('hex')))
    expect(distinct.size).toBe(KEY_PURPOSES.length)
  })

  it('gives every function the same key', async () => {
    const [one, other] = [kmsKeyring(options), kmsKeyring(options)]
    expect(await one.key('pin')).toEqual(await other.key('pin'))
  })

  it('is made once, even by many at the same time', async () => {
    const before = await kmsKeyring(options).key('pin')
    const made = await Promise.all([createKeyring(options), createKeyring(options)])
    expect(made).toEqual([false, false])
    expect(await kmsKeyring(options).key('pin')).toEqual(before)
  })

  it('asks KMS once per purpose, however many ask', async () => {
    const keyring = kmsKeyring(options)
    await Promise.all([keyring.key('pin'), keyring.key('pin')])
    const down = embedded.faults.add({ service: 'kms', effect: { status: 500, type: 'Down' } }, 99)
    expect(await keyring.key('pin')).toHaveLength(32)
    expect(down.struck).toBe(0)
  })

  it('does not keep a failure of KMS', async () => {
    const keyring = kmsKeyring(options)
    const denied = { status: 400, type: 'AccessDeniedException' }
    embedded.faults.add({ service: 'kms', effect: denied })
    await expect(keyring.key('secret')).rejects.toThrow()
    expect(await keyring.key('secret')).toHaveLength(32)
  })

  it('does not keep a failure of the table', async () => {
    const keyring = kmsKeyring(options)
    const denied = { status: 400, type: 'AccessDeniedException' }
    embedded.faults.add({ service: 'dynamodb', effect: denied })
    await expect(keyring.key('secret')).rejects.toThrow()
    expect(await keyring.key('secret')).toHaveLength(32)
  })

  it('keeps no key in the table that could be read without KMS', async () => {
    const { Item } = await embedded.dynamo.send(
      new GetCommand({ TableName: TOKENS, Key: { pk: 'keyring' } }),
    )
    const keyring = kmsKeyring(options)
    for (const purpose of KEY_PURPOSES) {
      const wrapped = Buffer.from(Item!.keys[purpose] as Uint8Array)
      expect(wrapped.includes(Buffer.from(await keyring.key(purpose)))).toBe(false)
    }
  })

  it('binds a wrapped key to its purpose', async () => {
    const calls: string[] = []
    const match = (body: { EncryptionContext?: { purpose?: string } }) => {
      calls.push(body.EncryptionContext?.purpose ?? 'none')
      return false
    }
    embedded.faults.add({ service: 'kms', operation: 'Decrypt', match, effect: 'reset' })
    await kmsKeyring(options).key('session')
    expect(calls).toEqual(['session'])
  })
})

it('gets the keys that a newer version needs, once, and keeps those it has', async () => {
  const table = await startEmbeddedDynamo()
  try {
    const own = { ...options, dynamo: table.dynamo, kms: table.kms }
    await createKeyring(own)
    const pin = await kmsKeyring(own).key('pin')
    await table.dynamo.send(
      new UpdateCommand({
        TableName: TOKENS,
        Key: { pk: 'keyring' },
        UpdateExpression: 'REMOVE #keys.audit',
        ExpressionAttributeNames: { '#keys': 'keys' },
      }),
    )
    const keyring = kmsKeyring(own)
    await expect(keyring.key('audit')).rejects.toThrow(KeyringMissingError)
    const made = await Promise.all([createKeyring(own), createKeyring(own)])
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await keyring.key('audit')).toEqual(await kmsKeyring(own).key('audit'))
    expect(await kmsKeyring(own).key('pin')).toEqual(pin)
  } finally {
    await table.stop()
  }
})

it('made by two at the same time for the first time is one', async () => {
  const table = await startEmbeddedDynamo()
  try {
    const own = { ...options, dynamo: table.dynamo, kms: table.kms }
    const made = await Promise.all([createKeyring(own), createKeyring(own), createKeyring(own)])
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await kmsKeyring(own).key('pin')).toEqual(await kmsKeyring(own).key('pin'))
  } finally {
    await table.stop()
  }
})
