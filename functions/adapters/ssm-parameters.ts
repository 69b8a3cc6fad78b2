import {
  DeleteParameterCommand,
  paginateGetParametersByPath,
  ParameterNotFound,
  ParameterType,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import type { Parameter, SSMClient } from '@aws-sdk/client-ssm'
import type { ParameterEditor } from '../core/edit-settings.ts'

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
        secretsMadeAt: Object.fromEntries(
          secrets.map((each) => [relative(each), each.LastModifiedDate?.getTime() ?? 0]),
        ),
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
