/** What stands between a plugin and the service: TLS as API Gateway speaks it, HTTP/2 or 1.1. */
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

export type Front = {
  /** `https://127.0.0.1:<port>` */
  url: string
  /** The bodies that came in. */
  bodies: string[]
  /** What to do instead of asking the service. */
  instead: ((response: Http2ServerResponse) => void) | undefined
  /** How long every request is kept waiting. */
  delayMs: number
  stop(): Promise<void>
}

/** Starts one in front of the service at `base`. */
export async function startFront(
  base: string,
  certificate: { cert: string; key: string },
): Promise<Front> {
  const server = createSecureServer({ ...certificate, allowHTTP1: true })
  const front: Front = {
    url: '',
    bodies: [],
    instead: undefined,
    delayMs: 0,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  const sockets = new Set<{ destroy(): void }>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', async (request, response) => {
    const body = await text(request)
    front.bodies.push(body)
    await setTimeout(front.delayMs)
    if (front.instead) front.instead(response)
    else await forward(base, request, body, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  front.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return front
}

/** Of one hop only, or written anew. */
const OWN = new Set(['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive'])

async function forward(
  base: string,
  request: Http2ServerRequest,
  body: string,
  response: Http2ServerResponse,
): Promise<void> {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !name.startsWith(':') && !OWN.has(name),
  ) as [string, string][]
  const answer = await fetch(base + request.url, { method: request.method, headers, body })
  const kept = [...answer.headers].filter(([name]) => !OWN.has(name))
  response.writeHead(answer.status, Object.fromEntries(kept))
  response.end(await answer.text())
}
