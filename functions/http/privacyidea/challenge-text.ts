/** What a person is asked for the code with, where policies say. */
import type { Account, Token } from '../../core/account.ts'
import { addressOf } from '../../core/budget.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { LoginPolicy } from '../../core/login-policy.ts'
import type { Settings } from '../../core/settings.ts'
import { maskAddress } from '../../mail/mask-address.ts'
import { fillIn, personTags, policyTags, type Tags } from '../../mail/tags.ts'

type LoginRules = LoginPolicy['login']

/** The text for one challenge. Its tags know everything about the person and nothing of the code. */
export function challengeText(
  { challengeText: { value: template } }: LoginRules,
  { prompt, settings }: { prompt: string; settings: Settings },
  account: Account,
  challenge: Challenge,
): string {
  if (template === undefined) return prompt
  const token = account.tokens[challenge.serial]!
  return withoutUnknown(template, tagsOf(account, token, challenge, settings))
}

function tagsOf(account: Account, token: Token, challenge: Challenge, settings: Settings): Tags {
  const { createdAt, clientIp, text, dynamicAddress } = challenge
  const email = addressOf(account, token, dynamicAddress) ?? ''
  const values = {
    at: new Date(createdAt),
    serial: token.serial,
    username: account.login,
    userrealm: account.realm,
    givenname: account.givenname,
    surname: account.surname,
    clientIp,
    description: token.description,
    challenge: text,
  }
  const tags = [...personTags(values), ...policyTags(values)]
  const masked = email && maskAddress(email, settings['mask.address'])
  const told = settings.profile === 'hardened' ? masked : email
  return new Map([...tags, ['email', told], ['email_redacted', masked]])
}

/** A tag that means nothing here is left out, as the reference does. */
function withoutUnknown(template: string, tags: Tags): string {
  const { unknown } = fillIn(template, tags)
  return fillIn(template, new Map([...tags, ...unknown.map((tag) => [tag, ''] as const)])).text
}

const LIST = /<(?:ul|ol)>\s*$/i

/** The texts of all challenges between header and footer; as list items where the header opens a list. */
export function joinedTexts(
  { challengeTextHeader, challengeTextFooter }: LoginRules,
  texts: string[],
): string {
  const [header, footer] = [challengeTextHeader.value, challengeTextFooter.value]
  const distinct = [...new Set(texts)]
  const joined =
    header !== undefined && LIST.test(header)
      ? distinct.map((text) => `<li>${text}</li>`).join('\n')
      : distinct.join(', ')
  return [header, joined, footer].filter((part) => part !== undefined).join('\n')
}
