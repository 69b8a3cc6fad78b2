/** HTTP to the byte: what is sent is what was written, on a connection of its own. */
import { connect } from 'node:net'

export type RawRequest = {
  method: string
  path: string
  version: string
  /** In the order they are sent. */
  headers: Record<string, string>
  body: string
}
export type RawReply = { status: number; headers: Record<string, string>; body: string }

/** Sends it with a `Host` as the first header, and the body's own length where one is given. */
export async function sendRaw(base: string, request: RawRequest): Promise<RawReply> {
  const { hostname, port, host } = new URL(base)
  const body = Buffer.from(request.body)
  const headers = Object.entries(request.headers).map(([name, value]) =>
    name.toLowerCase() === 'content-length' ? `${name}: ${body.length}` : `${name}: ${value}`,
  )
  const line = `${request.method} ${request.path} ${request.version}`
  const head = [line, `Host: ${host}`, ...headers, '', ''].join('\r\n')
  const received = await exchange(hostname, Number(port), Buffer.concat([Buffer.from(head), body]))
  const reply = parseReply(received)
  if (!reply) throw new Error(`No whole reply: ${received.toString()}`)
  return reply
}

/** Resolves with the bytes of the first whole reply, or of all there is when the server hangs up. */
function exchange(host: string, port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const socket = connect(port, host, () => socket.write(bytes))
    const finish = () => {
      socket.destroy()
      resolve(received)
    }
    socket.on('error', reject)
    socket.on('end', finish)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (parseReply(received)) finish()
    })
  })
}

function parseReply(bytes: Buffer): RawReply | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const length = Number(headers['content-length'] ?? 0)
  const body = bytes.subarray(end + 4)
  if (body.length < length) return undefined
  return { status: Number(first.split(' ')[1]), headers, body: body.toString('utf8', 0, length) }
}
