/** A mail server that takes everything into the local mailbox and delivers nothing. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { listen, LOOPBACK } from './loopback.ts'
import type { Mailbox } from './mailbox.ts'

export type SmtpSink = { host: string; port: number; stop(): Promise<void> }

const MAX_MAIL = 10 * 1024 * 1024

/**
 * Greets at once. The library waits 100 ms to catch clients that talk too soon, which would be the
 * larger part of a local login.
 */
class PromptConnection extends SMTPConnection {
  override init(): void {
    this._setListeners(() => this.connectionReady())
  }
}

class PromptServer extends SMTPServer {
  override connect(socket: Socket, options?: SMTPConnectionOptions): void {
    const connection = new PromptConnection(this, socket, options)
    this.connections.add(connection)
    connection.on('error', (error: Error) => this._onError(error))
    connection.init()
  }
}

/** Starts it on a port; 0 picks a free one. Any user name and password will do. */
export async function startSmtpSink(mailbox: Mailbox, port: number): Promise<SmtpSink> {
  const server = new PromptServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => done(null, { user: auth.username }),
    // Its certificate would be nobody's: a client that upgrades would have to be told to trust it.
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 200,
    size: MAX_MAIL,
    onData: (stream, session, done) => {
      store(mailbox, stream, session).then(() => done(), done)
    },
  })
  // A client that hangs up in the middle is its own trouble.
  server.on('error', () => {})
  const bound = await listen(server.server, port, 'OTPOST_SMTP_PORT')
  return {
    host: LOOPBACK,
    port: bound,
    async stop() {
      const closed = once(server.server, 'close')
      server.close(() => {})
      await closed
    },
  }
}

async function store(
  mailbox: Mailbox,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  if (stream.sizeExceeded) {
    throw Object.assign(new Error('The message is too large.'), { responseCode: 552 })
  }
  const { mailFrom, rcptTo } = session.envelope
  const from = mailFrom ? mailFrom.address : undefined
  await mailbox.add(Buffer.concat(chunks), { from, to: rcptTo.map(({ address }) => address) })
}
