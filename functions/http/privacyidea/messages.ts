import type { RejectReason } from '../../core/authenticate.ts'

/** Sentences clients show to people; the reference's words where it has some. */
export const PROMPT = 'Enter the OTP from the Email'
export const ACCEPTED = 'Found matching challenge'
export const NOT_SENT = 'The PIN was correct, but the EMail could not be sent!'
/** The only answer to a failed login where the profile is `hardened`. */
export const HIDDEN = 'Authentication failed.'
const NO_MATCH = 'Response did not match the challenge.'
const WRONG_PIN = 'wrong otp pin'

/** What a rejected login is told. Several reasons share a sentence: a guesser must not tell them apart. */
export const REJECTED: Partial<Record<RejectReason, string>> = {
  no_token: 'The user has no tokens assigned',
  disabled: 'Token is disabled',
  locked: 'Failcounter exceeded',
  not_enrolled: 'Token is not yet enrolled',
  not_valid_now: 'Outside validity period',
  wrong_pin: WRONG_PIN,
  pin_delayed: WRONG_PIN,
  unknown: WRONG_PIN,
  used: WRONG_PIN,
  replayed: WRONG_PIN,
  wrong_otp: 'wrong otp value',
  previous_otp: 'wrong otp value. previous otp used again',
  wrong: NO_MATCH,
  closed: NO_MATCH,
  guess_budget: 'Failcounter exceeded',
  mail_failed: NOT_SENT,
  mail_limit: NOT_SENT,
  no_address: NOT_SENT,
  unusable: NOT_SENT,
}
