import type { SecretVersion } from '../core/secret-version.ts'
import type { JsonService } from './json-call.ts'

/**
 * Reads one SecureString of Parameter Store by its name, with its folder, and its version; undefined
 * when there is no such one, or when one of that number was made at another time: then the parameter
 * was deleted and made anew, and belongs to settings that are not in force.
 */
export async function readSecret(
  ssm: JsonService,
  name: string,
  { version, madeAt }: SecretVersion,
): Promise<string | undefined> {
  const reply = await ssm('GetParameter', { Name: `${name}:${version}`, WithDecryption: true })
  if ('answer' in reply) {
    const { Value, LastModifiedDate } = (reply.answer as Answer).Parameter ?? {}
    return isMadeAt(LastModifiedDate, madeAt) ? Value : undefined
  }
  if (GONE.has(reply.fault)) return undefined
  throw new Error(`Parameter Store refused to give ${name}: ${reply.fault}`)
}

type Answer = { Parameter?: { Value?: string; LastModifiedDate?: number } }
const GONE = new Set(['ParameterNotFound', 'ParameterVersionNotFound'])

/** Nothing says that two operations of Parameter Store round a time alike. */
const ROUNDING_MS = 1000

function isMadeAt(seconds: number | undefined, madeAt: number | undefined): boolean {
  if (seconds === undefined || madeAt === undefined) return true
  return Math.abs(seconds * 1000 - madeAt) < ROUNDING_MS
}
