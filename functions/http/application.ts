/** A Lambda handler for HTTP: reads the event, asks the wires in turn, logs one line, replies. */
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Outcome } from '../core/authenticate.ts'
import type { Rejected } from '../core/outcome.ts'
import type { Ports } from '../core/ports.ts'
import { MalformedRequestError } from './errors.ts'
import { jsonReply, type Reply } from './reply.ts'
import { type HttpRequest, readEvent } from './request.ts'

/** A reply together with the login it decided, for the log. */
export type Logged = { reply: Reply; outcome: Outcome }

/** Answers the requests of one wire; `undefined` for a path that is not its own. */
export type Wire = (request: HttpRequest) => Promise<Reply | Logged | undefined>

/** Milliseconds before Lambda ends the function in which a request that hangs is answered. */
const TIME_TO_ANSWER = 500

type ApplicationPorts = Pick<Ports, 'log' | 'now'>

/** Requests that were read, and when, so that one that is never answered is audited as well. */
type UnderWay = WeakMap<APIGatewayProxyEventV2, { request: HttpRequest; began: number }>

/** The wires behind one function. A path none of them has is answered by `notFound`. */
export function application(ports: ApplicationPorts, wires: Wire[], notFound: () => Reply) {
  const underWay: UnderWay = new WeakMap()

  async function answer(event: APIGatewayProxyEventV2): Promise<Reply> {
    const began = ports.now()
    const request = readEvent(event)
    underWay.set(event, { request, began })
    for (const wire of wires) {
      const result = await wire(request)
      if (!result) continue
      const { reply, outcome } = 'reply' in result ? result : { reply: result, outcome: undefined }
      logRequest(ports, request, reply, outcome, began)
      return request.method === 'HEAD' ? { ...reply, body: '' } : reply
    }
    return notFound()
  }
  return middy({ timeoutEarlyInMillis: TIME_TO_ANSWER })
    .use(faults(ports, underWay))
    .handler(answer)
}

/** The last net: whatever gets past a wire is a defined answer without a word about its cause. */
const faults = (
  ports: ApplicationPorts,
  underWay: UnderWay,
): middy.MiddlewareObj<APIGatewayProxyEventV2, Reply> => ({
  onError(request) {
    const { error } = request
    if (error instanceof MalformedRequestError) {
      request.response = jsonReply(413, { error: error.message })
      return
    }
    ports.log('error', 'request failed', { error })
    request.response = jsonReply(503, { error: 'The service cannot answer at the moment.' })
    const broken = underWay.get(request.event)
    if (broken) logRequest(ports, broken.request, request.response, undefined, broken.began)
  },
})

/**
 * One line per request. Names are logged only of accounts that exist, and of a path only its
 * pattern: people type PINs anywhere.
 */
function logRequest(
  { log, now }: ApplicationPorts,
  request: HttpRequest,
  { statusCode }: Reply,
  outcome: Outcome | undefined,
  began: number,
): void {
  const { method, route, clientIp, requestId, actor } = request
  log(statusCode >= 500 ? 'error' : 'info', 'request', {
    ...(isAct(request) ? { record: 'audit' } : {}),
    request_id: requestId,
    method,
    path: route,
    status: statusCode,
    ...(request.refused ? { refused: true } : {}),
    client_ip: clientIp,
    ms: now() - began,
    ...(outcome ? { outcome: outcome.outcome } : {}),
    ...reasonOf(request, outcome),
    ...(actor ? { actor: { username: actor.username, role: actor.role } } : {}),
    ...subjectOf(request, outcome),
    ...transactionOf(outcome),
    ...serialsOf(request, outcome),
    ...(request.addresses ? { addresses: request.addresses } : {}),
  })
}

/** What anybody may read, which watchers do every few seconds, is no act. */
const READ_BY_ANYBODY = new Set(['/healthz', '/v1/openapi.json'])

const isAct = ({ route }: HttpRequest) => route !== undefined && !READ_BY_ANYBODY.has(route)

function reasonOf({ refusedBy }: HttpRequest, outcome: Outcome | undefined) {
  const refused = outcome?.outcome === 'rejected' ? outcome : undefined
  const reason = refused ? (refused.fault ?? refused.reason) : refusedBy
  return reason === undefined ? {} : { reason }
}

/** Only of a transaction that there is. */
function transactionOf(outcome: Outcome | undefined) {
  switch (outcome?.outcome) {
    case 'challenged':
      return { transaction_id: outcome.issued[0]!.transactionId }
    case 'asked':
    case 'accepted':
    case 'rejected':
      return outcome.transactionId === undefined ? {} : { transaction_id: outcome.transactionId }
    default:
      return {}
  }
}

/** The account it is about: that of the login, what was acted on, or the user who asked. */
function subjectOf({ actor, target }: HttpRequest, outcome: Outcome | undefined) {
  const own = actor?.role === 'user' ? { login: actor.username, realm: actor.realm } : undefined
  const account = outcome?.account ?? target ?? own
  return account ? { user: account.login, realm: account.realm } : {}
}

function serialsOf({ target }: HttpRequest, outcome: Outcome | undefined) {
  switch (outcome?.outcome) {
    case 'accepted':
    case 'asked':
      return { serial: outcome.serial }
    case 'challenged':
      return { serials: outcome.issued.map(({ serial }) => serial) }
    case 'rejected':
      return serialsRefused(outcome)
    default:
      return target?.serials ? { serials: target.serials } : {}
  }
}

/** Only serials of tokens that exist: others are words of the request. */
function serialsRefused({ account, serials }: Rejected) {
  const known = serials.filter((serial) => account && Object.hasOwn(account.tokens, serial))
  return known.length > 0 ? { serials: known } : {}
}
