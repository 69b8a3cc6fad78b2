/** What comes of a login request, whatever wire it came by. */
import type { Account } from './account.ts'
import type { AddressFault } from './address/faults.ts'
import type { AnswerRefusal } from './answer-challenge.ts'
import type { unusable } from './budget.ts'
import type { Challenge } from './challenge.ts'
import type { PinRefusal } from './check-pin.ts'
import type { FactorRefusal } from './factors.ts'
import type { Found } from './find-account.ts'
import type { NotSent } from './trigger-challenge.ts'

export type Outcome = Accepted | Passed | Challenged | Asked | Rejected

export type Accepted = {
  outcome: 'accepted'
  /**
   * - `answer`: OTP with its transaction_id
   * - `pin_otp`: PIN and OTP in one
   * - `pin`: a token that asks for nothing but its PIN
   * - `new_pin`: the new PIN that a login was waiting for
   */
  by: 'answer' | 'pin_otp' | 'pin' | 'new_pin'
  account: Account
  serial: string
  /** Length of the code that stood beside a PIN. */
  digits?: number
  /** What it was an answer to. */
  transactionId?: string
}

/**
 * Let in by a policy, without a token. `cancelled`: the person declined to add an address after a
 * factor that was right.
 */
export type Passed = {
  outcome: 'passed'
  by: 'no_user' | 'no_token' | 'userstore' | 'cancelled'
  /** Names of the policies. */
  policies: readonly string[]
  account?: Account
}

/** A code is on its way; `earlier`: by a mail that went out before, and no other one follows. */
export type Challenged = {
  outcome: 'challenged'
  account: Account
  issued: Challenge[]
  earlier?: boolean
}

/** The first factor was right, and a policy wants something else before the person is let in. */
export type Asked = {
  outcome: 'asked'
  what: 'new_pin' | 'new_pin_again' | 'address'
  account: Account
  serial: string
  transactionId: string
  /** What to ask with, where a policy says. */
  text?: string
  /** The person may decline. */
  optional?: boolean
}

export type Rejected = {
  outcome: 'rejected'
  reason: RejectReason
  /** The tokens it was about, where there are any. */
  serials: string[]
  account?: Account
  subject?: { login: string; realm: string }
  /** What exactly a policy says, in words for the caller. */
  message?: string
  /** What is wrong with the address that was typed. */
  fault?: AddressFault
  /** The transaction it was to answer, where there is one of this account. */
  transactionId?: string
  /** The password was right, and the token that it was to bring could not be made or challenged. */
  enrolling?: true
}

export type RejectReason =
  | Extract<Found, { found: false }>['reason']
  | 'no_token'
  | NonNullable<ReturnType<typeof unusable>>
  | PinRefusal
  | AnswerRefusal
  | NotSent
  | PolicyRefusal
  | FactorRefusal
  | 'registration_off'

/**
 * - `policy_conflict`: policies contradict each other
 * - `no_api_key`, `not_authorized`, `tokentype`, `serial`: not under these conditions
 * - `other_application`: what it answers was begun at another application
 * - `no_suitable_token`: every token is of a type that is switched off
 * - `too_many_failures`, `too_many_successes`, `unused_too_long`: by what happened before
 * - `enrolment_refused`: the user may have no more tokens
 * - `bad_address`, `new_pin_refused`, `new_pin_differs`: what was asked for will not do
 */
export type PolicyRefusal =
  | 'policy_conflict'
  | 'no_api_key'
  | 'not_authorized'
  | 'tokentype'
  | 'serial'
  | 'no_suitable_token'
  | 'other_application'
  | 'enrolment_refused'
  | 'too_many_failures'
  | 'too_many_successes'
  | 'unused_too_long'
  | 'bad_address'
  | 'new_pin_refused'
  | 'new_pin_differs'

export const rejected = (
  reason: RejectReason,
  account: Account,
  serials: string[],
  message?: string,
): Rejected => ({
  outcome: 'rejected',
  reason,
  serials,
  account,
  ...(message === undefined ? {} : { message }),
})
