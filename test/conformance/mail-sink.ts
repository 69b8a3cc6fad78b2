/** The recording's mail server: takes every mail, but for the recipients it was told to refuse. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'

export type SunkMail = {
  from: string
  to: string[]
  subject: string
  text: string
  /** As parsed; values of structured headers are objects. */
  headers: ParsedMail['headers']
  html: string | false
}

/** What the server says to a recipient instead of `250`, and after how many milliseconds. */
export type Reception = { reply?: string; delayMs?: number }

export type MailSink = {
  port: number
  /** Mails that arrived since the last call; waits until there are `expected`, or time is up. */
  take(expected: number, timeoutMs: number): Promise<SunkMail[]>
  stop(): Promise<void>
}

/** Starts it on a free port of the loopback. */
export async function startMailSink(receptions: Record<string, Reception>): Promise<MailSink> {
  const arrived: SunkMail[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    converse(socket, receptions, (mail) => {
      arrived.push(mail)
      for (const look of waiting) look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    async take(expected, timeoutMs) {
      if (arrived.length < expected) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(finish, timeoutMs)
          const look = () => arrived.length >= expected && finish()
          waiting.add(look)
          function finish() {
            clearTimeout(timer)
            waiting.delete(look)
            resolve()
          }
        })
      }
      return arrived.splice(0)
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type Store = (mail: SunkMail) => void
type Envelope = { from: string; to: string[]; lines: string[] | undefined }

/** One SMTP session (RFC 5321), as far as a client of ours goes. */
function converse(socket: Socket, receptions: Record<string, Reception>, store: Store): void {
  let envelope: Envelope = { from: '', to: [], lines: undefined }
  let rest = ''
  let turn = Promise.resolve()
  const say = (line: string) => socket.writable && socket.write(`${line}\r\n`)

  async function hear(line: string): Promise<void> {
    if (envelope.lines) return body(envelope, line)
    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1)
    const address = /<(.*?)>/.exec(line)?.[1] ?? ''
    if (verb === 'EHLO' || verb === 'HELO') return void say('250 sink')
    if (verb === 'MAIL') envelope = { from: address, to: [], lines: undefined }
    if (verb === 'RCPT') return receive(address)
    if (verb === 'DATA') {
      envelope.lines = []
      return void say('354 go on')
    }
    say(verb === 'QUIT' ? '221 bye' : '250 ok')
  }

  async function receive(address: string): Promise<void> {
    const { reply, delayMs = 0 } = receptions[address] ?? {}
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (!reply) envelope.to.push(address)
    say(reply ?? '250 ok')
  }

  async function body({ from, to, lines }: Envelope, line: string): Promise<void> {
    if (line !== '.') return void lines!.push(line.replace(/^\./, ''))
    envelope.lines = undefined
    store(await parse(from, to, lines!.join('\r\n')))
    say('250 taken')
  }

  socket.on('error', () => undefined)
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\r\n')
    rest = lines.pop()!
    for (const line of lines) turn = turn.then(() => hear(line))
  })
  say('220 sink')
}

async function parse(from: string, to: string[], raw: string): Promise<SunkMail> {
  const mail = await simpleParser(Buffer.from(raw, 'latin1'))
  return {
    from,
    to,
    subject: mail.subject ?? '',
    text: (mail.text ?? '').replace(/\n$/, ''),
    headers: mail.headers,
    html: mail.html,
  }
}
