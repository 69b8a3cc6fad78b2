import { htmlFrame } from './html-frame.ts'
import type { Locale } from './locale.ts'
import { sentences, type MailPurpose } from './sentences.ts'
import type { MailValues } from './tags.ts'

/** A whole mail, with `{tags}`. The HTML is in the one `{tag}` form only. */
export type MailTemplate = { subject: string; text: string; html?: string }

/** Our own mail: the code first, then what it is for, how long it lives and what to beware of. */
export function defaultTemplate(
  locale: Locale,
  values: Pick<MailValues, 'app' | 'username'>,
  purpose: MailPurpose = 'authentication',
): MailTemplate {
  const words = sentences[locale][purpose]
  const heading = values.app ? words.headingFor : words.heading
  const account = values.username ? words.account : undefined

  const paragraphs = [heading, '{otp}', lines(account, words.validity), words.secrecy, words.notYou]
  return {
    subject: words.subject,
    text: paragraphs.join('\n\n') + '\n',
    html: htmlFrame({ ...words, locale, heading, account }),
  }
}

function lines(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n')
}
