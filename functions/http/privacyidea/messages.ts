/** What clients show to people, in the language their browser or device asks for. */
import type { RejectReason } from '../../core/outcome.ts'
import { chooseLocale, type Locale } from '../../mail/locale.ts'
import { de } from './messages-de.ts'
import { en, type Messages } from './messages-en.ts'
import { zhCN } from './messages-zh-cn.ts'

export type { Messages } from './messages-en.ts'

const MESSAGES: Record<Locale, Messages> = { en, de, 'zh-CN': zhCN }

/** The sentences for an `Accept-Language`; English where there are none. */
export const messagesFor = (acceptLanguage: string | undefined): Messages =>
  acceptLanguage === undefined ? en : MESSAGES[chooseLocale(acceptLanguage)]

/** A sentence with its `{values}`. */
export const filled = (sentence: string, values: Record<string, string | number>): string =>
  sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))

/** What a rejected login is told. Several reasons share a sentence: a guesser must not tell them apart. */
const REJECTED: Partial<Record<RejectReason, keyof Messages>> = {
  no_token: 'noToken',
  no_suitable_token: 'noSuitableToken',
  factor_off: 'noSuitableToken',
  address_unverified: 'noSuitableToken',
  disabled: 'disabled',
  locked: 'locked',
  not_enrolled: 'notEnrolled',
  not_valid_now: 'notValidNow',
  wrong_pin: 'wrongPin',
  pin_delayed: 'wrongPin',
  unknown: 'wrongPin',
  other_application: 'wrongPin',
  used: 'wrongPin',
  replayed: 'wrongPin',
  wrong_otp: 'wrongOtp',
  previous_otp: 'previousOtp',
  wrong: 'noMatch',
  altered: 'noMatch',
  closed: 'noMatch',
  guess_budget: 'locked',
  mail_failed: 'notSent',
  mail_limit: 'notSent',
  no_address: 'notSent',
  undeliverable: 'notSent',
  unusable: 'notSent',
  new_pin_differs: 'newPinDiffers',
}

export const rejectedMessage = (messages: Messages, reason: RejectReason): string =>
  messages[REJECTED[reason] ?? 'hidden']
