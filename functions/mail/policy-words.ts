import type { Message, Unwritable } from '../core/deliver-otp.ts'
import { personOf } from '../core/login-policy.ts'
import { loginRules } from '../core/policy/login-rules.ts'
import type { Ruling } from '../core/policy/rule.ts'
import type { Settings } from '../core/settings.ts'
import { oneLine } from './one-line.ts'
import { renderPolicyText } from './policy-text.ts'
import { MAX_SUBJECT, withCode } from './render.ts'
import type { Tags } from './tags.ts'

/** What policies set for a mail, each filled in or not to be written. */
export type PolicyWords = {
  text?: string | Unwritable
  subject?: string | Unwritable
  /** Those that set any of it. */
  policies: readonly string[]
}

const NONE: PolicyWords = Object.freeze({ policies: [] })

/** The words of the policies for this login, judged from where the code was asked for. */
export function policyWords(
  { account, challenge }: Message,
  settings: Settings,
  tags: () => Tags,
): PolicyWords {
  if (settings.policies.length === 0) return NONE
  const { emailText, emailSubject } = loginRules(settings.policies, {
    ...personOf(account, settings),
    client: challenge.clientIp ?? '',
    userAgent: challenge.userAgent,
    application: challenge.application,
    now: challenge.createdAt,
  })
  const text = words(emailText, (template) => renderPolicyText(withCode(template), tags()))
  const subject = words(emailSubject, (template) => renderPolicyText(template, tags()))
  const policies = [emailText, emailSubject].flatMap((one) =>
    'conflict' in one ? one.conflict.policies : one.policies,
  )
  return {
    ...(text === undefined ? {} : { text }),
    ...(subject === undefined
      ? {}
      : { subject: typeof subject === 'string' ? oneLine(subject, MAX_SUBJECT) : subject }),
    policies: [...new Set(policies)],
  }
}

function words(
  ruling: Ruling<string | undefined>,
  render: (template: string) => { text: string } | { refused: string },
): string | Unwritable | undefined {
  if ('conflict' in ruling) {
    const { action, policies } = ruling.conflict
    return { unwritable: `${policies.join(' and ')} contradict each other about ${action}` }
  }
  if (ruling.value === undefined) return undefined
  const rendered = render(ruling.value)
  return 'text' in rendered
    ? rendered.text
    : { unwritable: `the text of ${ruling.policies.join(', ')} ${rendered.refused}` }
}
