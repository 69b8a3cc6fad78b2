/** KMS with one local master key per key of the template. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AwsError, unknownOperation } from './aws-error.ts'
import type { JsonService } from './aws-endpoint.ts'
import { readJsonFile, replaceFileSync } from './json-file.ts'

type Json = Record<string, any>
type MasterKey = { id: string; arn: string; secret: Buffer }

const FORMAT = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/** Keys by id; made on first use and, with a path, kept in a file only its owner can read. */
export class MasterKeys {
  #path: string | undefined
  #keys = new Map<string, MasterKey>()
  #kept: Record<string, string>

  constructor(path?: string) {
    this.#path = path
    this.#kept = (path && readJsonFile<Record<string, string>>(path)) || {}
  }

  /** Adds a key of the template, with the secret it had in an earlier run. */
  add(id: string, arn: string): void {
    this.#kept[id] ??= randomBytes(32).toString('base64')
    this.#keys.set(id, { id, arn, secret: Buffer.from(this.#kept[id], 'base64') })
    if (this.#path) replaceFileSync(this.#path, JSON.stringify(this.#kept))
  }

  /** The key an id, an ARN or an alias names. An alias stands for the only key there is. */
  find(name: string): MasterKey {
    const keys = [...this.#keys.values()]
    const key = keys.find(({ id, arn }) => name === id || name === arn)
    if (key) return key
    if (/(^|:)alias\//.test(name) && keys.length === 1) return keys[0]!
    throw new AwsError('NotFoundException', `Key '${name}' does not exist`)
  }
}

/** GenerateDataKey, GenerateDataKeyWithoutPlaintext, Encrypt and Decrypt. */
export function kmsService(keys: MasterKeys): JsonService {
  const generate = (body: Json) => {
    const key = keys.find(body.KeyId)
    const plaintext = randomBytes(body.NumberOfBytes ?? (body.KeySpec === 'AES_128' ? 16 : 32))
    const CiphertextBlob = seal(key, plaintext, body.EncryptionContext)
    return { plaintext, reply: { CiphertextBlob, KeyId: key.arn } }
  }

  const operations: Record<string, (body: Json) => Json> = {
    GenerateDataKey(body) {
      const { plaintext, reply } = generate(body)
      return { ...reply, Plaintext: plaintext.toString('base64') }
    },

    GenerateDataKeyWithoutPlaintext: (body) => generate(body).reply,

    Encrypt(body) {
      const key = keys.find(body.KeyId)
      const plaintext = Buffer.from(body.Plaintext, 'base64')
      return { CiphertextBlob: seal(key, plaintext, body.EncryptionContext), KeyId: key.arn }
    },

    Decrypt(body) {
      const { key, plaintext } = open(keys, body.CiphertextBlob, body.EncryptionContext)
      if (body.KeyId && keys.find(body.KeyId) !== key) {
        throw new AwsError('IncorrectKeyException', 'The ciphertext was made under another key.')
      }
      return { Plaintext: plaintext.toString('base64'), KeyId: key.arn }
    },
  }

  return {
    call(operation, body) {
      const perform = operations[operation]
      if (!perform) throw unknownOperation('kms', operation)
      return perform(body)
    },
  }
}

/** Layout: format, length of the key's id, the id, iv, tag, AES-256-GCM ciphertext. */
function seal(key: MasterKey, plaintext: Buffer, context: Json | undefined): string {
  const id = Buffer.from(key.id)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.secret, iv).setAAD(canonical(context))
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const head = Buffer.from([FORMAT, id.length])
  return Buffer.concat([head, id, iv, cipher.getAuthTag(), sealed]).toString('base64')
}

function open(keys: MasterKeys, blob: string, context: Json | undefined) {
  try {
    const bytes = Buffer.from(blob, 'base64')
    if (bytes[0] !== FORMAT) throw new RangeError('unknown format')
    const ivAt = 2 + bytes[1]!
    const tagAt = ivAt + IV_BYTES
    const key = keys.find(bytes.toString('utf8', 2, ivAt))
    const decipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(ivAt, tagAt))
    decipher.setAAD(canonical(context)).setAuthTag(bytes.subarray(tagAt, tagAt + TAG_BYTES))
    const sealed = bytes.subarray(tagAt + TAG_BYTES)
    return { key, plaintext: Buffer.concat([decipher.update(sealed), decipher.final()]) }
  } catch {
    throw new AwsError('InvalidCiphertextException', 'The ciphertext or its context is not right.')
  }
}

function canonical(context: Json = {}): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))))
}
