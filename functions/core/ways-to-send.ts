import { chooseProviders, noticeProviders } from './choose-providers.ts'
import type { Message } from './deliver-otp.ts'
import { personOf } from './login-policy.ts'
import type { LoginContext } from './policy/login-context.ts'
import type { Way } from './send-by-providers.ts'
import type { Settings } from './settings.ts'

/**
 * The providers to try for a message, in order, or why there are none. Whoever failed last comes
 * last: its `unknown` may mean that it has sent the mail, and a second one should rather come by
 * another.
 */
export function waysToSend(settings: Settings, message: Message): Way[] | { refused: string } {
  const { token, challenge, notice } = message
  const choice = notice
    ? noticeProviders(settings, notice.providers)
    : chooseProviders(settings, contextOf(settings, message), token)
  if (choice.conflict) {
    const { action, policies } = choice.conflict
    return { refused: `${policies.join(' and ')} contradict each other about ${action}` }
  }
  if (choice.because === 'flat') return [flatWay(settings)]
  const ways = choice.names.map((name) => namedWay(settings, name))
  const isLast = ({ name }: Way) => name === challenge.provider
  return [...ways.filter((way) => !isLast(way)), ...ways.filter(isLast)]
}

/** The login as it was when the code was asked for. */
const contextOf = (settings: Settings, { account, challenge }: Message): LoginContext => ({
  ...personOf(account, settings),
  client: challenge.clientIp ?? '',
  userAgent: challenge.userAgent,
  application: challenge.application,
  now: challenge.createdAt,
})

function namedWay({ providers }: Settings, name: string): Way {
  const stored = providers.get(name)
  if (!stored) return { name, missing: 'There is no provider of that name.', settings: '' }
  return { name, provider: { name, ...stored }, settings: JSON.stringify(stored) }
}

/** What describes the only provider there is while none has a name. */
const FLAT = [
  'mail.provider',
  'email.mailserver',
  'email.port',
  'email.tls',
  'email.ca',
  'email.client_certificate',
  'email.client_key',
  'email.username',
  'email.authentication_required',
  'email.password',
  'email.timeout',
  'email.mailfrom',
] as const

const flatWay = (settings: Settings): Way => ({
  name: settings['mail.provider'],
  settings: JSON.stringify(FLAT.map((name) => settings[name])),
})
