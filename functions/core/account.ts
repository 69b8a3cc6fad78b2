/**
 * The account: one user of one realm with their tokens, open challenges and budgets, kept in one
 * item so that a login reads once and every limit is charged by one conditional write.
 */
import type { Tries } from './looks.ts'
import type { Undeliverable } from './undeliverable.ts'

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
   * `login_enrolment` does so within a login and then lets in; `address` proves the pending address
   * of the account, and its serial is no token's. `self_service` signs in to the self-service and
   * nowhere else; `test` shows its owner that codes arrive.
   */
  purpose?: 'enrolment' | 'login_enrolment' | 'address' | 'self_service' | 'test'
  /** Anybody who knows the name could have it made: wrong answers to it lock no token. */
  anybodys?: boolean
  /** The application it was asked for at, where policies ask for that; empty: without an API key. */
  application?: string
  /** Its code has more digits than the token's. */
  digits?: number
  /** What its mail depends on besides, by its digest; see `mail-digest.ts`. */
  mail?: string
  /** Of one that proves an address: the mailbox it proves, by its digest; see `mailbox-digest.ts`. */
  mailbox?: string
  /** A newer challenge replaced it: no longer answerable, but its guesses stay reserved. */
  superseded?: boolean
}

/** Whether a code is for proving an address, and not for the mailbox of a person who signs in. */
export const provesAddress = (purpose: OpenChallenge['purpose']): boolean =>
  purpose === 'enrolment' || purpose === 'login_enrolment' || purpose === 'address'

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
  /** As {@link OpenChallenge.application}. */
  application?: string
  /** What was typed as the new PIN first. */
  pin?: PinHash
  /** The person may decline. */
  optional?: boolean
  /** How many addresses were typed whose domain was looked up. */
  lookUps?: number
}

/** An address that has not proven itself. The one before it stays in use until it has. */
export type PendingAddress = {
  address: string
  /** Names the challenge whose code confirms it; no other code does. */
  transactionId: string
  reason: 'register' | 'update'
  by: AddressMethod
  /** What its code is derived from; only `deliver` can open it. */
  secret: string
  digits: number
  algorithm: Token['algorithm']
  /** Unix time in milliseconds, as {@link expiresAt}. */
  createdAt: number
  expiresAt: number
}

/** How an address was proven, or by whom it was vouched for. */
export type AddressMethod = 'self' | 'admin' | 'activation' | 'login'

/** An address that codes went to before, while its owner may say that it was somebody else. */
export type FormerAddress = {
  address: string
  /** How it had been proven; undefined: it had not. */
  verified?: { at: number; method: AddressMethod }
  /** Names the notice it was sent, and the change when it is disputed. */
  reference: string
  /** What the notice's code is derived from; only `deliver` can open it. */
  secret: string
  /** The address that took its place. */
  replacedBy: string
  /** Unix time in milliseconds, as {@link until}. */
  at: number
  until: number
  /** Its owner said that it was somebody else, at this Unix time in milliseconds. */
  disputedAt?: number
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
  /** When (Unix milliseconds) and how {@link email} was proven. Undefined: it was not. */
  emailVerified?: { at: number; method: AddressMethod }
  /** {@link email} was registered here by a user whose directory elsewhere has none. */
  ownAddress?: true
  /** The one address that may take the place of {@link email}. */
  pending?: PendingAddress
  /** Oldest first; those that nobody may dispute any more go with the next change. */
  former?: FormerAddress[]
  /** Unix times in milliseconds of the addresses typed to be proven, the last hour's. */
  addressRequests?: number[]
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
  /** Wrong PINs since the last right one, when the last was (Unix milliseconds), and looks left then. */
  pinFailures: number
  pinFailedAt: number
  pinLooks?: number
  /** As for the PIN, of the user's own password. Undefined: none was wrong. */
  passwordFailures?: number
  passwordFailedAt?: number
  passwordLooks?: number
  /** Where the right first factor came from before, oldest first, and what was wrong from there. */
  known?: { networks: string[]; pin?: Tries; password?: Tries }
  /**
   * Unix times in milliseconds of the mails of the last 24 h, by address in lower case; after
   * `@notice ` those that tell what was done to tokens.
   */
  mails: Record<string, number[]>
  /** How often all sessions of its user were ended; see `session-epoch.ts`. */
  sessionEpoch?: number
  /** Those that were ended one by one, and until when that is worth knowing (Unix milliseconds). */
  endedSessions?: { id: string; until: number }[]
  /** Logins that wait for a new PIN or an address; at most one of a kind. */
  steps?: LoginStep[]
  /** Unix times in milliseconds of logins, kept only where a policy limits them. */
  history?: LoginHistory
  /** The import that last wrote it, and what that did: its row may come again. */
  imported?: { id: string; state: 'added' | 'updated' }
  /** Found in a directory elsewhere: there is no such item yet. Never stored. */
  unstored?: true
  /** Addresses that take no mail, by their key. */
  undeliverable?: Record<string, Undeliverable>
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
