import type { Challenge } from '../core/challenge.ts'
import type { DeliverPorts, Message, Unwritable } from '../core/deliver-otp.ts'
import type { Log, Mail } from '../core/ports.ts'
import type { Provider } from '../core/provider.ts'
import { isTokenSerial } from '../core/registration/code-serials.ts'
import type { Settings } from '../core/settings.ts'
import { templateName, type MailTemplate, type TemplateStore, variantOf } from '../core/template.ts'
import type { Locale } from './locale.ts'
import { noticeMail } from './notice-mail.ts'
import { oneLine } from './one-line.ts'
import { kindOf, localeOf, valuesOf } from './otp-values.ts'
import { type PolicyWords, policyWords } from './policy-words.ts'
import { type RenderedMail, renderMail, renderTemplate } from './render.ts'
import { fillIn, type MailValues, policyTags, tagsOf, templateTags } from './tags.ts'
import { tokenNoticeMail } from './token-notice-mail.ts'

export type OtpMailPorts = {
  templates: Pick<TemplateStore, 'get'>
  log: Log
}

/**
 * Writes the mail that carries a code, in the person's language. Text: of the provider's template,
 * else of the policies, the settings, or ours. Subject: of the template, else of the policies (of
 * the provider first, where there is a template), the provider, the settings, or ours.
 */
export function otpMail({ templates, log }: OtpMailPorts): DeliverPorts['compose'] {
  const reported = new WeakSet<Challenge>()

  return async (message, settings, provider) => {
    const { to, challenge, now, former, notice } = message
    // mails about an address must not look like one to sign in with: templates and policies are silent
    if (!isTokenSerial(challenge.serial)) {
      const { unknown: _tags, ...content } = former
        ? noticeMail(message, former, settings)
        : notice
          ? tokenNoticeMail(message, notice, settings)
          : renderMail('verification', valuesOf(message, settings), {
              locale: localeOf(message, settings),
            })
      const from = provider?.sender || settings['email.mailfrom']
      return { from, ...named(provider), to, ...content, date: new Date(now) }
    }
    const asked = startOf(message, settings, provider)
    const template = await find(templates, log, provider, asked.locale)
    const written = template ? byTemplate(template, asked, log) : byWords(asked)
    if ('unwritable' in written) return written
    const { unknown, ...content } = written
    if (unknown.length > 0 && !reported.has(challenge)) {
      reported.add(challenge)
      const { transactionId: transaction_id, serial } = challenge
      log('warn', 'the mail names unknown tags', {
        transaction_id,
        serial,
        tags: unknown.slice(0, MOST_NAMED),
      })
    }
    return { from: asked.from, ...named(provider), to, ...content, date: new Date(now) }
  }
}

const MOST_NAMED = 10
const MAX_NAME = 100

/** All that is known before the first word is chosen. */
type Start = {
  message: Message
  values: MailValues
  locale: Locale
  from: string
  usual: RenderedMail
  policies: PolicyWords
  /** The provider's subject, filled in; undefined: it has none. */
  subject: string | undefined
}

function startOf(message: Message, settings: Settings, provider: Provider | undefined): Start {
  const locale = localeOf(message, settings)
  const values = valuesOf(message, settings)
  const kind = kindOf(message)
  // a mail that proves an address must not look like one to sign in with
  const custom = kind === 'authentication' ? customOf(settings) : {}
  const tags = tagsOf(values, locale)
  return {
    message,
    values,
    locale,
    from: provider?.sender || settings['email.mailfrom'],
    usual: renderMail(kind, values, { locale, custom }),
    policies: policyWords(message, settings, () => new Map([...tags, ...policyTags(values)])),
    subject: provider?.subject ? fillIn(provider.subject, tags).text : undefined,
  }
}

const customOf = (settings: Settings) => ({
  subject: settings['email.subject'],
  ...(settings['email.text'] === '' ? {} : { text: settings['email.text'] }),
})

type Written = Pick<Mail, 'subject' | 'text' | 'html' | 'fromName' | 'inline'> & {
  unknown: string[]
}

function byWords({ usual, policies, subject }: Start): Written | Unwritable {
  const { text = undefined, subject: ruled = subject ?? usual.subject } = policies
  for (const one of [text, ruled]) if (typeof one === 'object') return one
  const { text: ours, html, unknown } = usual
  if (text !== undefined) return { subject: ruled as string, text: text as string, unknown: [] }
  return { subject: ruled as string, text: ours, ...(html === undefined ? {} : { html }), unknown }
}

/** The mail an administrator wrote. What policies say of it is not heard, but for a subject it lacks. */
function byTemplate(template: MailTemplate, asked: Start, log: Log): Written {
  const { message, values, locale, policies, usual } = asked
  if (policies.policies.length > 0) {
    log('warn', 'the provider has a template: emailtext and emailsubject are ignored', {
      transaction_id: message.challenge.transactionId,
      policies: policies.policies,
    })
  }
  const written = (words: PolicyWords['text']) => (typeof words === 'string' ? words : undefined)
  const subject = asked.subject ?? written(policies.subject) ?? usual.subject
  const tags = templateTags(
    {
      ...values,
      message: written(policies.text) ?? (usual.html === undefined ? usual.text : values.otp),
      envelope: { subject, from: asked.from, to: message.to },
    },
    locale,
  )
  const rendered = renderTemplate({ ...template, subject: template.subject ?? subject }, tags)
  const name = template.fromName && oneLine(fillIn(template.fromName, tags).text, MAX_NAME)
  return {
    ...rendered,
    ...(name ? { fromName: name } : {}),
    ...(template.inline.length > 0 ? { inline: template.inline.map(decoded) } : {}),
  }
}

const decoded = ({ cid, type, base64 }: MailTemplate['inline'][number]) => ({
  cid,
  type,
  content: Buffer.from(base64, 'base64'),
})

const named = (provider: Provider | undefined) =>
  provider?.senderName ? { fromName: provider.senderName } : {}

/** The provider's template for a language, or the one for all; a missing one must not stop logins. */
async function find(
  templates: OtpMailPorts['templates'],
  log: Log,
  provider: Provider | undefined,
  locale: Locale,
): Promise<MailTemplate | undefined> {
  if (!provider?.template) return undefined
  const name = templateName.read(provider.template)
  if ('value' in name) {
    const names = [variantOf(name.value, locale), name.value]
    const [own, common] = await Promise.all(names.map((one) => templates.get(one)))
    if (own ?? common) return own ?? common
  }
  log('error', 'there is no such template; the usual mail goes out', {
    template: provider.template,
  })
  return undefined
}
