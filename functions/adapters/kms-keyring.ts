/**
 * One data key per purpose, kept in the Tokens table wrapped by KMS. The purpose is the encryption
 * context, so a grant on the KMS key can name the purposes a function may unwrap.
 */
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { KEY_PURPOSES, type KeyPurpose } from '../core/key-purposes.ts'
import type { Keyring } from '../core/ports.ts'
import { ifAllowed } from './conditional.ts'
import type { JsonReply, JsonService } from './json-call.ts'

/** Keys of this deployment were never made; the operator's next command makes them. */
export class KeyringMissingError extends Error {
  override name = 'KeyringMissingError'
}

type KeyringOptions = {
  kms: JsonService
  dynamo: DynamoDBDocumentClient
  table: string
  keyArn: string
}

const Key = { pk: 'keyring' }

/** Unwraps each key once and keeps it for the life of the function. A failure is not kept. */
export function kmsKeyring({ kms, dynamo, table, keyArn }: KeyringOptions): Keyring {
  const keys = new Map<KeyPurpose, Promise<Uint8Array>>()
  let wrapped: Promise<Record<string, Uint8Array>> | undefined

  async function read(): Promise<Record<string, Uint8Array>> {
    const command = new GetCommand({ TableName: table, Key, ConsistentRead: true })
    const { Item } = await dynamo.send(command)
    if (!Item) throw new KeyringMissingError('There are no keys yet: run `otpost doctor`.')
    return Item.keys as Record<string, Uint8Array>
  }

  async function unwrap(purpose: KeyPurpose): Promise<Uint8Array> {
    wrapped ??= read()
    wrapped.catch(() => (wrapped = undefined))
    const sealed = (await wrapped)[purpose]
    if (!sealed) {
      wrapped = undefined
      throw new KeyringMissingError(`There is no key ${purpose} yet: run \`otpost doctor\`.`)
    }
    const CiphertextBlob = Buffer.from(sealed).toString('base64')
    const wanted = { KeyId: keyArn, CiphertextBlob, EncryptionContext: { purpose } }
    return bytesOf(await kms('Decrypt', wanted), 'Plaintext')
  }

  return {
    key(purpose) {
      const known = keys.get(purpose)
      if (known) return known
      const fresh = unwrap(purpose)
      keys.set(purpose, fresh)
      fresh.catch(() => keys.delete(purpose))
      return fresh
    },
  }
}

function bytesOf(reply: JsonReply, member: 'Plaintext' | 'CiphertextBlob'): Uint8Array {
  if ('fault' in reply) throw new Error(`KMS refused: ${reply.fault}`)
  return Buffer.from(String(reply.answer[member]), 'base64')
}

/**
 * Makes the keys of a new deployment, and those a newer version needs besides, each once: of two at
 * the same time one wins. True if any was made now.
 */
export async function createKeyring(options: KeyringOptions): Promise<boolean> {
  const { dynamo, table } = options
  const { Item } = await dynamo.send(new GetCommand({ TableName: table, Key }))
  const known = Item?.keys as Record<string, Uint8Array> | undefined
  const missing = KEY_PURPOSES.filter((purpose) => !known?.[purpose])
  if (missing.length === 0) return false
  const made = await Promise.all(missing.map((purpose) => wrappedKey(options, purpose)))
  if (!known) return addKeyring(options, Object.fromEntries(made))
  const added = await Promise.all(made.map((one) => addKey(options, ...one)))
  return added.includes(true)
}

async function wrappedKey({ kms, keyArn }: KeyringOptions, purpose: KeyPurpose) {
  const wanted = { KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: { purpose } }
  const reply = await kms('GenerateDataKeyWithoutPlaintext', wanted)
  return [purpose, bytesOf(reply, 'CiphertextBlob')] as const
}

function addKeyring({ dynamo, table }: KeyringOptions, keys: object): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: table,
    Key,
    UpdateExpression: 'SET #keys = :keys',
    ConditionExpression: 'attribute_not_exists(pk)',
    ExpressionAttributeNames: { '#keys': 'keys' },
    ExpressionAttributeValues: { ':keys': keys },
  })
  return ifAllowed(dynamo.send(command))
}

function addKey(
  { dynamo, table }: KeyringOptions,
  purpose: KeyPurpose,
  key: Uint8Array,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: table,
    Key,
    UpdateExpression: 'SET #keys.#purpose = :key',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#keys.#purpose)',
    ExpressionAttributeNames: { '#keys': 'keys', '#purpose': purpose },
    ExpressionAttributeValues: { ':key': key },
  })
  return ifAllowed(dynamo.send(command))
}
