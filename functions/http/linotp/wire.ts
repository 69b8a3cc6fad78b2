/** LinOTP's wire: routes to handlers, and every fault to the answer its clients know. */
import { AccountBusyError } from '../../core/change-account.ts'
import { hardeningRules } from '../../core/policy/hardening-rules.ts'
import type { Ports } from '../../core/ports.ts'
import type { Logged } from '../application.ts'
import { ForbiddenError, type ForbiddenReason, MalformedRequestError } from '../errors.ts'
import { otherMethod } from '../other-method.ts'
import { boundedName, type Parameters } from '../parameters.ts'
import { noteRefusal } from '../refused-by.ts'
import type { Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { findRoute, type PathValues, type Route } from '../router.ts'
import { errorStatus, type Failure, type Frame, failure } from './envelope.ts'
import { messagesFor } from './messages.ts'
import { readParameters } from './parameters.ts'
import { RefusedError } from './refused.ts'

/** One request on its way through this wire. */
export type Call = {
  request: HttpRequest
  parameters: Parameters
  path: PathValues
  frame: Frame
}
/** What the wire itself needs, whatever its routes do. */
export type WirePorts = Pick<Ports, 'now' | 'log' | 'settings'>
export type Handler<P> = (ports: P, call: Call) => Promise<Reply | Logged>

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export async function answerLinotp<P extends WirePorts>(
  routes: readonly Route<Handler<P>>[],
  ports: P,
  request: HttpRequest,
): Promise<Reply | Logged | undefined> {
  const route = findRoute(routes, request)
  if (!route) return undefined
  request.route = route.pattern
  if ('allowed' in route) return otherMethod(request, route.allowed)
  const frame: Frame = {
    messages: messagesFor(request.headers['accept-language']),
    plain: route.pattern === PLAIN,
    xml: route.pattern === XML,
  }
  try {
    frame.hidesVersion = await hidesVersion(ports, request)
    const parameters = await readParameters(request)
    frame.errorStatus = errorStatus(parameters.scalar('httperror'))
    for (const [name, value] of Object.entries(route.values)) boundedName(name, value)
    return await route.handle(ports, { request, parameters, path: route.values, frame })
  } catch (error) {
    request.refused = true
    noteRefusal(request, error)
    return failure(faultOf(error, ports), frame)
  }
}

/** The one route whose every answer is a face. */
const PLAIN = '/linotp/validate/simplecheck'
/** The one route that answers in XML. */
const XML = '/linotp/system/importPolicy'

async function hidesVersion({ settings, now }: WirePorts, request: HttpRequest): Promise<boolean> {
  const { policies } = await settings.current()
  if (policies.length === 0) return false
  const { clientIp, headers } = request
  const caller = { client: clientIp, userAgent: headers['user-agent'] ?? '', now: now() }
  return hardeningRules(policies, caller).hideVersion.value
}

const NOT_AUTHENTICATED: Failure = { status: 401, code: -311, message: 'Not authenticated' }
const FORBIDDEN: Record<ForbiddenReason, (message: string) => Failure> = {
  no_session: () => NOT_AUTHENTICATED,
  bad_session: () => NOT_AUTHENTICATED,
  expired_session: () => NOT_AUTHENTICATED,
  role: (message) => ({ status: 403, code: 510, message: `ERR510: ${message}` }),
  api_key: (message) => ({ status: 403, code: 510, message: `ERR510: ${message}` }),
  client: (message) => ({ status: 403, code: 510, message: `ERR510: ${message}` }),
}

function faultOf(error: unknown, { log }: Pick<Ports, 'log'>): Failure {
  if (error instanceof RefusedError) return error.failure
  if (error instanceof MalformedRequestError) {
    return { code: 905, message: `ERR905: ${error.message}` }
  }
  if (error instanceof ForbiddenError) return FORBIDDEN[error.reason](error.message)
  log(error instanceof AccountBusyError ? 'warn' : 'error', 'request failed', { error })
  return UNAVAILABLE
}

/** Something behind us is down. Nothing was accepted, and the same request may be sent again. */
const UNAVAILABLE: Failure = {
  status: 503,
  code: -311,
  message: 'The service cannot answer at the moment. Nothing was accepted; please try again.',
}
