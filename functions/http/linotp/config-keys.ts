/** Keys of LinOTP's configuration, and what they are here. */
import { isNamedSecret, isParameter } from '../../core/settings-schema.ts'

const PARAMETERS: Readonly<Record<string, string>> = {
  EmailChallengeValidityTime: 'email.validtime',
  EmailBlockingTimeout: 'email.resend_after',
  DefaultOtpLen: 'otp.length',
  DefaultMaxFailCount: 'token.max_failcount',
  FailCounterIncOnFalsePin: 'IncFailCountOnFalsePin',
}
const KEYS = Object.fromEntries(Object.entries(PARAMETERS).map(([key, name]) => [name, key]))

/** What a key is about. */
export type Key =
  | { about: 'parameter'; name: string }
  /** A member of a provider. */
  | { about: 'provider'; name: string; part: ProviderPart }
  | { about: 'default' }

export type ProviderPart = 'class' | 'config' | 'timeout'

const IMPORTED = 'imported_default'
const DEFAULT = 'Provider.Default.email_provider'
const PROVIDER = /^EmailProvider\.(?<name>.+?)(?:\.(?<part>Config|Timeout))?$/

/** The key, with or without `linotp.` before it; undefined: Otpost has nothing for it. */
export function readKey(text: string): Key | undefined {
  const key = text.replace(/^linotp\./, '')
  if (key === 'EmailProvider') return { about: 'provider', name: IMPORTED, part: 'class' }
  if (key === 'EmailProviderConfig') return { about: 'provider', name: IMPORTED, part: 'config' }
  if (key === DEFAULT) return { about: 'default' }
  const { name, part } = PROVIDER.exec(key)?.groups ?? {}
  if (name !== undefined) {
    return { about: 'provider', name, part: (part?.toLowerCase() ?? 'class') as ProviderPart }
  }
  const parameter = Object.hasOwn(PARAMETERS, key) ? PARAMETERS[key]! : key
  // secrets of providers and resolvers have routes and rights of their own
  const plain = isParameter(parameter) || isNamedSecret(parameter)
  return plain ? { about: 'parameter', name: parameter } : undefined
}

/** What a parameter is called on this wire. */
export const keyOf = (name: string): string => KEYS[name] ?? name

/** The key of a part of a provider. */
export const providerKey = (name: string, part: ProviderPart): string =>
  `EmailProvider.${name}${part === 'class' ? '' : part === 'config' ? '.Config' : '.Timeout'}`

/** The key of the default. */
export const DEFAULT_KEY = DEFAULT
