import type { SendFailure } from '../core/ports.ts'
import { isDailyQuota } from './reply.ts'

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
 * RFC 3463 §3.8: not who the recipient is but what this server may do for us, such as `554 5.7.1
 * relay access denied`. Another provider may well reach them.
 */
const POLICY = /^5\d\d[ -]5\.7\.\d/

/**
 * What a failed session means. Without an answer to the message itself nobody knows whether it was
 * taken; before that, a lost connection is worth another try, and whatever else went wrong (TLS, a
 * certificate, a host name that does not exist, credentials) stays wrong until somebody changes it.
 */
export function smtpFailure(error: SmtpError, messageBegun: boolean): SendFailure {
  if (error.responseCode) return refusal(error, error.responseCode)
  if (messageBegun) return 'unknown'
  // it answered, but not in SMTP
  if (error.response) return 'configuration'
  return CONNECTION_LOST.has(error.originalCode ?? error.code ?? '') ? 'transient' : 'configuration'
}

/** RFC 5321 §4.2.1: 4yz may succeed later, 5yz will not. */
function refusal({ command, response = '' }: SmtpError, replyCode: number): SendFailure {
  if (isDailyQuota(response)) return 'quota'
  if (replyCode < 500) return 'transient'
  const aboutAddress = command === 'RCPT TO' && replyCode !== AUTHENTICATION_REQUIRED
  return aboutAddress && !POLICY.test(response) ? 'address' : 'configuration'
}
