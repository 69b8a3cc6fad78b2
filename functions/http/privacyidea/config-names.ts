/** Names of the reference for parameters that have another one here. */
import { isNamedSecret, isParameter } from '../../core/settings-schema.ts'

const OTPOST_NAMES: Readonly<Record<string, string>> = {
  DefaultOtpLen: 'otp.length',
  DefaultMaxFailCount: 'token.max_failcount',
}
const WIRE_NAMES = Object.fromEntries(
  Object.entries(OTPOST_NAMES).map(([wire, name]) => [name, wire]),
)

/** The parameter that a key of `/system` is; undefined: Otpost has none for it. */
export function parameterOf(key: string): string | undefined {
  const name = Object.hasOwn(OTPOST_NAMES, key) ? OTPOST_NAMES[key]! : key
  // secrets of providers and resolvers have routes and rights of their own
  const plain = isParameter(name) || isNamedSecret(name)
  return plain ? name : undefined
}

/** What a parameter is called on this wire. */
export const keyOf = (name: string): string => WIRE_NAMES[name] ?? name
