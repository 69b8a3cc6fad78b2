/** privacyIDEA's wire. */
import type { ForbiddenReason } from '../errors.ts'
import {
  type FramedCall,
  type FramedHandler,
  framedWire,
  hardeningFor,
  type WirePorts as FramedPorts,
} from '../framed-wire.ts'
import { type Reply, textReply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { type Failure, type Frame, failure } from './envelope.ts'
import { messagesFor } from './messages.ts'
import { readParameters } from './parameters.ts'
import { Refusal } from './refused.ts'
import type { SignerSource } from './signature.ts'

/** One request on its way through this wire. */
export type Call = FramedCall<Frame>
export type Handler<P> = FramedHandler<P, Frame>

/** What the wire itself needs, whatever its routes do. */
export type WirePorts = FramedPorts & {
  /** Signs answers, where a key is set. */
  signer?: SignerSource
}

/** Answers a request by the route it fits; `undefined` when the path is not one of this wire. */
export const answer = framedWire<WirePorts, Frame, Failure>({
  open: ({ now }, { headers }) => ({
    now: now(),
    messages: messagesFor(headers['accept-language']),
  }),
  async read(ports, request, frame) {
    const settings = await ports.settings.current()
    frame.sign = await ports.signer?.(settings)
    const rules = hardeningFor(settings, request, frame.now)
    frame.hidesVersion = rules?.hideVersion.value ?? false
    frame.hidesStatus = (rules?.hideAuthErrorStatus.value ?? false) && isLogin(request)
    const parameters = await readParameters(request)
    frame.nonce = parameters.text('nonce')
    return parameters
  },
  isRefusal: (error) => error instanceof Refusal,
  malformed: (message) => ({ status: 400, code: 905, message }),
  forbidden({ reason, message }) {
    const { status, code, prefix } = FORBIDDEN[reason]
    return { status, code, message: prefix + message }
  },
  unavailable: (message) => ({ status: 503, code: -500, message }),
  fail: (failed, frame, request) =>
    failure(isLogin(request) ? { ...failed, ...detailOf(failed) } : failed, frame),
})

const LOGIN_PATH = /^\/(?:auth$|validate\/)/
const isLogin = ({ path }: HttpRequest) => LOGIN_PATH.test(path)

/** Logins without a session are told so with an empty object where others have nothing. */
const detailOf = ({ status, detail = null }: Failure) => ({
  detail: status === 401 && detail === null ? {} : detail,
})

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
