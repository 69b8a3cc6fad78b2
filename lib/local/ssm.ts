/** SSM Parameter Store over the local parameters. */
import { createHmac, randomBytes } from 'node:crypto'
import { AwsError, unknownOperation } from './aws-error.ts'
import type { JsonService } from './aws-endpoint.ts'
import type { Parameter, Parameters } from './parameters.ts'

type Json = Record<string, any>

const PAGE = 10
/** Makes ciphertext look-alikes that are stable while the process lives. */
const disguise = randomBytes(32)

/** `prefix` is where the stage's parameters live: `/otpost/local/`. */
export function ssmService(parameters: Parameters, prefix: string, arn: string): JsonService {
  const find = (name: string) => parameters.get(relative(prefix, name))
  const shown = (parameter: Parameter, decrypt: boolean) => render(parameter, prefix, arn, decrypt)

  const operations: Record<string, (body: Json) => Json> = {
    GetParameter({ Name, WithDecryption }) {
      const { name, version } = selected(Name)
      const parameter = find(name)
      if (!parameter) throw new AwsError('ParameterNotFound', `There is no parameter ${name}.`)
      if (version !== undefined && version !== parameter.version) {
        throw new AwsError(
          'ParameterVersionNotFound',
          `Only the newest version of ${name} is kept.`,
        )
      }
      return { Parameter: shown(parameter, WithDecryption) }
    },

    GetParameters({ Names, WithDecryption }) {
      const found = (Names as string[]).filter((name) => find(name))
      return {
        Parameters: found.map((name) => shown(find(name)!, WithDecryption)),
        InvalidParameters: (Names as string[]).filter((name) => !found.includes(name)),
      }
    },

    GetParametersByPath({ Path, Recursive, WithDecryption, MaxResults = PAGE, NextToken }) {
      const path = `${Path.replace(/\/$/, '')}/`
      const below = parameters.all().filter(({ name }) => {
        const full = prefix + name
        return full.startsWith(path) && (Recursive || !full.slice(path.length).includes('/'))
      })
      const from = Number(NextToken ?? 0)
      const to = from + Math.min(MaxResults, PAGE)
      return {
        Parameters: below.slice(from, to).map((one) => shown(one, WithDecryption)),
        ...(to < below.length ? { NextToken: String(to) } : {}),
      }
    },

    PutParameter({ Name, Value, Type, Overwrite }) {
      const name = checkedName(prefix, Name)
      if (typeof Value !== 'string' || Value === '') {
        throw new AwsError('ValidationException', `The value of ${Name} must not be empty.`)
      }
      const before = parameters.get(name)
      if (before && !Overwrite) {
        throw new AwsError('ParameterAlreadyExists', `The parameter ${Name} already exists.`)
      }
      const secure = Type === undefined ? before?.secure : Type === 'SecureString'
      return { Version: parameters.put(name, Value, secure).version, Tier: 'Standard' }
    },

    DeleteParameter({ Name }) {
      if (parameters.delete(relative(prefix, Name))) return {}
      throw new AwsError('ParameterNotFound', `There is no parameter ${Name}.`)
    },

    DeleteParameters({ Names }) {
      const results = (Names as string[]).map((name) => ({
        name,
        deleted: parameters.delete(relative(prefix, name)),
      }))
      return {
        DeletedParameters: results.filter((one) => one.deleted).map((one) => one.name),
        InvalidParameters: results.filter((one) => !one.deleted).map((one) => one.name),
      }
    },
  }

  return {
    call(operation, body) {
      const perform = operations[operation]
      if (!perform) throw unknownOperation('ssm', operation)
      return perform(body)
    },
  }
}

function render(parameter: Parameter, prefix: string, arn: string, decrypt: boolean): Json {
  const { name, value, secure, version, modifiedAt } = parameter
  return {
    Name: prefix + name,
    Type: secure ? 'SecureString' : 'String',
    Value: secure && !decrypt ? ciphertext(name, version) : value,
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    ARN: `${arn}${prefix}${name}`,
    DataType: 'text',
  }
}

function ciphertext(name: string, version: number): string {
  return createHmac('sha512', disguise).update(`${version} ${name}`).digest('base64')
}

/** A name may end in `:` and the number of a version. */
function selected(selector: string): { name: string; version: number | undefined } {
  const [, name = selector, version] = /^(.+):(\d+)$/.exec(selector) ?? []
  return { name, version: version === undefined ? undefined : Number(version) }
}

function relative(prefix: string, name: string): string {
  return String(name).startsWith(prefix) ? name.slice(prefix.length) : ''
}

function checkedName(prefix: string, name: string): string {
  const below = relative(prefix, name)
  if (below) return below
  throw new AwsError(
    'ValidationException',
    `The local stack keeps parameters below ${prefix} only.`,
  )
}
