/** Every parameter: its name, what is accepted and its default. What each is for: the reference. */
import { boolean, choice, decimal, integer, line, text } from './setting-kinds.ts'
import type { Kind } from './setting-kinds.ts'
import { certificates, mailbox, mailServer, networks, realmName } from './setting-kinds-net.ts'

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

const tls = choice(['none', 'starttls', 'implicit'], {
  false: 'none',
  no: 'none',
  0: 'none',
  true: 'starttls',
  yes: 'starttls',
  1: 'starttls',
  ssl: 'implicit',
})

export const SCHEMA = {
  'mail.provider': parameter(choice(['ses', 'smtp']), 'ses'),
  'email.mailserver': parameter(mailServer, ''),
  'email.port': parameter(integer(1, 65_535), 25),
  'email.tls': parameter(tls, 'none', 'implicit'),
  'email.ca': parameter(certificates, ''),
  'email.client_certificate': parameter(certificates, ''),
  'email.username': parameter(line(320), ''),
  'email.timeout': parameter(integer(1, 25, ' seconds'), 10),
  'email.mailfrom': parameter(mailbox, ''),
  'email.subject': parameter(line(200), 'Your OTP'),
  'email.text': parameter(text(4000), ''),
  'email.validtime': parameter(integer(10, 86_400, ' seconds'), 120),
  'email.concurrent_challenges': parameter(boolean, false),
  'email.delivery_wait': parameter(decimal(0, 10, ' seconds'), 1.5),
  'mail.per_hour': parameter(integer(0, 1000), 5),
  'mail.per_day': parameter(integer(0, 1000), 10),
  'otp.length': parameter(integer(6, 10), 6),
  'challenge.max_attempts': parameter(integer(1, 10), 5),
  'account.max_wrong_per_day': parameter(integer(5, 1000), 20),
  'account.max_consecutive_wrong': parameter(integer(1, 100), 100),
  'token.max_failcount': parameter(integer(1, 100), 10),
  'realm.default': parameter(realmName, 'default'),
  splitAtSign: parameter(boolean, true),
  profile: parameter(choice(['compat', 'hardened']), 'compat', 'hardened'),
  'validate.clients': parameter(networks, [], '127.0.0.1, ::1'),
  api_key_required: parameter(boolean, false, 'true'),
  'log.level': parameter(choice(['info', 'warn', 'error']), 'info'),
} as const

export type ParameterName = keyof typeof SCHEMA
/** The type of a parameter's value. */
export type ValueOf<N extends ParameterName> =
  (typeof SCHEMA)[N] extends Parameter<infer T> ? T : never

/** Parameters kept as SecureString: settings hold their version, only `deliver` reads them. */
export const SECRETS = ['email.password', 'email.client_key'] as const
export type SecretName = (typeof SECRETS)[number]

/** `realms/<name>` declares a further realm; its value names the resolvers. */
export const REALMS = 'realms/'
export const DEFAULT_RESOLVERS: readonly string[] = Object.freeze(['directory'])

/** The port where `email.port` is not set (RFC 5321, RFC 6409, RFC 8314). */
export const PORT_BY_TLS = { none: 25, starttls: 587, implicit: 465 } as const

export const isParameter = (name: string): name is ParameterName => Object.hasOwn(SCHEMA, name)
export const isSecret = (name: string): name is SecretName =>
  (SECRETS as readonly string[]).includes(name)
