import type { MailTemplate } from '../core/template.ts'
import { defaultTemplate } from './default-template.ts'
import type { Locale } from './locale.ts'
import { oneLine } from './one-line.ts'
import type { MailKind } from './sentences.ts'
import {
  fillIn,
  fillInHtml,
  hasTag,
  type MailValues,
  type NoticeValues,
  noticeTags,
  type Tags,
  tagsOf,
} from './tags.ts'

/** What the mail of each kind needs to be told. */
export type KindValues = {
  authentication: MailValues
  verification: MailValues
  address_changed: NoticeValues & {
    /** Where codes go now, masked: whoever reads this mailbox need not be the same person. */
    newEmail: string
    /** Whom to tell that it was somebody else. */
    contact?: string
    /** Where to say so, until when, and the code for it. */
    link?: string
    until?: Date
    disputeCode?: string
  }
  token_enrolled: TokenNoticeValues
  token_auto_enrolled: TokenNoticeValues
  pin_set: TokenNoticeValues
  test: NoticeValues
}

/** What a notice of what was done to tokens needs to be told; `serial` may name several. */
export type TokenNoticeValues = NoticeValues & {
  /** Where the token's codes go, masked. */
  newEmail?: string
  /** Whom to tell that nobody of theirs has done it. */
  contact?: string
}

/** What an administrator may set (`email.subject`, `email.text`); what is unset is ours. */
export type CustomMail = { subject?: string; text?: string }

export type RenderedMail = {
  subject: string
  text: string
  html?: string
  /** Tags that mean nothing; they are in the mail as they were written. */
  unknown: string[]
}

export type RenderOptions = {
  locale: Locale
  /** @default {} */
  custom?: CustomMail
}

export const MAX_SUBJECT = 200

/**
 * Writes a mail of ours. A custom text is sent as it is, as text/plain only; if it does not name the
 * code, the code follows on a line of its own.
 */
export function renderMail<Kind extends MailKind>(
  kind: Kind,
  values: KindValues[Kind],
  { locale, custom = {} }: RenderOptions,
): RenderedMail {
  const ours = defaultTemplate(kind, locale, values)
  const subject = custom.subject || ours.subject
  const { text } = custom
  const template = text === undefined ? { ...ours, subject } : { subject, text: withCode(text) }
  return renderTemplate(template, kindTags(values, locale))
}

/** Puts the values into a mail: each once, as text in the HTML, as one line in the subject. */
export function renderTemplate(
  template: Pick<MailTemplate, 'text' | 'html'> & { subject: string },
  tags: Tags,
): RenderedMail {
  const subject = fillIn(template.subject, tags)
  const text = fillIn(template.text, tags)
  const html = template.html === undefined ? undefined : fillInHtml(template.html, tags)
  return {
    subject: oneLine(subject.text, MAX_SUBJECT),
    text: text.text,
    ...(html && { html: html.text }),
    unknown: [...new Set([subject, text, html].flatMap((part) => part?.unknown ?? []))],
  }
}

function kindTags(values: KindValues[MailKind], locale: Locale): Tags {
  const tags = 'otp' in values ? tagsOf(values, locale) : noticeTags(values)
  if (!('newEmail' in values || 'contact' in values)) return tags
  const { newEmail, contact, link, until, disputeCode }: Partial<KindValues['address_changed']> =
    values
  const more = {
    new_email: newEmail ?? '',
    contact: contact ?? '',
    link: link ?? '',
    until: until?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
    dispute_code: disputeCode ?? '',
  }
  return new Map([
    ...tags,
    ...Object.entries(more).map(([tag, one]) => [tag, oneLine(one, 254)] as const),
  ])
}

/** The text, with the code behind it if it does not name it. */
export function withCode(text: string): string {
  if (hasTag(text, 'otp')) return text
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  return `${text}${separator}{otp}`
}
