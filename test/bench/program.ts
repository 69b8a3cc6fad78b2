/** What both programs of the bench share: an HTTP server, and telling the bench what it has cost. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = { status: number; headers: Record<string, string>; body: string }
/** What a program tells the bench: its port once, its CPU time in microseconds when asked. */
export type Report = { port: number } | { cpu: number }

/** Serves on a free port of the loopback until the bench lets go. */
export async function serve(
  answer: (request: IncomingMessage, body: string) => Promise<Answer>,
): Promise<void> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    try {
      const { status, headers, body } = await answer(request, await read(request))
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
      response.end(body)
    } catch (error) {
      console.error(error)
      response.writeHead(500).end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    report({ cpu: user + system })
  })
  process.on('disconnect', () => process.exit())
  report({ port: (server.address() as AddressInfo).port })
}

const report = (message: Report) => process.send!(message)

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
