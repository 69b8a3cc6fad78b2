import type { MailFate } from './mail-fate.ts'
import type { NoticeEvent } from './policy/notification-rules.ts'

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
  /** Made with {@link otpMac}: binds it to what the account knows of the challenge. */
  seal?: string
  /** MAC of the last guess. Equal to {@link otpMac}: answered, and closed to every further write. */
  guessMac: string
  /** Who made the last guess: a retried write of one request is recognised by it. */
  guessedBy: string
  /** From where it was asked for, as far as the mail may depend on it. */
  clientIp?: string
  userAgent?: string
  /** The application that asked, where policies ask for that; empty: without an API key. */
  application?: string
  /** Length of its code, where that is more than the token's. */
  digits?: number
  /** The languages the person prefers, as `Accept-Language` puts it. Undefined: English. */
  language?: string
  /** What the client said it is about, for the tag `{challenge}`. */
  text?: string
  /** The mail goes to the user's address at send time, whatever the token has. */
  dynamicAddress?: boolean
  /** It is a notice of what was done to tokens: there is no code and no answer. */
  notice?: {
    event: NoticeEvent
    serials: string[]
    /** Who sends it, in order; empty: who sends without a policy. */
    providers: string[]
  }
  /** How the mail is doing. */
  delivery: 'queued' | 'sending' | 'sent' | 'failed'
  /** The mail server's words, or why it was not sent. */
  reply?: string
  /** The provider that sent it, or was the last to fail. */
  provider?: string
  /** What the provider reported since. */
  fate?: MailFate
}

/** What `deliver` leaves of the right answer. */
export type RightAnswer = Required<Pick<Challenge, 'otpMac' | 'seal'>>

/** One guess at one challenge. */
export type Guess = {
  transactionId: string
  serial: string
  /** MAC of what the user typed. */
  guessMac: string
  /** The seal that the challenge has if that is the right answer. */
  seal: string
  /** Unique per request. */
  nonce: string
  /** Unix time in milliseconds. */
  now: number
}

/**
 * - `accepted`: the right answer, and this request is the one that consumed it
 * - `wrong`: evaluated and not the answer; an attempt is spent
 * - `replayed`: the right answer, but it was consumed before
 * - `altered`: it would be the right answer, but the challenge was changed by hand
 * - all others: not evaluated, nothing spent
 */
export type GuessResult =
  'accepted' | 'wrong' | 'expired' | 'exhausted' | 'used' | 'replayed' | 'altered' | 'missing'

/**
 * - `claimed`: send it
 * - `sending`: somebody else is about to, and may yet fail
 * - `done`: nothing to send any more: expired, closed, answered, or already sent
 */
export type Claim = 'claimed' | 'sending' | 'done'
