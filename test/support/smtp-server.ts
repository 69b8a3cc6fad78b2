/** An SMTP server that keeps every octet it is sent and, phase by phase, does as it is told. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'

export type SmtpPhase =
  | 'greeting'
  | 'EHLO'
  | 'STARTTLS'
  | 'handshake'
  | 'EHLO over TLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'end'
  | 'QUIT'

/**
 * Silence, an RST, a FIN, octets as they are, words with a CRLF behind them, or the usual words and
 * then a FIN.
 */
export type SmtpAnswer = 'hang' | 'reset' | 'close' | 'usual, close' | Buffer | (string & {})

export type SmtpServerOptions = {
  /** @default '127.0.0.1' */
  host?: string
  /** @default 0, a free one */
  port?: number
  /** What is spoken: never TLS, offered by STARTTLS, or from the first octet. @default 'none' */
  tls?: 'none' | 'starttls' | 'implicit'
  certificate?: { cert: string; key: string }
  /** Refuses clients without a certificate by this authority. */
  clientCa?: string
  /** What EHLO offers besides STARTTLS. @default AUTH PLAIN LOGIN, 8BITMIME and SIZE */
  offers?: string[]
  /** What EHLO offers once the line is encrypted. @default the same */
  offersOverTls?: string[]
  /** What is not done as usual. */
  script?: Partial<Record<SmtpPhase, SmtpAnswer>>
  /** How long it thinks about a message before it takes it, in milliseconds. @default 0 */
  slowMs?: number
}

export type SmtpLine = { text: string; secure: boolean }

export type SmtpSession = {
  /** Every line outside of messages, without its CRLF. */
  lines: SmtpLine[]
  /** The octets of each message behind DATA, dot-stuffed, with the final CRLF . CRLF. */
  messages: Buffer[]
  /** Every octet after TLS was taken off, as it came. */
  chunks: Buffer[]
  /** The name on the client's certificate. */
  client?: string
  /** Whether the client has hung up. */
  closed: boolean
}

export type SmtpServer = { port: number; sessions: SmtpSession[]; stop(): Promise<void> }

const OFFERS = ['AUTH PLAIN LOGIN', '8BITMIME', 'SIZE 10485760']
const END = Buffer.from('\r\n.\r\n')
const TO_VERB: Record<string, SmtpPhase> = { HELO: 'EHLO' }

const USUAL: Record<Exclude<SmtpPhase, 'EHLO' | 'EHLO over TLS' | 'handshake'>, string> = {
  greeting: '220 raw.example ESMTP',
  STARTTLS: '220 2.0.0 go ahead',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 sender ok',
  RCPT: '250 2.1.5 recipient ok',
  DATA: '354 go on',
  end: '250 2.0.0 queued as 1',
  QUIT: '221 2.0.0 bye',
}

/** Starts one on the loopback interface. */
export async function startSmtp(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const sessions: SmtpSession[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const session: SmtpSession = { lines: [], messages: [], chunks: [], closed: false }
    sessions.push(session)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      session.closed = true
      sockets.delete(socket)
    })
    attend(socket, session, options)
  })
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve),
  )
  return {
    port: (server.address() as AddressInfo).port,
    sessions,
    stop() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function attend(socket: Socket, session: SmtpSession, options: SmtpServerOptions): void {
  if (options.tls !== 'implicit') return converse(socket, session, options, true)
  encrypt(socket, session, options, (secured) => converse(secured, session, options, true))
}

/** Takes over as TLS server; a script may break the handshake. */
function encrypt(
  socket: Socket,
  session: SmtpSession,
  { certificate, clientCa, script = {} }: SmtpServerOptions,
  then: (secured: Socket) => void,
): void {
  if (script.handshake !== undefined) {
    socket.once('data', () => answer(socket, script.handshake!))
    return
  }
  const server = createTlsServer(
    {
      ...certificate,
      ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    },
    (secured) => {
      secured.on('error', () => undefined)
      const { subject } = secured.getPeerCertificate()
      if (subject) session.client = String(subject.CN)
      then(secured)
    },
  )
  server.on('tlsClientError', () => undefined)
  server.emit('connection', socket)
}

function converse(
  socket: Socket,
  session: SmtpSession,
  options: SmtpServerOptions,
  greets: boolean,
): void {
  const secure = socket instanceof TLSSocket
  let pending: Buffer = Buffer.alloc(0)
  let takes: 'commands' | 'credentials' | 'message' = 'commands'
  const scripted = (phase: SmtpPhase) => {
    const again = phase === 'EHLO' && secure && options.tls === 'starttls'
    return options.script?.[again ? 'EHLO over TLS' : phase]
  }
  /** What hangs or hangs up does not answer what was sent behind it either. */
  let stuck = false
  const reply = (phase: SmtpPhase) => {
    const words = scripted(phase)
    if (words === 'hang' || words === 'close' || words === 'reset') stuck = true
    if (words !== 'usual, close') return answer(socket, words ?? usual(phase, options, secure))
    stuck = true
    answer(socket, usual(phase, options, secure))
    socket.end()
  }

  if (greets) reply('greeting')
  const onData = (chunk: Buffer) => {
    session.chunks.push(chunk)
    pending = Buffer.concat([pending, chunk])
    while (!stuck && (takes === 'message' ? takeMessage() : takeLine()));
  }
  socket.on('data', onData)

  function takeMessage(): boolean {
    const end = pending.indexOf(END)
    const empty = pending.subarray(0, 3).toString('latin1') === '.\r\n'
    if (end < 0 && !empty) return false
    const length = empty ? 3 : end + END.length
    session.messages.push(pending.subarray(0, length))
    pending = pending.subarray(length)
    takes = 'commands'
    if (options.slowMs === undefined) reply('end')
    else setTimeout(() => reply('end'), options.slowMs)
    return true
  }

  function takeLine(): boolean {
    const end = pending.indexOf('\r\n')
    if (end < 0) return false
    const text = pending.subarray(0, end).toString('utf8')
    pending = pending.subarray(end + 2)
    session.lines.push({ text, secure })
    if (takes === 'credentials') return takeCredentials(text)
    const verb = text.split(' ')[0]!.toUpperCase()
    const phase = TO_VERB[verb] ?? (verb as SmtpPhase)
    if (!(phase in USUAL) && phase !== 'EHLO') return (answer(socket, '500 what?'), true)
    if (phase === 'AUTH' && asksOn(text)) return true
    return act(phase)
  }

  /** AUTH LOGIN and AUTH PLAIN without a first response go on over several lines. */
  function asksOn(text: string): boolean {
    if (scripted('AUTH') !== undefined || text.split(' ').length > 2) return false
    takes = 'credentials'
    answer(socket, /LOGIN/i.test(text) ? '334 VXNlcm5hbWU6' : '334 ')
    return true
  }

  function takeCredentials(text: string): boolean {
    const names = session.lines.slice(-2).some((line) => /^AUTH LOGIN/i.test(line.text))
    if (names && text !== '*') return (answer(socket, '334 UGFzc3dvcmQ6'), true)
    takes = 'commands'
    return act('AUTH')
  }

  function act(phase: SmtpPhase): boolean {
    const words = scripted(phase)
    reply(phase)
    if (phase === 'QUIT' && words === undefined) socket.end()
    if (phase === 'DATA' && starts(words ?? USUAL.DATA, '354')) takes = 'message'
    if (phase === 'STARTTLS' && starts(words ?? usual(phase, options, secure), '220')) {
      socket.off('data', onData)
      encrypt(socket, session, options, (secured) => converse(secured, session, options, false))
      return false
    }
    return true
  }
}

const starts = (words: SmtpAnswer, code: string) => words.toString().startsWith(code)

function usual(phase: SmtpPhase, options: SmtpServerOptions, secure: boolean): string {
  if (phase === 'STARTTLS' && (options.tls !== 'starttls' || secure)) return '502 5.5.1 not here'
  if (phase !== 'EHLO') return USUAL[phase as keyof typeof USUAL]
  const { offers = OFFERS, offersOverTls = offers, tls } = options
  const upgrade = tls === 'starttls' && !secure ? ['STARTTLS'] : []
  const lines = ['raw.example', ...upgrade, ...(secure ? offersOverTls : offers)]
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n')
}

function answer(socket: Socket, how: SmtpAnswer): void {
  if (how === 'hang') return
  if (how === 'close') socket.end()
  else if (how === 'reset') reset(socket)
  else if (socket.writable) socket.write(Buffer.isBuffer(how) ? how : `${how}\r\n`)
}

/** An RST even under TLS, whose own end would be a polite one. */
function reset(socket: Socket): void {
  const below = (socket as unknown as { _parent?: Socket })._parent ?? socket
  below.resetAndDestroy()
}

/** Everything a client sent, as text of one character per octet. */
export const octetsOf = ({ chunks }: SmtpSession): string =>
  Buffer.concat(chunks).toString('latin1')

/** What was said outside of messages: `EHLO`, `STARTTLS`, … in order. */
export const verbsOf = ({ lines }: SmtpSession): string[] =>
  lines.map(({ text }) => text.split(' ')[0]!.toUpperCase())
