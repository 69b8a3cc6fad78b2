/** Small pieces every server of the local stack shares. All of them listen on 127.0.0.1 only. */
import { once } from 'node:events'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

export const LOOPBACK = '127.0.0.1'

/** A port that could not be opened, said in terms of the variable that chose it. */
export class PortInUseError extends Error {
  constructor(variable: string, port: number) {
    super(`Port ${port} is in use: choose another one with ${variable} (0 picks a free one).`)
    this.name = 'PortInUseError'
  }
}

/** Listens and returns the port; 0 picks a free one. Throws PortInUseError. */
export async function listen(server: Server, port: number, variable: string): Promise<number> {
  server.listen(port, LOOPBACK)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new PortInUseError(variable, port)
    throw error
  }
  return (server.address() as AddressInfo).port
}

/** Throws PortInUseError now rather than at the end of a long start. */
export async function assertFree(port: number, variable: string): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  await listen(probe, port, variable)
  probe.close()
  await once(probe, 'close')
}

/** Stops listening and drops every connection. */
export async function close(server: HttpServer): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** The whole body, or undefined when it is longer than the limit in bytes. */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  // Not destroyed when it is too long: the connection still has to carry the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * False for what a foreign web page could send through the browser of whoever runs the stack: a
 * name that was rebound to 127.0.0.1, or a request across origins that may change something.
 */
export function isOwnRequest(request: IncomingMessage): boolean {
  const { host = '', origin } = request.headers
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/i.test(host)) return false
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  return !changes || origin === undefined || origin === `http://${host}`
}
