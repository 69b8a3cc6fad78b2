/** A built function behind an HTTP server: `/deliver` takes queue events, all else is HTTP. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { type Answer, serve } from './program.ts'

type Handler = (event: unknown, context: unknown) => Promise<any>

const handler: Handler = createRequire(import.meta.url)(process.argv[2]!).handler
const context = { getRemainingTimeInMillis: () => 15_000 }

await serve(async (request, body): Promise<Answer> => {
  if (request.url === '/deliver') {
    const result = await handler(JSON.parse(body), context)
    return { status: 200, headers: {}, body: JSON.stringify(result) }
  }
  const { statusCode, headers, body: text } = await handler(httpEvent(request, body), context)
  return { status: statusCode, headers, body: text }
})

/** What a function reads of API Gateway's event (payload 2.0). */
function httpEvent({ method, url = '/', headers, socket }: IncomingMessage, body: string) {
  const { pathname, search } = new URL(url, 'http://bench')
  const http = { method, path: pathname, sourceIp: socket.remoteAddress }
  return {
    version: '2.0',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    requestContext: { http, requestId: randomUUID() },
    body,
    isBase64Encoded: false,
  }
}
