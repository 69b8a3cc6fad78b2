import { type Credentials, signedHeaders } from './signed-request.ts'

export type SsmSecretOptions = {
  /** The name of the parameter, with its folder. */
  name: string
  region: string
  /** @default the service's own of that region */
  endpoint?: string | undefined
  credentials: () => Credentials
  /** @default the global one */
  fetch?: typeof globalThis.fetch
}

const TIMEOUT_MS = 3000

/**
 * Reads one SecureString of Parameter Store by its version; undefined when there is no such one.
 * For functions that need nothing else of it: the client would add 78 kB to their bundle.
 */
export function ssmSecret(options: SsmSecretOptions) {
  const { name, region, credentials, fetch = globalThis.fetch } = options
  const endpoint = options.endpoint ?? `https://ssm.${region}.amazonaws.com`
  return async (version: number): Promise<string | undefined> => {
    const body = JSON.stringify({ Name: `${name}:${version}`, WithDecryption: true })
    const call = { endpoint, service: 'ssm', region, target: 'AmazonSSM.GetParameter', body }
    const { host: _host, ...headers } = signedHeaders(call, credentials(), new Date())
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(`${endpoint}/`, { method: 'POST', headers, body, signal })
    const answer = (await response.json()) as Answer
    if (response.ok) return answer.Parameter?.Value
    const fault = /(\w+)$/.exec(answer.__type ?? '')?.[1]
    if (fault === 'ParameterNotFound' || fault === 'ParameterVersionNotFound') return undefined
    throw new Error(`Parameter Store refused to give ${name}: ${fault ?? response.status}`)
  }
}

type Answer = { Parameter?: { Value?: string }; __type?: string }
