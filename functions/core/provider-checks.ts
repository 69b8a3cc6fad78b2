/** What no provider can be judged for alone. */
import { readAction } from './policy/action-value.ts'
import { AUTHENTICATION, NOTIFICATION } from './policy/actions.ts'
import type { Policy } from './policy/policy.ts'
import type { StoredProvider } from './provider.ts'
import type { Kind } from './setting-kinds.ts'
import { providerNames } from './setting-kinds-net.ts'
import type { Problem } from './settings-problems.ts'
import { clientKeyOf, passwordOf, PORT_BY_TLS, PROVIDERS } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** Gaps and contradictions of providers, their secrets, and of who names them. */
export function checkProviders(settings: Settings): Problem[] {
  const { providers, policies } = settings
  const named = settings['email.identifier'].filter((name) => !providers.has(name))
  return [
    ...named.map((name) => unknownProvider('email.identifier', name)),
    ...policies.flatMap((policy) => unknownInPolicy(policy, settings)),
    ...[...providers].flatMap(([name, provider]) => checkProvider(name, provider)),
  ]
}

/** The providers that a policy has mail sent by. */
export function providersOf({ scope, action }: Policy): readonly string[] {
  const readings =
    scope === 'notification'
      ? Object.entries(NOTIFICATION).flatMap(([name, kind]) => readingOf(kind, action[name]))
      : scope === 'authentication'
        ? readingOf(AUTHENTICATION.email_provider, action.email_provider)
        : []
  return readings.flatMap((reading) => ('value' in reading ? reading.value : []))
}

const readingOf = <T>(kind: Kind<T>, value: string | true | undefined) =>
  value === undefined ? [] : [readAction(kind, value)]

/** A domain of RFC 2606 §3 belongs to nobody, and LinOTP's default sender is in one. */
export const isPlaceholder = (sender: string): boolean => /@example\.(com|net|org)$/i.test(sender)

export const PLACEHOLDER =
  'is a placeholder: its domain belongs to nobody, and mail servers will refuse it'

function unknownInPolicy(policy: Policy, { providers }: Settings): Problem[] {
  if (!policy.active) return []
  const missing = providersOf(policy).filter((name) => !providers.has(name))
  return missing.map((name) => unknownProvider(`policies/${policy.name}`, name))
}

const unknownProvider = (by: string, name: string): Problem =>
  gap(
    by,
    `names the provider ${name}, which does not exist: no mail goes out by it`,
    `${providerNames.accepted}; one is declared by a parameter ${PROVIDERS}<name>`,
  )

function checkProvider(name: string, provider: StoredProvider): Problem[] {
  const { sender } = provider
  const own = isPlaceholder(sender)
    ? [gap(PROVIDERS + name, `has a sender that ${PLACEHOLDER}`)]
    : []
  if (provider.kind !== 'smtp') return own
  const { anonymous, password, clientCertificate, clientKey, tls, port } = provider
  const username = anonymous ? '' : provider.username
  if (username !== '' && password === undefined) own.push(missing(passwordOf(name), 'username'))
  if (clientCertificate !== '' && clientKey === undefined) {
    own.push(missing(clientKeyOf(name), 'client_certificate'))
  }
  if (username !== '' && tls === 'none') {
    const { starttls, implicit } = PORT_BY_TLS
    own.push(
      gap(
        PROVIDERS + name,
        `has no tls, so the password crosses the network in clear to port ${port}`,
        `starttls (port ${starttls}) or implicit (port ${implicit})`,
      ),
    )
  }
  const other = username.includes('@') && sender !== '' && !sameText(username, sender)
  if (other) own.push(gap(PROVIDERS + name, `has another sender than username; ${REFUSED}`))
  return own
}

const REFUSED = 'mail servers may refuse it'
const sameText = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

const gap = (
  name: string,
  reason: string,
  accepted = 'an address that the mail server lets its user send from',
): Problem => ({ name, reason, accepted, severity: 'warning' })

const missing = (name: string, member: string): Problem => ({
  name,
  reason: `is missing, but the provider has a ${member}`,
  accepted: `both the ${member} and this SecureString, or neither`,
  severity: 'error',
})
