/** LinOTP's wire. */
import type { ForbiddenReason } from '../errors.ts'
import {
  type FramedCall,
  type FramedHandler,
  framedWire,
  hardeningFor,
  type WirePorts,
} from '../framed-wire.ts'
import { errorStatus, type Failure, type Frame, failure } from './envelope.ts'
import { messagesFor } from './messages.ts'
import { readParameters } from './parameters.ts'
import { Refusal } from './refused.ts'

/** One request on its way through this wire. */
export type Call = FramedCall<Frame>
export type Handler<P> = FramedHandler<P, Frame>

/** The one route whose every answer is a face. */
const PLAIN = '/linotp/validate/simplecheck'
/** The one route that answers in XML. */
const XML = '/linotp/system/importPolicy'

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export const answerLinotp = framedWire<WirePorts, Frame, Failure>({
  open: (_, request, pattern) => ({
    messages: messagesFor(request.headers['accept-language']),
    plain: pattern === PLAIN,
    xml: pattern === XML,
  }),
  async read(ports, request, frame) {
    const rules = hardeningFor(await ports.settings.current(), request, ports.now())
    frame.hidesVersion = rules?.hideVersion.value ?? false
    const parameters = await readParameters(request)
    frame.errorStatus = errorStatus(parameters.scalar('httperror'))
    return parameters
  },
  isRefusal: (error) => error instanceof Refusal,
  malformed: (message) => ({ code: 905, message }),
  forbidden: ({ reason, message }) => FORBIDDEN[reason](message),
  unavailable: (message) => ({ status: 503, code: -311, message }),
  fail(failed, frame, request) {
    request.refused = true
    return failure(failed, frame)
  },
})

const notAuthenticated = (): Failure => ({ status: 401, code: -311, message: 'Not authenticated' })
const notAllowed = (message: string): Failure => ({
  ...{ status: 403, code: 510, message: `ERR510: ${message}` },
})
const FORBIDDEN: Record<ForbiddenReason, (message: string) => Failure> = {
  no_session: notAuthenticated,
  bad_session: notAuthenticated,
  expired_session: notAuthenticated,
  role: notAllowed,
  api_key: notAllowed,
  client: notAllowed,
}
