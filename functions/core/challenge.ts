import type { MailFate } from './mail-fate.ts'

/** A challenge: one OTP waiting for its answer. The OTP itself is nowhere in here. */
export type Challenge = {
  /** 20 decimal digits. */
  transactionId: string
  serial: string
  /** Key of the account it belongs to. */
  account: string
  /** The counter its OTP is derived from. */
  counter: number
  /** Unix time in milliseconds. */
  createdAt: number
  /** Unix time in milliseconds; checked by the write that decides, TTL only cleans up. */
  expiresAt: number
  /** Guesses it may cost. */
  maxAttempts: number
  /** Guesses it has cost. */
  attempts: number
  /** MAC of the right answer; absent until `deliver` has derived the OTP. */
  otpMac?: string
  /** MAC of the last guess. Equal to {@link otpMac}: answered, and closed to every further write. */
  guessMac: string
  /** Who made the last guess: a retried write of one request is recognised by it. */
  guessedBy: string
  /** From where it was asked for, as far as the mail may depend on it. */
  clientIp?: string
  userAgent?: string
  /** The languages the person prefers, as `Accept-Language` puts it. Undefined: English. */
  language?: string
  /** What the client said it is about, for the tag `{challenge}`. */
  text?: string
  /** The mail goes to the user's address at send time, whatever the token has. */
  dynamicAddress?: boolean
  /** How the mail is doing. */
  delivery: 'queued' | 'sending' | 'sent' | 'failed'
  /** The mail server's words, or why it was not sent. */
  reply?: string
  /** The provider that sent it, or was the last to fail. */
  provider?: string
  /** What the provider reported since. */
  fate?: MailFate
}

/** One guess at one challenge. */
export type Guess = {
  transactionId: string
  serial: string
  /** MAC of what the user typed. */
  guessMac: string
  /** Unique per request. */
  nonce: string
  /** Unix time in milliseconds. */
  now: number
}

/**
 * - `accepted`: the right answer, and this request is the one that consumed it
 * - `wrong`: evaluated and not the answer; an attempt is spent
 * - `replayed`: the right answer, but it was consumed before
 * - all others: not evaluated, nothing spent
 */
export type GuessResult =
  'accepted' | 'wrong' | 'expired' | 'exhausted' | 'used' | 'replayed' | 'missing'

/**
 * - `claimed`: send it
 * - `sending`: somebody else is about to, and may yet fail
 * - `done`: nothing to send any more: expired, closed, answered, or already sent
 */
export type Claim = 'claimed' | 'sending' | 'done'
