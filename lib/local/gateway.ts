/** API Gateway's HTTP API on a local port. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gatewayEvent, gatewayReply, splitTarget } from './gateway-event.ts'
import { close, listen, LOOPBACK, readBody } from './loopback.ts'
import type { Route } from './routes.ts'
import { router } from './routes.ts'

export type Gateway = { url: string; stop(): Promise<void> }
export type Invoke = (event: unknown) => Promise<unknown>

const MAX_BODY = 10 * 1024 * 1024
const INTEGRATION_TIMEOUT_MS = 30_000

/** Starts it on a port; 0 picks a free one. */
export async function startGateway(
  routes: Route<Invoke>[],
  port: number,
  timeoutMs = INTEGRATION_TIMEOUT_MS,
): Promise<Gateway> {
  const match = router(routes)
  let bound = port

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = splitTarget(request.url ?? '/')
    const found = match(request.method ?? 'GET', path)
    if (!found) return say(response, 404, 'Not Found')
    const body = await readBody(request, MAX_BODY)
    if (!body) return tooLarge(request, response)
    const event = gatewayEvent(request, found, body, bound)
    const outcome = await within(timeoutMs, found.route.target(event))
    if (outcome === 'late') return say(response, 503, 'Service Unavailable')
    const reply = outcome === 'failed' ? undefined : gatewayReply(outcome.value)
    if (!reply) return say(response, 500, 'Internal Server Error')
    response.writeHead(reply.status, {
      'apigw-requestid': event.requestContext.requestId,
      ...reply.headers,
      ...(reply.status === 204 ? {} : { 'content-length': reply.body.length }),
    })
    response.end(reply.body)
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response).catch(() => {
      // The client hung up, or the function's headers cannot be sent.
      if (response.headersSent || request.destroyed) response.destroy()
      else say(response, 500, 'Internal Server Error')
    })
  })
  bound = await listen(server, port, 'OTPOST_PORT')
  return { url: `http://${LOOPBACK}:${bound}`, stop: () => close(server) }
}

async function within(
  ms: number,
  work: Promise<unknown>,
): Promise<{ value: unknown } | 'failed' | 'late'> {
  const done = work.then(
    (value) => ({ value }),
    () => 'failed' as const,
  )
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  return Promise.race([done, late]).finally(() => clearTimeout(timer))
}

function tooLarge(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  say(response, 413, 'Request Too Long')
  request.resume()
}

function say(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ message })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
