/**
 * One data key per purpose, kept in the Tokens table wrapped by KMS. The purpose is the encryption
 * context, so a grant on the KMS key can name the purposes a function may unwrap.
 */
import {
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Keyring, KeyPurpose } from '../core/ports.ts'
import { ifAllowed } from './conditional.ts'

export const KEY_PURPOSES: readonly KeyPurpose[] = ['secret', 'answer', 'pin', 'session']

/** The keys of this deployment were never made; the operator's first command makes them. */
export class KeyringMissingError extends Error {
  override name = 'KeyringMissingError'
}

type KeyringOptions = {
  kms: KMSClient
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
    const CiphertextBlob = (await wrapped)[purpose]
    const { Plaintext } = await kms.send(
      new DecryptCommand({ KeyId: keyArn, CiphertextBlob, EncryptionContext: { purpose } }),
    )
    return Plaintext!
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

/** Makes the keys of a new deployment, once; of two at the same time one wins. True if made now. */
export async function createKeyring({
  kms,
  dynamo,
  table,
  keyArn,
}: KeyringOptions): Promise<boolean> {
  const { Item } = await dynamo.send(
    new GetCommand({ TableName: table, Key, ProjectionExpression: 'pk' }),
  )
  if (Item) return false
  const made = await Promise.all(
    KEY_PURPOSES.map(async (purpose) => {
      const { CiphertextBlob } = await kms.send(
        new GenerateDataKeyWithoutPlaintextCommand({
          KeyId: keyArn,
          KeySpec: 'AES_256',
          EncryptionContext: { purpose },
        }),
      )
      return [purpose, CiphertextBlob] as const
    }),
  )
  const command = new UpdateCommand({
    TableName: table,
    Key,
    UpdateExpression: 'SET #keys = :keys',
    ConditionExpression: 'attribute_not_exists(pk)',
    ExpressionAttributeNames: { '#keys': 'keys' },
    ExpressionAttributeValues: { ':keys': Object.fromEntries(made) },
  })
  return ifAllowed(dynamo.send(command))
}
