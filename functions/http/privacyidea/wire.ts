/** privacyIDEA's wire: routes to handlers, and every fault to the answer its clients know. */
import { AccountBusyError } from '../../core/change-account.ts'
import { hardeningRules } from '../../core/policy/hardening-rules.ts'
import type { Ports } from '../../core/ports.ts'
import { ForbiddenError, type ForbiddenReason, MalformedRequestError } from '../errors.ts'
import type { Logged } from '../application.ts'
import { otherMethod } from '../other-method.ts'
import { boundedName, Parameters } from '../parameters.ts'
import { noteRefusal } from '../refused-by.ts'
import { type Reply, textReply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { findRoute, type PathValues, type Route } from '../router.ts'
import { type Failure, type Frame, failure } from './envelope.ts'
import { messagesFor } from './messages.ts'
import { readParameters } from './parameters.ts'
import { RefusedError } from './refused.ts'
import type { SignerSource } from './signature.ts'

/** One request on its way through this wire. */
export type Call = {
  request: HttpRequest
  parameters: Parameters
  path: PathValues
  frame: Frame
}
/** What the wire itself needs, whatever its routes do. */
export type WirePorts = Pick<Ports, 'now' | 'log' | 'settings'> & {
  /** Signs answers, where a key is set. */
  signer?: SignerSource
}
export type Handler<P> = (ports: P, call: Call) => Promise<Reply | Logged>

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export async function answer<P extends WirePorts>(
  routes: readonly Route<Handler<P>>[],
  ports: P,
  request: HttpRequest,
): Promise<Reply | Logged | undefined> {
  const route = findRoute(routes, request)
  if (!route) return undefined
  request.route = route.pattern
  if ('allowed' in route) return otherMethod(request, route.allowed)
  const messages = messagesFor(request.headers['accept-language'])
  const frame: Frame = { now: ports.now(), messages }
  try {
    await harden(frame, ports, request)
    const parameters = await readParameters(request)
    frame.nonce = parameters.text('nonce')
    for (const [name, value] of Object.entries(route.values)) boundedName(name, value)
    return await route.handle(ports, { request, parameters, path: route.values, frame })
  } catch (error) {
    noteRefusal(request, error)
    const fault = faultOf(error, ports)
    return failure(isLogin(request) ? { ...fault, ...detailOf(fault) } : fault, frame)
  }
}

const isLogin = ({ path }: HttpRequest) => LOGIN_PATH.test(path)

/** Logins without a session are told so with an empty object where others have nothing. */
const detailOf = ({ status, detail = null }: Failure) => ({
  detail: status === 401 && detail === null ? {} : detail,
})

/** What policies keep from every answer, and whether answers are signed. */
async function harden(frame: Frame, ports: WirePorts, request: HttpRequest): Promise<void> {
  const settings = await ports.settings.current()
  frame.sign = await ports.signer?.(settings)
  if (settings.policies.length === 0) return
  const caller = { client: request.clientIp, userAgent: request.headers['user-agent'] ?? '' }
  const rules = hardeningRules(settings.policies, { ...caller, now: frame.now })
  frame.hidesVersion = rules.hideVersion.value
  frame.hidesStatus = rules.hideAuthErrorStatus.value && isLogin(request)
}

const LOGIN_PATH = /^\/(?:auth$|validate\/)/

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
