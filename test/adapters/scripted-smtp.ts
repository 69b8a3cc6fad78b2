/** A TCP server that plays an SMTP server up to one phase, and misbehaves there. */
import { createServer, type AddressInfo, type Socket } from 'node:net'

type Answered = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'end'
export type Phase = Answered | 'ClientHello'

/** What happens at the phase: silence, an RST, a FIN, or these words. */
export type Misbehaviour = 'hang' | 'reset' | 'close' | (string & {})

export type ScriptedServer = { port: number; heard: string[]; stop(): Promise<void> }

const ANSWERS: Record<Answered, string> = {
  greeting: '220 scripted.example ESMTP',
  EHLO: '250-scripted.example\r\n250-STARTTLS\r\n250 AUTH PLAIN',
  STARTTLS: '220 go ahead',
  AUTH: '235 welcome',
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go on',
  end: '250 queued as 1',
}

export async function startScripted(at: Phase, how: Misbehaviour): Promise<ScriptedServer> {
  const heard: string[] = []
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    const reply = (phase: Answered) => {
      if (phase !== at) return socket.write(`${ANSWERS[phase]}\r\n`)
      return misbehave(socket, how)
    }

    let body = false
    reply('greeting')
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      if (isClientHello(String(chunk))) return misbehave(socket, how)
      for (const line of String(chunk).split('\r\n').slice(0, -1)) {
        heard.push(line)
        if (body && line !== '.') continue
        const phase = body ? 'end' : phaseOf(line)
        if (phase) reply(phase)
        body = phase === 'DATA' && at !== 'DATA'
      }
    })
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    stop() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function misbehave(socket: Socket, how: Misbehaviour): void {
  if (how === 'reset') socket.resetAndDestroy()
  else if (how === 'close') socket.end()
  else if (how !== 'hang') socket.write(`${how}\r\n`)
}

/** The first byte of a TLS handshake record (RFC 8446 §5.1). */
function isClientHello(chunk: string): boolean {
  return chunk.startsWith('\x16')
}

function phaseOf(line: string): Answered | undefined {
  const verb = line.split(' ')[0]
  if (verb === 'HELO') return 'EHLO'
  return (Object.keys(ANSWERS) as Answered[]).find((phase) => phase === verb)
}
