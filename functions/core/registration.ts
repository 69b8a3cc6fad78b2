/**
 * Registration and update of the address of an account: asked for, proven by a code mailed to it,
 * and only then swapped for the one before, in one write.
 */
import type { Account, AddressMethod, PendingAddress } from './account.ts'
import type { AddressFault } from './address/faults.ts'
import type { AuditEntry } from './audit.ts'
import type { Caller } from './caller.ts'
import type { Ports } from './ports.ts'

export { confirmAddress } from './registration/confirm-address.ts'
export { disputeChange } from './registration/dispute-change.ts'
export { isDisputed } from './registration/former-addresses.ts'
export { currentAddress } from './registration/current-address.ts'
export { cancelAddress, pendingAddress, reasonOf } from './registration/pending-address.ts'
export { requestAddress } from './registration/request-address.ts'
export { restoreAddress } from './registration/restore-address.ts'
export { setAddress } from './registration/set-address.ts'

/** What the audit says of a change: the addresses, as hash and mask. */
export type AddressTraces = NonNullable<AuditEntry['addresses']>

export type RegistrationPorts = Ports

/** Who asks for an address, on whose behalf. */
export type AddressRequest = {
  by: AddressMethod
  /** The mail depends on it: its language, and the addresses it names. */
  caller: Caller
}

/** Whether a code is on its way to the new address. */
export type Requested =
  | { requested: true; account: Account; pending: PendingAddress }
  | { requested: false; reason: RequestRefusal; message: string; fault?: AddressFault }

/**
 * - `registration_off`: `allowed.reg.factors` does not name `emailOtp`
 * - `bad_address`: see `fault`
 * - `same_address`: it is proven already
 * - `kept_elsewhere`: the user's directory is not Otpost's own and has another address
 * - `limited`: `registration.per_hour` codes were asked for in this hour, or too many changes can
 *   still be disputed
 * - `mail_limit`, `guess_budget`: as for the code of a login
 * - `disputed`: the owner of an earlier address said that it was somebody else
 * - `mail_failed`: it could not be queued, or was refused at once; nothing is pending
 * - `unknown_user`: nobody's account, or gone
 */
export type RequestRefusal =
  | 'registration_off'
  | 'bad_address'
  | 'same_address'
  | 'kept_elsewhere'
  | 'limited'
  | 'mail_limit'
  | 'guess_budget'
  | 'disputed'
  | 'mail_failed'
  | 'unknown_user'

/** What came back from the new mailbox. */
export type AddressProof = {
  transactionId: string
  /** What was typed, digits only or as people write them. */
  code: string
  /** Unique per request. */
  nonce: string
  caller: Caller
  /** The PIN of the token that is made for a person who has none. */
  pin?: string
}

export type Confirmed =
  | {
      confirmed: true
      account: Account
      address: string
      reason: PendingAddress['reason']
      /** For the audit. */
      addresses: AddressTraces
      /** The token that was made. */
      serial?: string
      /** No token was made for a person without one: their rules want a PIN, and none was given. */
      needsPin?: true
    }
  | { confirmed: false; reason: ConfirmRefusal; message: string }

/**
 * - `wrong`: evaluated; the address stays pending
 * - `closed`: no tries are left; the address stays pending until it expires, and needs a new code
 * - `gone`: nothing is pending under this transaction: confirmed before, replaced or expired
 * - `guess_budget`: too many wrong answers in a row; not evaluated
 * - `bad_pin`: the rules for PINs refuse it; not evaluated
 * - `registration_off`, `disputed`: as for {@link RequestRefusal}
 */
export type ConfirmRefusal =
  'wrong' | 'closed' | 'gone' | 'guess_budget' | 'bad_pin' | 'registration_off' | 'disputed'

/**
 * - `disputed`: the account's tokens are disabled
 * - `refused`: no such change, a wrong code, too late, or said before: nobody learns which
 */
export type Disputed = { disputed: true; account: Account } | { disputed: false }

/** An administrator's word for an address. */
export type Placed =
  | { placed: true; account: Account; addresses: AddressTraces }
  | {
      placed: false
      reason: 'bad_address' | 'kept_elsewhere' | 'limited' | 'unknown_user' | 'nothing_to_restore'
      message: string
      fault?: AddressFault
    }
