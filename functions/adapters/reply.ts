import type { Mail } from '../core/ports.ts'
import { oneLine } from '../mail/one-line.ts'

const MAX_REPLY = 300
/** The shortest code there is. */
const DIGITS = /\d{4,}/g
const HIDDEN = '***'

/** Amazon SES by either of its ways: the account has sent what it may send in 24 hours. */
export const isDailyQuota = (words: string): boolean => /daily (message )?quota/i.test(words)

/**
 * A server's words, fit to be stored: one line, and without any number of the mail or any of the
 * secrets, should the server repeat them.
 */
export function safeReply(words: string, mail: Mail, secrets: string[] = []): string {
  const numbers = `${mail.subject}\n${mail.text}`.match(DIGITS) ?? []
  const hidden = [...numbers, ...secrets].filter((text) => text !== '')
  const reply = hidden.reduce((rest, text) => rest.replaceAll(text, HIDDEN), words)
  return oneLine(reply, MAX_REPLY)
}
