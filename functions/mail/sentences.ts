import type { Locale } from './locale.ts'
import { de } from './sentences-de.ts'
import { en } from './sentences-en.ts'
import { zhCN } from './sentences-zh-cn.ts'

/**
 * What a mail is for.
 *
 * - `authentication`: a code to sign in with
 * - `verification`: a code that proves a new address, or a token's
 * - `address_changed`: tells the mailbox codes went to that they go elsewhere now
 * - `token_enrolled`: tells a user of a new token; `token_auto_enrolled`: that they got it by signing in
 * - `pin_set`: tells a user that the PIN of a token was set or removed
 * - `test`: tries a mail server; carries no code
 */
export const MAIL_KINDS = [
  'authentication',
  'verification',
  'address_changed',
  'token_enrolled',
  'token_auto_enrolled',
  'pin_set',
  'test',
] as const
export type MailKind = (typeof MAIL_KINDS)[number]

/** The sentences of one mail, in the order they are read. `{tags}` are filled in by the renderer. */
export type Sentences = {
  subject: string
  heading: string
  /** The heading of the text part when the service has a name. */
  headingFor: string
  account: string
  body: string
  /** The same, where it is known which mailbox codes go to. */
  bodyTo?: string
  /** What to beware of. */
  warning: string
  /** The same, where somebody to turn to is named. */
  warningTo?: string
  /** The same, where it can be said on a page. */
  warningAt?: string
  /** Small print. */
  quiet: string
}

/** A new kind is a type error until it is written in every language. */
export type SentencesByKind = Record<MailKind, Sentences>

export const sentences: Record<Locale, SentencesByKind> = { en, de, 'zh-CN': zhCN }
