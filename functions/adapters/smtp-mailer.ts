import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Mail, Mailer } from '../core/ports.ts'
import { isAsciiMailbox, wireAddress } from '../mail/mailbox.ts'
import { refuseAddresses, toMime } from './mime.ts'
import { safeReply } from './reply.ts'
import { smtpFailure, type SmtpError } from './smtp-failure.ts'

export type SmtpServer = {
  /** Host name, IPv4 or IPv6 literal (`::1` or `[::1]`). */
  host: string
  port: number
  /** `starttls` and `implicit` verify the certificate and never fall back to plain text. */
  security: 'none' | 'starttls' | 'implicit'
  /** Unset or empty: no AUTH. */
  user?: string
  password?: string
  /** PEM, for servers that know their clients by certificate. */
  clientCertificate?: string
  /** PEM. */
  clientKey?: string
  /** PEM; trusted instead of the public authorities. */
  ca?: string
  /** Milliseconds for the whole conversation, from the name look-up to the last answer. */
  timeoutMs: number
  /** What EHLO calls us. @default '[127.0.0.1]' */
  helloName?: string
}

/** Sends by SMTP, one connection per mail. The reply is the server's answer to the message. */
export function smtpMailer(server: SmtpServer): Mailer {
  return {
    async send(mail, limits) {
      const refused = refuseAddresses(mail)
      if (refused) return refused

      const message = outgoing(await toMime(mail))
      const timeoutMs = Math.min(server.timeoutMs, limits?.timeoutMs ?? server.timeoutMs)
      const readyMs = Math.min(timeoutMs, limits?.readyMs ?? timeoutMs)
      const connection = new SMTPConnection(connectionOptions(server))
      const deadline = new AbortController()
      try {
        const reply = await Promise.race([
          converse(connection, server, mail, message),
          breakdown(connection),
          lapse(timeoutMs, deadline.signal),
          lapse(readyMs, deadline.signal, message.begun),
        ])
        connection.quit()
        return { sent: true, reply: safeReply(reply, mail) }
      } catch (error) {
        const failure = smtpFailure(error as SmtpError, message.begun())
        const words = wordsOf(error as SmtpError)
        return { sent: false, failure, reply: safeReply(words, mail, secrets(server)) }
      } finally {
        deadline.abort()
        connection.close()
      }
    },
  }
}

function connectionOptions(server: SmtpServer): SMTPConnection.Options {
  const { security } = server
  // longer than the whole conversation may take, so that no phase ends before that does
  const phaseMs = 2 * server.timeoutMs
  return {
    host: server.host.replace(/^\[(.*)\]$/, '$1'),
    port: server.port,
    secure: security === 'implicit',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    name: server.helloName ?? '[127.0.0.1]',
    dnsTimeout: phaseMs,
    connectionTimeout: phaseMs,
    greetingTimeout: phaseMs,
    socketTimeout: phaseMs,
    // after QUIT there is nothing left to wait for
    socketCloseTimeout: 1000,
    tls: {
      minVersion: 'TLSv1.2',
      // explicit, so that no environment variable can turn it off
      rejectUnauthorized: true,
      ca: server.ca,
      cert: server.clientCertificate,
      key: server.clientKey,
    },
  }
}

async function converse(
  connection: SMTPConnection,
  server: SmtpServer,
  mail: Mail,
  message: OutgoingMessage,
): Promise<string> {
  await settled((done) => connection.connect(done))
  requireSmtpUtf8(connection, mail)
  if (server.user) await logIn(connection, server.user, server.password)

  const envelope = {
    from: wireAddress(mail.from),
    to: [wireAddress(mail.to)],
    size: message.size,
  }
  return new Promise((resolve, reject) => {
    connection.send(envelope, message.stream, (error, info) => {
      if (error) reject(error)
      else resolve(info.response)
    })
  })
}

/** A password goes only to a server that asks for one. */
async function logIn(connection: SMTPConnection, user: string, password = ''): Promise<void> {
  if (!connection.allowsAuth) throw new Error('The server offers no AUTH, but a user is set.')
  await settled((done) => connection.login({ user, pass: password }, done))
}

/** RFC 6531 §3.2: addresses beyond ASCII go only to a server that has announced to take them. */
function requireSmtpUtf8(connection: SMTPConnection, mail: Mail): void {
  if (/^250[ -]SMTPUTF8\b/im.test(connection.lastServerResponse || '')) return
  if (!isAsciiMailbox(mail.from)) throw new Error('The sender needs SMTPUTF8, not offered.')
  if (!isAsciiMailbox(mail.to)) {
    // the answer a server owes to such a recipient (RFC 6531 §3.5)
    const refusal = { responseCode: 553, command: 'RCPT TO' }
    throw Object.assign(new Error('The recipient needs SMTPUTF8, not offered.'), refusal)
  }
}

type OutgoingMessage = { stream: Readable; size: number; begun(): boolean }

/** A stream that knows whether it was read: nodemailer reads it once the server has said 354. */
function outgoing(mime: Buffer): OutgoingMessage {
  let begun = false
  function* read() {
    begun = true
    yield mime
  }
  return { stream: Readable.from(read()), size: mime.length, begun: () => begun }
}

/** Rejects with whatever breaks the connection outside of a command's own answer. */
function breakdown(connection: SMTPConnection): Promise<never> {
  return new Promise((_, reject) => connection.on('error', reject))
}

/** Rejects when the time is up, unless what should have begun by then has. */
async function lapse(timeoutMs: number, signal: AbortSignal, begun = () => false): Promise<never> {
  await delay(timeoutMs, undefined, { signal })
  if (begun()) return new Promise(() => {})
  throw Object.assign(new Error(`No answer within ${Math.round(timeoutMs)} ms.`), {
    code: 'ETIMEDOUT',
  })
}

function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()))
  })
}

/** The server's words, or else what TLS (without OpenSSL's file names) or the network says. */
function wordsOf({ response, originalCode, reason, message }: SmtpError): string {
  if (response !== undefined) return response
  return originalCode?.startsWith('ERR_SSL_') ? (reason ?? message) : message
}

/** The password in every form it goes over the wire. */
function secrets(server: SmtpServer): string[] {
  const { user, password } = server
  if (!user || !password) return []
  const credentials = Buffer.from(`\0${user}\0${password}`).toString('base64')
  return [credentials, Buffer.from(password).toString('base64'), password]
}
