import type { MailTemplate } from '../../../functions/core/template.ts'
import { LOCALES, type Locale, chooseLocale } from '../../../functions/mail/locale.ts'
import { renderMail, renderTemplate } from '../../../functions/mail/render.ts'
import { MAIL_KINDS, type MailKind } from '../../../functions/mail/sentences.ts'
import { SAMPLE_VALUES, sampleTags } from '../../../functions/mail/tag-reference.ts'
import { UsageError } from '../errors.ts'

export type Preview = { subject: string; text: string; html?: string }

/** A template with the values of a sample person; its images are in the HTML itself, to be looked at. */
export function previewTemplate(template: MailTemplate, locale: Locale): Preview {
  const subject =
    template.subject ?? renderMail('authentication', SAMPLE_VALUES, { locale }).subject
  const { html, ...rest } = renderTemplate({ ...template, subject }, sampleTags(locale))
  const written = { subject: rest.subject, text: rest.text }
  return html === undefined ? written : { ...written, html: withImages(html, template) }
}

function withImages(html: string, { inline }: MailTemplate): string {
  return inline.reduce(
    (page, { cid, type, base64 }) => page.replaceAll(`cid:${cid}`, `data:${type};base64,${base64}`),
    html,
  )
}

/** One of our own mails with the values of a sample person. */
export function previewMail(kind: MailKind, locale: Locale): Preview {
  const values = { ...SAMPLE_VALUES, newEmail: 'al********@n****.example' }
  const { subject, text, html } = renderMail(kind, values, { locale })
  return html === undefined ? { subject, text } : { subject, text, html }
}

/** Throws UsageError for a word that is no kind of mail. */
export function readKind(word: string): MailKind {
  const kind = MAIL_KINDS.find((one) => one === word)
  if (kind) return kind
  throw new UsageError(`There is no mail of the kind ${word}. There is: ${MAIL_KINDS.join(', ')}.`)
}

/** Throws UsageError for a language that our mails are not written in. */
export function readLocale(word: string | undefined): Locale {
  if (word === undefined) return 'en'
  const locale = chooseLocale(word)
  const meant = word.slice(0, 2).toLowerCase() === locale.slice(0, 2)
  if (meant) return locale
  throw new UsageError(`--locale takes one of ${LOCALES.join(', ')}.`)
}
