/** What the use cases need of the world. Adapters implement these; nothing here knows AWS. */
import type { Account } from './account.ts'
import type { IsDisposable } from './address/domain-policy.ts'
import type { Domains } from './address/domains.ts'
import type { Challenge, Claim, Guess, GuessResult, RightAnswer } from './challenge.ts'
import type { KeyPurpose } from './key-purposes.ts'
import type { MailFate } from './mail-fate.ts'
import type { MailLimits } from './mail-times.ts'
import type { Settings } from './settings.ts'
import type { RemoteUsers } from './user-source.ts'

/** Accounts and the index from serial to account. */
export interface AccountStore {
  get(key: string): Promise<Account | undefined>
  /** The key of the account that holds this token. */
  findSerial(serial: string): Promise<string | undefined>
  /**
   * Writes what differs between the two, if the stored revision is still `before.rev`; otherwise
   * changes nothing and returns what is stored now.
   */
  save(before: Account, after: Account): Promise<SaveResult>
  /**
   * Counts wrong answers whatever else happens to the account in parallel: one time stamp per
   * evaluated code, one failure per token named.
   */
  charge(key: string, charge: Charge): Promise<void>
  /** Adds a new account without tokens; false when the key is taken. */
  create(account: Account): Promise<boolean>
  /**
   * Adds new accounts without tokens, at most 100 of different keys. For each whose key is taken:
   * the account that has it.
   */
  createMany(accounts: readonly Account[]): Promise<(Account | undefined)[]>
  /** Removes an account, as it was read, and the index entries of its tokens, all or nothing. */
  remove(account: Account): Promise<SaveResult>
  /** Puts a new token into an account together with its serial's index entry; false: serial taken. */
  addToken(before: Account, after: Account, serial: string): Promise<TokenSaveResult>
  /** Takes a token and its index entry out of an account. */
  dropToken(before: Account, after: Account, serial: string): Promise<TokenSaveResult>
  /**
   * Moves a token and its index entry from one account to another, all or nothing; an account
   * without `after` is removed. False, and nothing changed, unless both are as they were read.
   */
  moveToken(serial: string, from: Transition, to: Required<Transition>): Promise<boolean>
  /** Every account, in pages, in no particular order. */
  all(): AsyncIterable<Account>
}

export type SaveResult = { saved: true } | { saved: false; current: Account | undefined }
export type TokenSaveResult = SaveResult | { saved: false; taken: true }
/** An account as it was read, and as it shall be. */
export type Transition = { before: Account; after?: Account }
export type Charge = { at: number; evaluated: number; serials: string[] }

/** Challenges, one item each, keyed by transaction_id and serial. */
export interface ChallengeStore {
  put(challenge: Challenge): Promise<void>
  get(transactionId: string, serial: string): Promise<Challenge | undefined>
  getMany(keys: { transactionId: string; serial: string }[]): Promise<Challenge[]>
  /** Every challenge of one trigger. */
  list(transactionId: string): Promise<Challenge[]>
  /** Spends one attempt and decides, in one conditional write. */
  guess(guess: Guess): Promise<GuessResult>
  /** Makes a challenge unanswerable. */
  close(transactionId: string, serial: string): Promise<void>
  /**
   * Claims a challenge for sending and stores the MAC its answer must have. A sending that did not
   * end within 30 s is taken over.
   */
  claim(transactionId: string, serial: string, answer: RightAnswer, now: number): Promise<Claim>
  /** Records how the sending ended; what was sent stays sent. */
  mark(transactionId: string, serial: string, mark: DeliveryMark): Promise<void>
  /**
   * Records what a provider reported later, unless it knows more already. Never makes a challenge.
   * Returns the key of its account; undefined: there is no such challenge.
   */
  note(transactionId: string, serial: string, fate: MailFate): Promise<string | undefined>
  /**
   * Counts one more mail to a mailbox, if the limits leave one at this moment, in the write that
   * decides. What is counted here is forgotten when no limit looks at it any more.
   */
  admitMail(mailbox: string, limits: MailLimits, now: number): Promise<boolean>
}

export type DeliveryMark = {
  /** `queued`: nobody knows whether it was sent, and it will be tried again. */
  state: 'sent' | 'failed' | 'queued'
  at: number
  reply: string
  /** Who sent it, or was the last to fail; undefined: nobody was asked. */
  provider?: string
}

/** The way to `deliver`. Carries references, never a code. */
export interface Outbox {
  send(references: DeliveryReference[]): Promise<void>
}
export type DeliveryReference = { transactionId: string; serial: string }

/** One message, ready to be sent. Addresses are bare mailboxes (`a@x.example`), never lists. */
export type Mail = {
  from: string
  /** Display name of the sender. */
  fromName?: string
  to: string
  subject: string
  text: string
  html?: string
  /** Images that the HTML shows by `cid:`. */
  inline?: readonly InlinePart[]
  date: Date
  /** Told to the provider, so that what it reports of the mail leads back. Never in the mail. */
  reference?: MailReference
}

/** What a mail is about. */
export type MailReference = {
  /**
   * What its code is good for; `notice` has one to object, `token_notice` and a `test` of an
   * administrator have none.
   */
  kind: 'login' | 'enrolment' | 'address' | 'self_service' | 'notice' | 'token_notice' | 'test'
  transactionId?: string
  serial?: string
}

/** An image inside a mail, named by its Content-ID without angle brackets. */
export type InlinePart = { cid: string; type: string; content: Uint8Array }

/** Sends one mail by one provider. Expected failures are values; nothing here throws for them. */
export interface Mailer {
  /** @param limits shorten the time that its settings give the provider */
  send(mail: Mail, limits?: SendLimits): Promise<Sent>
}

export type SendLimits = {
  /** Milliseconds for the whole sending. */
  timeoutMs: number
  /**
   * Milliseconds until the provider is ready to take the message. One that is not has been sent
   * nothing (`transient`), so that another one may send it at once.
   */
  readyMs: number
}

/** How a send ended; `reply` is the server's own words with no code and no address of ours added. */
export type Sent =
  { sent: true; reply: string } | { sent: false; failure: SendFailure; reply: string }

/**
 * - `transient`: try again later with the same code
 * - `unknown`: may have been sent; trying again with the same code is harmless
 * - `address`: this mailbox will not take mail
 * - `configuration`: nothing will go out until somebody changes the settings
 * - `quota`: the provider has sent what it sends in a day; it will be some time until it goes on
 * - `suspended`: the provider sends nothing for this account until somebody talks to it
 */
export type SendFailure =
  'transient' | 'unknown' | 'address' | 'configuration' | 'quota' | 'suspended'

/** Keys under KMS, one per purpose, so that a function can open only what it must. */
export interface Keyring {
  /** A stable 256-bit key for one purpose. */
  key(purpose: KeyPurpose): Promise<Uint8Array>
}

/** The settings in force: the last snapshot that was valid. */
export interface SettingsSource {
  current(): Promise<Settings>
}

/** Unix time in milliseconds. */
export type Clock = () => number
/** Cryptographically secure bytes. */
export type Random = (length: number) => Uint8Array

/** Waits; an argument, so that tests need not. */
export type Sleep = (ms: number) => Promise<void>

/**
 * One line of the log. Fields hold names, ids and reasons: never what a user typed as PIN, OTP or
 * password. An Error is logged by name and message. A line with a field `record` (`audit` or
 * `delivery`) is kept by the function `record`, and written whatever the level.
 */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void

/** All that the use cases of a login need. */
export type Ports = {
  accounts: AccountStore
  challenges: ChallengeStore
  outbox: Outbox
  settings: SettingsSource
  keyring: Keyring
  now: Clock
  random: Random
  sleep: Sleep
  log: Log
  /** What DNS says of the domain of a new address. */
  domains: Domains
  isDisposable: IsDisposable
  /** Users that Otpost does not keep. Undefined: those of such a realm cannot log in. */
  remoteUsers?: RemoteUsers | undefined
}
