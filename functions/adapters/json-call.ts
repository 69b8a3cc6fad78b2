import { setTimeout } from 'node:timers/promises'
import { post as postByNode, type Post, type PostReply } from './post.ts'
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
  /** @default by Node's own client */
  post?: Post
}

/** The answer, or the name of the error the service gave instead. */
export type JsonReply = { answer: Record<string, unknown> } | { fault: string }

/** Calls one operation. Rejects when the service cannot be reached. */
export type JsonService = (operation: string, request: object) => Promise<JsonReply>

const TIMEOUT_MS = 3000
const TRIES = 3
const PAUSE_MS = 50
/** Said with 400 or 403, and of no request in particular. */
const THROTTLED = /Throttl|LimitExceeded|TooManyRequests/

/**
 * Calls a service that speaks AWS's JSON protocol, where a whole client would add 24 to 78 kB to a
 * bundle for one operation. A call that gets no answer, a 5xx or is throttled is repeated (the
 * connection may have died while the function was frozen), so it must be one that may be repeated.
 */
export function jsonService(options: JsonServiceOptions): JsonService {
  const { service, version, prefix, region, credentials, post = postByNode } = options
  const endpoint = options.endpoint ?? `https://${service}.${region}.${domainOf(region)}`

  function call(operation: string, request: object): Promise<PostReply> {
    const body = JSON.stringify(request)
    const target = `${prefix}.${operation}`
    const json = { endpoint, service, region, version, target, body }
    return post(`${endpoint}/`, signedHeaders(json, credentials(), new Date()), body, TIMEOUT_MS)
  }

  async function answered(operation: string, request: object, tries = 1): Promise<JsonReply> {
    try {
      const reply = await call(operation, request)
      const read = readReply(reply)
      if (tries === TRIES || !isPassing(reply.status, read)) return read
    } catch (error) {
      if (tries === TRIES) throw error
    }
    await setTimeout(PAUSE_MS * tries)
    return answered(operation, request, tries + 1)
  }

  return (operation, request) => answered(operation, request)
}

export const domainOf = (region: string) =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'

const isPassing = (status: number, reply: JsonReply): boolean =>
  status >= 500 || ('fault' in reply && THROTTLED.test(reply.fault))

function readReply({ status, text }: PostReply): JsonReply {
  const answer = parsed(text)
  if (status >= 200 && status < 300) return { answer }
  return { fault: /(\w+)$/.exec(String(answer.__type ?? ''))?.[1] ?? String(status) }
}

/** Some operations answer with nothing, and what is in front of a service not always in JSON. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
