/** The way to `resolve`, the function that asks directories outside of Otpost. */
import type { Clock } from '../core/ports.ts'
import type { ResolveReply, ResolveRequest } from '../core/resolve-user.ts'
import {
  type RemoteUsers,
  SourceBusyError,
  SourceFault,
  type SourceUser,
} from '../core/user-source.ts'
import { domainOf } from './json-call.ts'
import { post as postByNode, type Post } from './post.ts'
import { type Credentials, signedHeaders } from './signed-request.ts'

export type ResolveFunction = {
  /** Its name. */
  name: string
  region: string
  /** @default Lambda's own of that region */
  endpoint?: string | undefined
  credentials: () => Credentials
  /** @default by Node's own client */
  post?: Post
}

/** As long as three servers may take that answer nothing. */
const TIMEOUT_MS = 13_000

/** Asks once: a password that is wrong twice counts twice where it is checked. */
export function invokeResolve(options: ResolveFunction) {
  const { name, region, credentials, post = postByNode } = options
  const endpoint = options.endpoint ?? `https://lambda.${region}.${domainOf(region)}`
  const path = `/2015-03-31/functions/${name}/invocations`

  return async (request: ResolveRequest): Promise<Exclude<ResolveReply, { fault: string }>> => {
    const body = JSON.stringify(request)
    const call = { endpoint, path, service: 'lambda', region, version: '1.1', body } as const
    const headers = signedHeaders(call, credentials(), new Date())
    const { status, text } = await post(endpoint + path, headers, body, TIMEOUT_MS)
    const reply: ResolveReply = status === 200 ? JSON.parse(text) : { fault: `HTTP ${status}` }
    // a function that failed answers with 200 and what it failed of
    if ('user' in reply || 'right' in reply || 'page' in reply) return reply
    const Fault = status === 429 || reply.busy ? SourceBusyError : SourceFault
    throw new Fault(`${request.resolver}: ${reply.fault ?? 'the function failed.'}`)
  }
}

/** Long enough for one login, which looks a user up more than once. */
const [KEPT_MS, NOBODY_KEPT_MS] = [5000, 1000]
const MOST_KEPT = 500

/** Users by the function `resolve`. What was found is kept for seconds; passwords never are. */
export function remoteUsers(invoke: ReturnType<typeof invokeResolve>, clock: Clock): RemoteUsers {
  const kept = new Map<string, { user: SourceUser | undefined; until: number }>()

  return {
    async find(resolver, login, fresh) {
      const key = `${resolver} ${login}`
      const known = kept.get(key)
      if (known && !fresh && clock() < known.until) return known.user
      const reply = await invoke({ resolver, login })
      const user = ('user' in reply && reply.user) || undefined
      if (kept.size >= MOST_KEPT) kept.clear()
      kept.set(key, { user, until: clock() + (user ? KEPT_MS : NOBODY_KEPT_MS) })
      return user
    },
    async checkPassword(resolver, login, password) {
      const reply = await invoke({ resolver, login, password })
      return 'right' in reply && reply.right === true
    },
  }
}
