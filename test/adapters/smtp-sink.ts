/** A real SMTP server on a free loopback port that keeps what it is sent. */
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export type Received = {
  from: string
  recipients: string[]
  raw: Buffer
  user?: string
  secure: boolean
}

export type Sink = {
  port: number
  received: Received[]
  /** Credentials of every AUTH. */
  logins: { user: string; password: string }[]
  stop(): Promise<void>
}

export async function startSink(
  options: SMTPServerOptions = {},
  host = '127.0.0.1',
): Promise<Sink> {
  const received: Received[] = []
  const logins: Sink['logins'] = []
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth(auth, _session, done) {
      logins.push({ user: auth.username ?? '', password: auth.password ?? '' })
      done(null, { user: auth.username })
    },
    async onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope
      received.push({
        from: mailFrom ? mailFrom.address : '',
        recipients: rcptTo.map(({ address }) => address),
        raw: await buffer(stream),
        ...(session.user && { user: String(session.user) }),
        secure: session.secure,
      })
      done()
    },
    ...options,
  })
  // broken handshakes are what some tests are about
  server.on('error', () => undefined)

  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    received,
    logins,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
