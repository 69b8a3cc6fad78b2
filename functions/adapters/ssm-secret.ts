import type { JsonService } from './json-call.ts'

/**
 * Reads one SecureString of Parameter Store by its name, with its folder, and its version; undefined
 * when there is no such one.
 */
export async function readSecret(
  ssm: JsonService,
  name: string,
  version: number,
): Promise<string | undefined> {
  const reply = await ssm('GetParameter', { Name: `${name}:${version}`, WithDecryption: true })
  if ('answer' in reply) return (reply.answer as Answer).Parameter?.Value
  if (GONE.has(reply.fault)) return undefined
  throw new Error(`Parameter Store refused to give ${name}: ${reply.fault}`)
}

type Answer = { Parameter?: { Value?: string } }
const GONE = new Set(['ParameterNotFound', 'ParameterVersionNotFound'])
