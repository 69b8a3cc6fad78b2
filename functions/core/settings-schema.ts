/** Every parameter: its name, what is accepted and its default. What each is for: the reference. */
import { addressMask, DEFAULT_MASK } from '../mail/mask-address.ts'
import { domainPatterns } from './address/domain-pattern.ts'
import { listedKey } from './api-key.ts'
import {
  boolean,
  choice,
  decimal,
  fixed,
  integer,
  line,
  listOf,
  text,
  tls,
} from './setting-kinds.ts'
import { EMAIL_OTP, factorNames, webAddress } from './setting-kinds-registration.ts'
import type { Kind } from './setting-kinds.ts'
import {
  certificates,
  mailbox,
  mailServer,
  networks,
  providerNames,
  realmName,
} from './setting-kinds-net.ts'

export type Parameter<T> = {
  kind: Kind<T>
  /** In force while the parameter is not set. */
  default: T
  /**
   * In force when its value is refused and no snapshot was ever valid. Given where the default is
   * the permissive end: a mistyped restriction must not open what it was meant to close.
   */
  strictest?: string
}

const parameter = <T>(kind: Kind<T>, fallback: NoInfer<T>, strictest?: string): Parameter<T> => ({
  kind,
  default: fallback,
  ...(strictest === undefined ? {} : { strictest }),
})

export const SCHEMA = {
  'mail.provider': parameter(choice(['ses', 'smtp']), 'ses'),
  'email.identifier': parameter(providerNames, []),
  'email.mailserver': parameter(mailServer, ''),
  'email.port': parameter(integer(1, 65_535), 25),
  'email.tls': parameter(tls, 'none', 'implicit'),
  'email.ca': parameter(certificates, ''),
  'email.client_certificate': parameter(certificates, ''),
  'email.username': parameter(line(320), ''),
  'email.authentication_required': parameter(boolean, true),
  'email.timeout': parameter(integer(1, 25, ' seconds'), 10),
  'email.mailfrom': parameter(mailbox, ''),
  'email.subject': parameter(line(200), ''),
  'email.text': parameter(text(4000), ''),
  'email.validtime': parameter(integer(10, 86_400, ' seconds'), 120),
  'email.concurrent_challenges': parameter(boolean, false),
  'email.resend_after': parameter(integer(0, 86_400, ' seconds'), 0),
  EmailBlockingTimeout: parameter(integer(0, 86_400, ' seconds'), 120),
  EMAIL_CHALLENGE_PROMPT: parameter(line(200), ''),
  'email.delivery_wait': parameter(decimal(0, 10, ' seconds'), 1.5),
  'mail.locale': parameter(choice(['en', 'de', 'zh-cn'], { zh: 'zh-cn' }), 'en'),
  'mail.service': parameter(line(80), ''),
  'mail.per_hour': parameter(integer(0, 1000), 5),
  'mail.per_day': parameter(integer(0, 1000), 10),
  'address.allowed_domains': parameter(domainPatterns, [], 'nobody.invalid'),
  'address.denied_domains': parameter(domainPatterns, [], '*'),
  'address.disposable': parameter(choice(['refuse', 'accept']), 'refuse'),
  'address.check_domain': parameter(choice(['mx', 'off']), 'mx'),
  'address.on_dns_failure': parameter(choice(['refuse', 'accept']), 'refuse'),
  'allowed.auth.factors': parameter(factorNames, [EMAIL_OTP], 'password'),
  'allowed.reg.factors': parameter(factorNames, [EMAIL_OTP], 'password'),
  'email.require_verified': parameter(boolean, false, 'true'),
  'registration.validtime': parameter(integer(60, 86_400, ' seconds'), 600),
  'registration.per_hour': parameter(integer(0, 100), 5),
  'selfservice.dispute_hours': parameter(integer(1, 720, ' hours'), 72),
  'selfservice.url': parameter(webAddress, ''),
  'selfservice.contact': parameter(line(200), ''),
  'mask.address': parameter(addressMask, DEFAULT_MASK, '****@****.**'),
  'otp.length': parameter(integer(4, 12), 6),
  'hotp.hashlib': parameter(choice(['sha1', 'sha256', 'sha512']), 'sha1'),
  'challenge.max_attempts': parameter(integer(1, 10), 5),
  'account.max_wrong_per_day': parameter(integer(1, 1000), 20),
  'account.max_consecutive_wrong': parameter(integer(1, 100), 100),
  'token.max_failcount': parameter(integer(1, 100), 10),
  failcounter_clear_timeout: parameter(integer(0, 525_600, ' minutes'), 0),
  'realm.default': parameter(realmName, 'default'),
  splitAtSign: parameter(boolean, true),
  PrependPin: parameter(boolean, true),
  IncFailCountOnFalsePin: parameter(
    fixed(false, 'would let anybody who knows a name lock its tokens'),
    false,
  ),
  no_auth_counter: parameter(
    fixed(true, 'would write a counter at every login that nothing reads'),
    true,
  ),
  ReturnSamlAttributes: parameter(boolean, true),
  ReturnSamlAttributesOnFail: parameter(boolean, false),
  allowSamlAttributes: parameter(boolean, false),
  profile: parameter(choice(['compat', 'hardened']), 'compat', 'hardened'),
  'validate.clients': parameter(networks, [], '127.0.0.1, ::1'),
  api_key_required: parameter(boolean, false, 'true'),
  api_keys: parameter(listOf(listedKey, `a comma list of ${listedKey.accepted}`), []),
  'selfservice.session_minutes': parameter(integer(5, 720, ' minutes'), 30),
  'selfservice.reauth_minutes': parameter(integer(1, 60, ' minutes'), 5),
  'selfservice.clients': parameter(networks, [], '127.0.0.1, ::1'),
  'log.level': parameter(choice(['info', 'warn', 'error']), 'info'),
  'audit.retention_days': parameter(integer(1, 3650, ' days'), 365),
  'delivery_log.retention_days': parameter(integer(1, 365, ' days'), 30),
} as const

export type ParameterName = keyof typeof SCHEMA
/** The type of a parameter's value. */
export type ValueOf<N extends ParameterName> =
  (typeof SCHEMA)[N] extends Parameter<infer T> ? T : never

/** Parameters kept as SecureString: settings hold their version, only who needs one may read it. */
export const SECRETS = ['email.password', 'email.client_key', 'signing.key'] as const
export type SecretName = (typeof SECRETS)[number]

/** `realms/<name>` declares a further realm; its value names the resolvers. */
export const REALMS = 'realms/'
export const DEFAULT_RESOLVERS: readonly string[] = Object.freeze(['directory'])

/**
 * `resolvers/<name>` declares a directory; its value is JSON with its type.
 * `resolvers/<name>.password` is that of who looks for users there.
 */
export const RESOLVERS = 'resolvers/'
const RESOLVER_SECRET = '.password'

/** The password of a resolver. */
export const resolverPasswordOf = (resolver: string) => RESOLVERS + resolver + RESOLVER_SECRET

/**
 * `providers/<name>` is a provider in JSON, `providers/<name>.password` its user's password and
 * `providers/<name>.client_key` the private key of its client certificate.
 */
export const PROVIDERS = 'providers/'
const PROVIDER_SECRETS = ['.password', '.client_key'] as const

/** The password of a provider. */
export const passwordOf = (provider: string) => `${PROVIDERS}${provider}${PROVIDER_SECRETS[0]}`
/** The private key of a provider. */
export const clientKeyOf = (provider: string) => `${PROVIDERS}${provider}${PROVIDER_SECRETS[1]}`

const PROVIDER_MANAGED = '.managed'

/** The hash of the password that a managed provider is changed with. */
export const managedOf = (provider: string) => PROVIDERS + provider + PROVIDER_MANAGED
/** The provider such a parameter belongs to; undefined: it is none. */
export const managedBy = (name: string): string | undefined =>
  name.startsWith(PROVIDERS) && name.endsWith(PROVIDER_MANAGED)
    ? name.slice(PROVIDERS.length, -PROVIDER_MANAGED.length)
    : undefined

/** `policies/<name>` is a policy in JSON. */
export const POLICIES = 'policies/'

/** The port where `email.port` is not set (RFC 5321, RFC 6409, RFC 8314). */
export const PORT_BY_TLS = { none: 25, starttls: 587, implicit: 465 } as const

export const isParameter = (name: string): name is ParameterName => Object.hasOwn(SCHEMA, name)
export const isNamedSecret = (name: string): name is SecretName =>
  (SECRETS as readonly string[]).includes(name)
const isProviderSecret = (name: string) =>
  name.startsWith(PROVIDERS) && PROVIDER_SECRETS.some((ending) => name.endsWith(ending))
const isResolverSecret = (name: string) =>
  name.startsWith(RESOLVERS) && name.endsWith(RESOLVER_SECRET)
/** Whether a parameter is to be kept as SecureString. */
export const isSecret = (name: string): boolean =>
  isNamedSecret(name) || isProviderSecret(name) || isResolverSecret(name)
