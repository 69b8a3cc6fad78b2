/** privacyIDEA's wire: routes to handlers, and every fault to the answer its clients know. */
import { AccountBusyError } from '../../core/change-account.ts'
import type { Ports } from '../../core/ports.ts'
import { ForbiddenError, type ForbiddenReason, MalformedRequestError } from '../errors.ts'
import type { Logged } from '../application.ts'
import { Parameters } from '../parameters.ts'
import { type Reply, textReply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { findRoute, type PathValues, type Route } from '../router.ts'
import { type Failure, type Frame, failure } from './envelope.ts'
import { readParameters } from './parameters.ts'
import { RefusedError } from './refused.ts'

/** One request on its way through this wire. */
export type Call = {
  request: HttpRequest
  parameters: Parameters
  path: PathValues
  frame: Frame
}
export type Handler<P> = (ports: P, call: Call) => Promise<Reply | Logged>

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export async function answer<P extends Pick<Ports, 'now' | 'log'>>(
  routes: readonly Route<Handler<P>>[],
  ports: P,
  request: HttpRequest,
): Promise<Reply | Logged | undefined> {
  const route = findRoute(routes, request)
  if (!route) return undefined
  request.route = route.pattern
  const frame: Frame = { now: ports.now() }
  if ('allowed' in route) return otherMethod(request, route.allowed, frame)
  try {
    const parameters = await readParameters(request)
    frame.nonce = parameters.text('nonce')
    return await route.handle(ports, { request, parameters, path: route.values, frame })
  } catch (error) {
    return failure(faultOf(error, ports), frame)
  }
}

function otherMethod({ method, path }: HttpRequest, allowed: string[], frame: Frame): Reply {
  const allow = { allow: [...allowed, 'OPTIONS'].join(', ') }
  if (method === 'OPTIONS') {
    const headers = { ...allow, 'cache-control': 'no-cache' }
    return textReply(200, '', 'text/html; charset=utf-8', headers)
  }
  const message = `${path} does not accept ${method}: use ${allowed.join(' or ')}.`
  const refused = failure({ status: 405, code: 905, message }, frame)
  return { ...refused, headers: { ...refused.headers, ...allow } }
}

/** A path no wire has. */
export const notFound = (): Reply => textReply(404, '{"error": "Not found"}', 'application/json')

const SIGN_IN = 'Authentication failure. '
const FORBIDDEN: Record<ForbiddenReason, { status: number; code: number; prefix: string }> = {
  no_session: { status: 401, code: 4033, prefix: SIGN_IN },
  bad_session: { status: 401, code: 4304, prefix: SIGN_IN },
  expired_session: { status: 401, code: 4305, prefix: SIGN_IN },
  role: { status: 401, code: 4306, prefix: SIGN_IN },
  api_key: { status: 403, code: 303, prefix: '' },
  client: { status: 403, code: 303, prefix: '' },
}

function faultOf(error: unknown, { log }: Pick<Ports, 'log'>): Failure {
  if (error instanceof RefusedError) return error.failure
  if (error instanceof MalformedRequestError) {
    return { status: 400, code: 905, message: `ERR905: ${error.message}` }
  }
  if (error instanceof ForbiddenError) {
    const { status, code, prefix } = FORBIDDEN[error.reason]
    return { status, code, message: prefix + error.message }
  }
  log(error instanceof AccountBusyError ? 'warn' : 'error', 'request failed', { error })
  return UNAVAILABLE
}

/** Something behind us is down. Nothing was accepted, and the same request may be sent again. */
const UNAVAILABLE: Failure = {
  status: 503,
  code: -500,
  message: 'The service cannot answer at the moment. Nothing was accepted; please try again.',
}
