/** What a person is asked for the code with, where policies say. */
import type { Account, Token } from '../../core/account.ts'
import { addressOf } from '../../core/budget.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { LoginPolicy } from '../../core/login-policy.ts'
import { maskAddress } from '../../mail/mask-address.ts'
import { fillIn, personTags, policyTags, type Tags } from '../../mail/tags.ts'

type LoginRules = LoginPolicy['login']

/** The text for one challenge. Its tags know everything about the person and nothing of the code. */
export function challengeText(
  { challengeText: { value: template } }: LoginRules,
  prompt: string,
  account: Account,
  challenge: Challenge,
): string {
  if (template === undefined) return prompt
  return withoutUnknown(template, tagsOf(account, account.tokens[challenge.serial]!, challenge))
}

function tagsOf(account: Account, token: Token, { createdAt, clientIp, text }: Challenge): Tags {
  const email = addressOf(account, token) ?? ''
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
  return new Map([...tags, ['email', email], ['email_redacted', email && maskAddress(email)]])
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
