import type { Message, Unwritable } from '../core/deliver-otp.ts'
import { personOf } from '../core/login-policy.ts'
import { loginRules } from '../core/policy/login-rules.ts'
import type { Ruling } from '../core/policy/rule.ts'
import type { Mail } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
import { chooseLocale } from './locale.ts'
import { oneLine } from './one-line.ts'
import { renderPolicyText } from './policy-text.ts'
import { MAX_SUBJECT, renderMail, type RenderedMail, withCode } from './render.ts'
import { type MailValues, policyTags, type Tags, tagsOf } from './tags.ts'

/** The mail that carries a code, as policies and settings want it and in the person's language. */
export function otpMail(message: Message, settings: Settings): Mail | Unwritable {
  const { to, challenge, now } = message
  const locale = chooseLocale(challenge.language)
  const values = valuesOf(message)
  const custom = {
    subject: settings['email.subject'],
    ...(settings['email.text'] === '' ? {} : { text: settings['email.text'] }),
  }
  const usual = renderMail(custom, values, { locale })
  const tags = () => new Map([...tagsOf(values, locale), ...policyTags(values)])
  const written = byPolicies(message, settings, usual, tags)
  if ('unwritable' in written) return written
  return { from: settings['email.mailfrom'], to, ...written, date: new Date(now) }
}

const valuesOf = ({ otp, account, token, challenge }: Message): MailValues => ({
  otp,
  validSeconds: Math.max(0, Math.round((challenge.expiresAt - challenge.createdAt) / 1000)),
  at: new Date(challenge.createdAt),
  serial: token.serial,
  username: account.login,
  userrealm: account.realm,
  givenname: account.givenname,
  surname: account.surname,
  description: token.description,
  clientIp: challenge.clientIp,
  challenge: challenge.text,
})

type Written = Pick<Mail, 'subject' | 'text' | 'html'>

/** The mail with what policies set for this login, judged from where the code was asked for. */
function byPolicies(
  { account, challenge }: Message,
  settings: Settings,
  { subject, text, html }: RenderedMail,
  tagsOfPolicies: () => Tags,
): Written | Unwritable {
  const usual: Written = { subject, text, ...(html === undefined ? {} : { html }) }
  if (settings.policies.length === 0) return usual
  const { emailText, emailSubject } = loginRules(settings.policies, {
    ...personOf(account, settings),
    client: challenge.clientIp ?? '',
    userAgent: challenge.userAgent,
    now: challenge.createdAt,
  })
  const tags = tagsOfPolicies()
  const ruledText = ruled(emailText, (template) => renderPolicyText(withCode(template), tags))
  if ('unwritable' in ruledText) return ruledText
  const ruledSubject = ruled(emailSubject, (template) => renderPolicyText(template, tags))
  if ('unwritable' in ruledSubject) return ruledSubject
  const written = ruledText.text === undefined ? usual : { subject, text: ruledText.text }
  if (ruledSubject.text === undefined) return written
  return { ...written, subject: oneLine(ruledSubject.text, MAX_SUBJECT) }
}

function ruled(
  ruling: Ruling<string | undefined>,
  render: (template: string) => { text: string } | { refused: string },
): { text: string | undefined } | Unwritable {
  if ('conflict' in ruling) {
    const { action, policies } = ruling.conflict
    return { unwritable: `${policies.join(' and ')} contradict each other about ${action}` }
  }
  if (ruling.value === undefined) return { text: undefined }
  const rendered = render(ruling.value)
  return 'text' in rendered
    ? rendered
    : { unwritable: `the text of ${ruling.policies.join(', ')} ${rendered.refused}` }
}
