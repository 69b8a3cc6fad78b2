/** What tests of faults share: the outcomes a login may have, and a mail server that can be swapped. */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect } from 'vitest'
import type { Answer } from './support-http.ts'

/**
 * - `challenge`: a code is on its way
 * - `not sent`: the PIN was right, but no code could be mailed
 * - `unavailable`: the service cannot answer; nothing was accepted
 */
export type Outcome = 'accepted' | 'challenge' | 'not sent' | 'rejected' | 'unavailable'

/** The outcome an answer of `/validate` tells. Fails on anything that is not defined. */
export function outcomeOf({ status, json, text }: Answer): Outcome {
  if (status === 503) {
    expect(json).toMatchObject({
      detail: null,
      jsonrpc: '2.0',
      result: { status: false, error: { code: -500, message: expect.any(String) } },
    })
    return 'unavailable'
  }
  expect({ status, text }).toMatchObject({ status: 200 })
  const { value, authentication } = json.result
  expect(value).toBe(authentication === 'ACCEPT')
  if (authentication === 'ACCEPT') return 'accepted'
  if (authentication === 'CHALLENGE') return 'challenge'
  expect(authentication).toBe('REJECT')
  return /could not be sent/.test(json.detail.message) ? 'not sent' : 'rejected'
}

export type Relay = {
  port: number
  /** Where connections go from now on. */
  target: number
  stop(): Promise<void>
}

/** A port whose connections are passed on to a mail server that can be changed in between. */
export async function startRelay(): Promise<Relay> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(relay.target, '127.0.0.1')
    join(client, upstream)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    target: 0,
    stop() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return relay
}

/** Passes on what is sent, the end of either side, and a reset as a reset. */
function join(client: Socket, upstream: Socket): void {
  client.pipe(upstream)
  upstream.pipe(client)
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.resetAndDestroy())
  client.on('close', () => upstream.destroy())
}
