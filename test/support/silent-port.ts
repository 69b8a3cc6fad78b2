/** A port that never completes a connection: its queue is full and nobody accepts. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

const BLOCKED = `
const { createServer } = require('node:net')
const { parentPort } = require('node:worker_threads')
const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  // leaves the port open and never goes back to accept
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10)
})`

export type SilentPort = { port: number; stop(): Promise<void> }

/** Undefined where this system completes connections that nobody accepts. */
export async function startSilentPort(): Promise<SilentPort | undefined> {
  const worker = new Worker(BLOCKED, { eval: true })
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  await delay(50)
  const fillers: Socket[] = []
  const silent = {
    port,
    async stop() {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
  for (let tries = 0; tries < 20; tries++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    fillers.push(socket)
    const connected = new Promise((resolve) => socket.once('connect', () => resolve(true)))
    if (!(await Promise.race([connected, delay(100, false)]))) return silent
  }
  await silent.stop()
  return undefined
}
