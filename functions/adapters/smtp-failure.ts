import type { SendFailure } from '../core/ports.ts'

/** What nodemailer's errors say about where and how a session ended. */
export type SmtpError = Error & {
  /** nodemailer's own code. */
  code?: string
  /** The code the error had before, such as ECONNREFUSED. */
  originalCode?: string
  /** The server's words. */
  response?: string
  responseCode?: number
  /** OpenSSL's short words. */
  reason?: string
  /** The command the server answered. */
  command?: string
}

const CONNECTION_LOST = new Set([
  'ECONNECTION',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'ETIMEOUT',
])

const AUTHENTICATION_REQUIRED = 530

/**
 * What a failed session means. Without an answer to the message itself nobody knows whether it was
 * taken; before that, a lost connection is worth another try, and whatever else went wrong (TLS, a
 * certificate, a host name that does not exist, credentials) stays wrong until somebody changes it.
 */
export function smtpFailure(error: SmtpError, messageBegun: boolean): SendFailure {
  if (error.responseCode) return refusal(error.responseCode, error.command)
  if (messageBegun) return 'unknown'
  return CONNECTION_LOST.has(error.originalCode ?? error.code ?? '') ? 'transient' : 'configuration'
}

/** RFC 5321 §4.2.1: 4yz may succeed later, 5yz will not. */
function refusal(replyCode: number, command: string | undefined): SendFailure {
  if (replyCode < 500) return 'transient'
  if (command === 'RCPT TO' && replyCode !== AUTHENTICATION_REQUIRED) return 'address'
  return 'configuration'
}
