import { defaultTemplate, type MailTemplate } from './default-template.ts'
import type { Locale } from './locale.ts'
import { oneLine } from './one-line.ts'
import { fillIn, hasTag, tagsOf, type MailValues } from './tags.ts'

/** What an administrator may set (`email.subject`, `email.text`); what is unset is ours. */
export type CustomMail = { subject?: string; text?: string }

export type RenderedMail = {
  subject: string
  text: string
  html?: string
  /** Tags that mean nothing; they are in the mail as they were written. */
  unknown: string[]
}

export const MAX_SUBJECT = 200

/**
 * Writes a mail. A custom text is sent as it is, as text/plain only; if it does not name the code,
 * the code follows on a line of its own.
 */
export function renderMail(
  custom: CustomMail,
  values: MailValues,
  options: { locale: Locale },
): RenderedMail {
  const template = customised(defaultTemplate(options.locale, values), custom)
  const tags = tagsOf(values, options.locale)

  const subject = fillIn(template.subject, tags)
  const text = fillIn(template.text, tags)
  const html = template.html && fillIn(template.html, tags, escapeHtml).text
  return {
    subject: oneLine(subject.text, MAX_SUBJECT),
    text: text.text,
    ...(html && { html }),
    unknown: [...new Set([...subject.unknown, ...text.unknown])],
  }
}

function customised(ours: MailTemplate, custom: CustomMail): MailTemplate {
  const subject = custom.subject || ours.subject
  if (custom.text === undefined) return { ...ours, subject }
  return { subject, text: withCode(custom.text) }
}

/** The text, with the code behind it if it does not name it. */
export function withCode(text: string): string {
  if (hasTag(text, 'otp')) return text
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  return `${text}${separator}{otp}`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
