import type { MailTemplate } from '../core/template.ts'
import { htmlFrame } from './html-frame.ts'
import type { Locale } from './locale.ts'
import { type MailKind, sentences } from './sentences.ts'

/** What decides which sentences a mail has. */
export type Known = {
  app?: string | undefined
  username?: string | undefined
  contact?: string | undefined
  link?: string | undefined
  newEmail?: string | undefined
}

const WITH_CODE: readonly MailKind[] = ['authentication', 'verification']

/** Our own mail: the code first, then how long it lives and what to beware of. */
export function defaultTemplate(
  kind: MailKind,
  locale: Locale,
  known: Known,
): Required<Pick<MailTemplate, 'subject' | 'text' | 'html'>> {
  const words = sentences[locale][kind]
  const account = known.username ? words.account : undefined
  const code = WITH_CODE.includes(kind) ? '{otp}' : undefined
  const warning =
    (known.link && words.warningAt) || (known.contact && words.warningTo) || words.warning
  const { subject, heading, quiet } = words
  const body = (known.newEmail && words.bodyTo) || words.body

  const text = [
    known.app ? words.headingFor : heading,
    code,
    lines(account, body),
    warning,
    quiet,
  ].filter((paragraph) => paragraph !== undefined)
  return {
    subject,
    text: text.join('\n\n') + '\n',
    html: htmlFrame({
      locale,
      brand: known.app ? '{app}' : undefined,
      heading,
      account,
      code,
      body,
      warning,
      urgent: words.warningTo !== undefined,
      quiet,
    }),
  }
}

function lines(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n')
}
