/** The refusals of registration in words for people. */
import type { Confirmed, ConfirmRefusal, Requested, RequestRefusal } from '../registration.ts'
import { DISPUTED } from './former-addresses.ts'

const REQUEST: Readonly<Record<RequestRefusal, string>> = {
  registration_off: 'Registration of e-mail addresses is switched off.',
  bad_address: 'This is not an e-mail address that can be registered.',
  same_address: 'This address is registered and confirmed already.',
  kept_elsewhere: 'The user directory has another address. It is changed there.',
  limited: 'The address was changed or asked for too often. Try again later.',
  mail_limit: 'Too many mails went to this address. Try again later.',
  guess_budget: 'There were too many wrong answers. Try again later.',
  disputed: DISPUTED,
  mail_failed: 'The code could not be sent.',
  unknown_user: 'There is no such user.',
}

const CONFIRM: Readonly<Record<ConfirmRefusal, string>> = {
  wrong: 'The code is wrong.',
  closed: 'The code can no longer be entered. Ask for a new one.',
  gone: 'No address is waiting for this code. Ask for a new one.',
  guess_budget: REQUEST.guess_budget,
  bad_pin: 'The PIN will not do.',
  registration_off: REQUEST.registration_off,
  disputed: REQUEST.disputed,
}

export const refusedRequest = (
  reason: RequestRefusal,
  message = REQUEST[reason],
): Extract<Requested, { requested: false }> => ({ requested: false, reason, message })

export const refusedConfirm = (reason: ConfirmRefusal, message = CONFIRM[reason]): Confirmed => ({
  confirmed: false,
  reason,
  message,
})
