/**
 * The account: one user of one realm with their tokens, open challenges and budgets, kept in one
 * item so that a login reads once and every limit is charged by one conditional write.
 */

/** A registered authenticator that mails codes. */
export type Token = {
  /** `EM` + 8 hex digits, or what the enroller chose (`[0-9a-zA-Z_-]`). */
  serial: string
  /** The HOTP secret K, sealed by the keyring; only enrolment and delivery can open it. */
  secret: string
  /** The moving factor C of the newest code (RFC 4226 §5.2). Starts at 0 and never goes back. */
  counter: number
  /** Length of a code. */
  digits: number
  algorithm: 'sha1' | 'sha256' | 'sha512'
  /** The mailbox, or undefined when it is read from the account at send time (`dynamic_email`). */
  email?: string
  /** Undefined: no PIN is set and the empty string is the right one. */
  pin?: PinHash
  enabled: boolean
  revoked: boolean
  failcount: number
  maxFailcount: number
  description: string
  /** `spass`: the PIN alone lets in, and no mail is sent. Undefined: `email`. */
  type?: 'email' | 'spass'
  /** The mail server of `providers/<name>` that sends its codes; undefined: the settings' choice. */
  identifier?: string
  /** Unix time in milliseconds; usable from then on. */
  validFrom?: number
  /** Unix time in milliseconds; usable until then. */
  validUntil?: number
  /** What others noted about it, by name. */
  info?: Record<string, string>
  /** Unix time in milliseconds of the last failure that was counted. */
  failedAt?: number
  /** Unix time in milliseconds of the last login; kept only where a policy asks for it. */
  lastAuth?: number
  /** Unix time in milliseconds from which on its user has to choose a new PIN. */
  pinChangeDue?: number
  /** `verify`: waits for its enrolment code and cannot be used until then. */
  rollout: 'enrolled' | 'verify'
  /** Who added it, while its address is not proven. Undefined: whoever manages tokens. */
  addedBy?: 'login'
  /** Unix time in milliseconds. */
  createdAt: number
}

/** Argon2id over the PIN, then a MAC under a pepper that is not in the table. Base64. */
export type PinHash = { salt: string; mac: string }

/** What the account remembers of a challenge, so that answering needs no index. */
export type OpenChallenge = {
  transactionId: string
  serial: string
  counter: number
  /** Unix time in milliseconds. */
  expiresAt: number
  /** Guesses reserved from the account's budget for this challenge. */
  attempts: number
  /**
   * What its code is good for other than a login: `enrolment` proves the address of a new token;
   * `login_enrolment` does so within a login and then lets in.
   */
  purpose?: 'enrolment' | 'login_enrolment'
  /** A newer challenge replaced it: no longer answerable, but its guesses stay reserved. */
  superseded?: boolean
}

/**
 * A login whose first factor was right and that waits for something else than a code. Known by its
 * transaction_id, used up by the write that answers it.
 */
export type LoginStep = {
  kind: 'new_pin' | 'new_pin_again' | 'address'
  transactionId: string
  /** The token it is about; of an `address` the one that is to be made. */
  serial: string
  /** Unix time in milliseconds. */
  expiresAt: number
  /** What was typed as the new PIN first. */
  pin?: PinHash
  /** The person may decline. */
  optional?: boolean
}

export type Account = {
  /** Table key; see {@link accountKey}. */
  key: string
  /** Counts writes; a save succeeds only on the revision it was read at. */
  rev: number
  realm: string
  /** Undefined for a token that belongs to nobody. */
  login?: string
  /** The directory the user was found in. Undefined: the built-in one. */
  resolver?: string
  email?: string
  givenname?: string
  surname?: string
  phone?: string
  mobile?: string
  /** The language of mails to this person, such as `de`. Undefined: what their program asks for. */
  locale?: string
  /** The user's own password, where the directory keeps one. */
  password?: PinHash
  tokens: Record<string, Token>
  /** Oldest first. */
  open: OpenChallenge[]
  /** Unix times in milliseconds of wrong answers, the last 24 h at least. */
  wrong: number[]
  /** Wrong answers since the last right one (NIST SP 800-63B-4 §3.2.2). */
  consecutive: number
  /** Wrong PINs since the last right one, and when the last was (Unix milliseconds). */
  pinFailures: number
  pinFailedAt: number
  /** Unix times in milliseconds of the mails of the last 24 h, by address in lower case. */
  mails: Record<string, number[]>
  /** Logins that wait for a new PIN or an address; at most one of a kind. */
  steps?: LoginStep[]
  /** Unix times in milliseconds of logins, kept only where a policy limits them. */
  history?: LoginHistory
}

export type LoginHistory = { accepted: number[]; failed: number[] }

/** What kind of token it is. */
export const typeOf = ({ type = 'email' }: Token) => type

/** Key of the account of a user. Realms are lower case and hold no slash, so keys cannot collide. */
export const accountKey = (realm: string, login: string) => `account/${realm}/${login}`

/** Key of the account of a token that belongs to nobody. */
export const ownerlessKey = (serial: string) => `account//${serial}`

/** An account without tokens or history. */
export function newAccount(key: string, realm: string, login?: string): Account {
  return {
    key,
    rev: 0,
    realm,
    ...(login === undefined ? {} : { login }),
    tokens: {},
    open: [],
    wrong: [],
    consecutive: 0,
    pinFailures: 0,
    pinFailedAt: 0,
    mails: {},
  }
}
