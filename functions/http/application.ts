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

/** The wires behind one function. A path none of them has is answered by `notFound`. */
export function application(ports: ApplicationPorts, wires: Wire[], notFound: () => Reply) {
  async function answer(event: APIGatewayProxyEventV2): Promise<Reply> {
    const began = ports.now()
    const request = readEvent(event)
    for (const wire of wires) {
      const result = await wire(request)
      if (!result) continue
      const { reply, outcome } = 'reply' in result ? result : { reply: result, outcome: undefined }
      logRequest(ports, request, reply, outcome, began)
      return request.method === 'HEAD' ? { ...reply, body: '' } : reply
    }
    return notFound()
  }
  return middy({ timeoutEarlyInMillis: TIME_TO_ANSWER }).use(faults(ports)).handler(answer)
}

/** The last net: whatever gets past a wire is a defined answer without a word about its cause. */
const faults = ({ log }: ApplicationPorts): middy.MiddlewareObj<APIGatewayProxyEventV2, Reply> => ({
  onError(request) {
    const { error } = request
    if (error instanceof MalformedRequestError) {
      request.response = jsonReply(413, { error: error.message })
      return
    }
    log('error', 'request failed', { error })
    request.response = jsonReply(503, { error: 'The service cannot answer at the moment.' })
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
    request_id: requestId,
    method,
    path: route,
    status: statusCode,
    ...(request.refused ? { refused: true } : {}),
    client_ip: clientIp,
    ms: now() - began,
    ...(outcome ? { outcome: outcome.outcome } : {}),
    ...(outcome?.outcome === 'rejected' ? { reason: outcome.reason } : {}),
    ...(actor ? { actor: { username: actor.username, role: actor.role } } : {}),
    ...subjectOf(request, outcome),
    ...(outcome?.outcome === 'challenged'
      ? { transaction_id: outcome.issued[0]!.transactionId }
      : {}),
    ...serialsOf(request, outcome),
  })
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
