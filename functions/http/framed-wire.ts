/** What the wires of both reference servers share: routes to handlers, every fault to an answer. */
import { hardeningRules } from '../core/policy/hardening-rules.ts'
import type { Ports } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
import type { Logged } from './application.ts'
import { ForbiddenError, MalformedRequestError, type RefusedError } from './errors.ts'
import { otherMethod } from './other-method.ts'
import { boundedName, type Parameters } from './parameters.ts'
import { isBusy, noteRefusal } from './refused-by.ts'
import type { Reply } from './reply.ts'
import type { HttpRequest } from './request.ts'
import { findRoute, type PathValues, type Route } from './router.ts'

/** One request on its way through a wire; `frame` is what surrounds the answer to it. */
export type FramedCall<Frame> = {
  request: HttpRequest
  parameters: Parameters
  path: PathValues
  frame: Frame
}
export type FramedHandler<P, Frame> = (ports: P, call: FramedCall<Frame>) => Promise<Reply | Logged>

/** What the wires themselves need, whatever their routes do. */
export type WirePorts = Pick<Ports, 'now' | 'log' | 'settings'>

/** What sets a wire apart. A `Failure` is a request that could not be carried out. */
export type Dialect<P, Frame, Failure extends { message: string }> = {
  /** The frame, as far as the request alone tells. Must not fail: errors are told in it. */
  open(ports: P, request: HttpRequest, pattern: string): Frame
  /** The parameters; what they and the settings say of the answer is put into the frame. */
  read(ports: P, request: HttpRequest, frame: Frame): Promise<Parameters>
  /** Whether an error is a refusal of this wire, not of another one. */
  isRefusal(error: unknown): error is RefusedError<Failure>
  malformed(message: string): Failure
  forbidden(error: ForbiddenError): Failure
  /** Something behind us is down. Nothing was accepted, and the same request may be sent again. */
  unavailable(message: string): Failure
  fail(failure: Failure, frame: Frame, request: HttpRequest): Reply
}

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export const framedWire =
  <W extends WirePorts, Frame, Failure extends { message: string }>(
    dialect: Dialect<W, Frame, Failure>,
  ) =>
  async <P extends W>(
    routes: readonly Route<FramedHandler<P, Frame>>[],
    ports: P,
    request: HttpRequest,
  ): Promise<Reply | Logged | undefined> => {
    const route = findRoute(routes, request)
    if (!route) return undefined
    request.route = route.pattern
    if ('allowed' in route) return otherMethod(request, route.allowed)
    const frame = dialect.open(ports, request, route.pattern)
    try {
      const parameters = await dialect.read(ports, request, frame)
      for (const [name, value] of Object.entries(route.values)) boundedName(name, value)
      return await route.handle(ports, { request, parameters, path: route.values, frame })
    } catch (error) {
      noteRefusal(request, error)
      return dialect.fail(failureOf(error, dialect, ports), frame, request)
    }
  }

function failureOf<P, Frame, Failure extends { message: string }>(
  error: unknown,
  dialect: Dialect<P, Frame, Failure>,
  { log }: WirePorts,
): Failure {
  if (dialect.isRefusal(error)) return error.failure
  if (error instanceof MalformedRequestError) return dialect.malformed(`ERR905: ${error.message}`)
  if (error instanceof ForbiddenError) return dialect.forbidden(error)
  log(isBusy(error) ? 'warn' : 'error', 'request failed', { error })
  return dialect.unavailable(
    'The service cannot answer at the moment. Nothing was accepted; please try again.',
  )
}

/** What policies keep from every answer to this caller; undefined where there is no policy. */
export function hardeningFor(
  { policies }: Settings,
  { clientIp, headers }: HttpRequest,
  now: number,
) {
  if (policies.length === 0) return undefined
  return hardeningRules(policies, {
    ...{ client: clientIp, userAgent: headers['user-agent'] ?? '', now },
  })
}
