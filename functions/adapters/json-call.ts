import { type Credentials, signedHeaders } from './signed-request.ts'

export type JsonServiceOptions = {
  /** As it is called in signatures and host names, such as `ssm`. */
  service: string
  /** Of the JSON protocol, as the service has it. */
  version: '1.0' | '1.1'
  /** What its operations begin with, such as `AmazonSSM`. */
  prefix: string
  region: string
  /** @default the service's own of that region */
  endpoint?: string | undefined
  credentials: () => Credentials
  /** @default the global one */
  fetch?: typeof globalThis.fetch
}

/** The answer, or the name of the error the service gave instead. */
export type JsonReply = { answer: Record<string, unknown> } | { fault: string }

/** Calls one operation. Rejects when the service cannot be reached. */
export type JsonService = (operation: string, request: object) => Promise<JsonReply>

const TIMEOUT_MS = 3000
const TRIES = 2

/**
 * Calls a service that speaks AWS's JSON protocol, where a whole client would add 27 to 78 kB to a
 * bundle for one operation. A call that gets no answer or a 5xx is repeated once (the connection may
 * have died while the function was frozen), so it must be one that may be repeated.
 */
export function jsonService(options: JsonServiceOptions): JsonService {
  const { service, version, prefix, region, credentials, fetch = globalThis.fetch } = options
  const endpoint = options.endpoint ?? `https://${service}.${region}.amazonaws.com`

  async function call(operation: string, request: object): Promise<Response> {
    const body = JSON.stringify(request)
    const target = `${prefix}.${operation}`
    const json = { endpoint, service, region, version, target, body }
    const { host: _host, ...headers } = signedHeaders(json, credentials(), new Date())
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return fetch(`${endpoint}/`, { method: 'POST', headers, body, signal })
  }

  async function answered(operation: string, request: object, tries: number): Promise<Response> {
    try {
      const response = await call(operation, request)
      if (response.status < 500 || tries === 1) return response
    } catch (error) {
      if (tries === 1) throw error
    }
    return answered(operation, request, tries - 1)
  }

  return async (operation, request) => {
    const response = await answered(operation, request, TRIES)
    const answer = parsed(await response.text())
    if (response.ok) return { answer }
    return { fault: /(\w+)$/.exec(String(answer.__type ?? ''))?.[1] ?? String(response.status) }
  }
}

/** Some operations answer with nothing, and what is in front of a service not always in JSON. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
