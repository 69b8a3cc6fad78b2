/** A mail server that takes everything into the local mailbox and delivers nothing. */
import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import { listen, LOOPBACK } from './loopback.ts'
import type { Mailbox } from './mailbox.ts'

export type SmtpSink = { host: string; port: number; stop(): Promise<void> }

const MAX_MAIL = 10 * 1024 * 1024

/** Starts it on a port; 0 picks a free one. Any user name and password will do. */
export async function startSmtpSink(mailbox: Mailbox, port: number): Promise<SmtpSink> {
  const server = new SMTPServer({
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
