import {
  DeleteParameterCommand,
  GetParameterCommand,
  paginateGetParametersByPath,
  ParameterNotFound,
  ParameterType,
  ParameterVersionNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import type { Parameter, SSMClient } from '@aws-sdk/client-ssm'
import type { Clock } from '../core/ports.ts'
import type { ParameterEditor } from '../core/edit-settings.ts'
import { cached } from './cached.ts'

export type SsmOptions = {
  client: SSMClient
  /** The folder of all parameters, `/otpost/<stage>`. */
  prefix: string
}

export type SsmParameters = ParameterEditor

/** Parameters in SSM Parameter Store, named relative to their folder. Decrypts nothing. */
export function ssmParameters({ client, prefix }: SsmOptions): SsmParameters {
  const path = folder(prefix)
  const relative = ({ Name = '' }: Parameter) => Name.slice(path.length + 1)

  return {
    async list() {
      const found: Parameter[] = []
      const request = { Path: path, Recursive: true, WithDecryption: false }
      for await (const page of paginateGetParametersByPath({ client, pageSize: 10 }, request)) {
        found.push(...(page.Parameters ?? []))
      }

      const secrets = found.filter(isSecure)
      const others = found.filter((parameter) => !isSecure(parameter))
      return {
        values: Object.fromEntries(others.map((each) => [relative(each), each.Value ?? ''])),
        secrets: Object.fromEntries(secrets.map((each) => [relative(each), each.Version ?? 0])),
      }
    },

    async put(name, value, secret) {
      const Type = secret ? ParameterType.SECURE_STRING : ParameterType.STRING
      await client.send(
        new PutParameterCommand({ Name: `${path}/${name}`, Value: value, Type, Overwrite: true }),
      )
    },

    async remove(name) {
      try {
        await client.send(new DeleteParameterCommand({ Name: `${path}/${name}` }))
        return true
      } catch (error) {
        if (error instanceof ParameterNotFound) return false
        throw error
      }
    },
  }
}

const isSecure = ({ Type }: Parameter) => Type === ParameterType.SECURE_STRING
const folder = (prefix: string) => prefix.replace(/\/+$/, '')

export type SecretReaderOptions = SsmOptions & {
  clock: Clock
  /** How long a decrypted secret is kept. */
  maxAgeMs: number
}

/** Gives the secret of that name and version in clear; undefined when there is no such one. */
export type SecretReader = (name: string, version: number) => Promise<string | undefined>

/**
 * Decrypts secrets and keeps the newest version asked for in memory. A version is read by its
 * number, so that a password the settings do not name yet is not used either.
 */
export function secretReader(options: SecretReaderOptions): SecretReader {
  const { client, prefix, clock, maxAgeMs } = options
  const kept = new Map<string, { version: number; read: () => Promise<string | undefined> }>()

  function reader(name: string, version: number) {
    const Name = `${folder(prefix)}/${name}:${version}`
    return cached({ load: () => decrypted(client, Name), maxAgeMs, clock })
  }

  return (name, version) => {
    let secret = kept.get(name)
    if (secret?.version !== version) {
      secret = { version, read: reader(name, version) }
      kept.set(name, secret)
    }
    return secret.read()
  }
}

async function decrypted(client: SSMClient, Name: string) {
  try {
    const { Parameter: found } = await client.send(
      new GetParameterCommand({ Name, WithDecryption: true }),
    )
    return found?.Value
  } catch (error) {
    if (error instanceof ParameterNotFound || error instanceof ParameterVersionNotFound) {
      return undefined
    }
    throw error
  }
}
