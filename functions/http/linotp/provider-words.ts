/** Providers in LinOTP's words: class, configuration and name. */
import { readJsonObject } from '../../core/json-text.ts'
import { isLinotpConfig, toLinotp } from '../../core/linotp-provider.ts'
import {
  membersOf,
  type ProviderConfig,
  readProviderObject,
  type StoredProvider,
} from '../../core/provider.ts'
import { PROVIDER_KINDS, providerKind } from '../../core/provider-kinds.ts'
import { showProvider } from '../../core/provider-view.ts'
import type { Settings } from '../../core/settings.ts'
import { refusal } from './refused.ts'

/** LinOTP's name of a kind; one that it does not know has ours. */
const classOf = ({ kind }: StoredProvider): string => PROVIDER_KINDS[kind].classes[1] ?? kind

/** The configuration in JSON. Passwords are masked: LinOTP shows them. */
export function configOf(settings: Settings, name: string, provider: StoredProvider): string {
  if (provider.kind !== 'smtp') return JSON.stringify(showProvider(settings, name)!.members)
  const { password, clientKey } = provider
  const has = { password: password !== undefined, clientKey: clientKey !== undefined }
  return JSON.stringify(toLinotp(provider, has))
}

export type LinotpProviderView = {
  Class: string
  /** JSON; a managed provider has none to show. */
  Config?: string
  Managed?: true
  Timeout: string
  Default: boolean
}

/** A provider as `getProvider` shows it. LinOTP shows the password itself as `Managed`. */
export const viewOf = (
  settings: Settings,
  name: string,
  provider: StoredProvider,
): LinotpProviderView => ({
  Class: classOf(provider),
  ...(settings.managed.has(name)
    ? { Managed: true }
    : { Config: configOf(settings, name, provider) }),
  Timeout: String(provider.timeout),
  Default: settings['email.identifier'][0] === name,
})

type Given = {
  /** Class or kind; empty: that of the stored one, or a mail server. */
  className: string
  /** JSON; undefined: as it is stored. */
  config: string | undefined
  /** Seconds, where the configuration says none. */
  timeout: string
}

const LONGEST_TIMEOUT = 25

/** The provider that class, configuration and timeout describe. Throws RefusedError. */
export function describedProvider(
  { className, config, timeout }: Given,
  stored: StoredProvider | undefined,
): ProviderConfig {
  const kind = providerKind.read(className.trim() || stored?.kind || '')
  if ('refused' in kind) throw refusal(905, `class ${kind.refused}.`)
  const object = config === undefined ? kept(stored) : objectOf(config)
  const reading = readProviderObject({
    ...unknownToLinotp(object, stored),
    ...withTimeout(object, timeout),
    kind: kind.value,
  })
  if ('refused' in reading) throw refusal(905, `config ${reading.refused}.`)
  return reading.value
}

function objectOf(text: string): Record<string, unknown> {
  const reading = readJsonObject(text)
  if ('refused' in reading) throw refusal(905, `config ${reading.refused}.`)
  return reading.value
}

function kept(stored: StoredProvider | undefined): Record<string, unknown> {
  if (!stored) throw refusal(905, 'Missing parameter: config')
  const { password: _password, clientKey: _clientKey, ...provider } = stored
  return { ...membersOf(provider) }
}

/** A timeout that a mail server cannot have here is LinOTP's form's, which LinOTP does not use. */
function withTimeout(object: Record<string, unknown>, timeout: string): Record<string, unknown> {
  const seconds = Number(timeout)
  const usable = Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_TIMEOUT
  const name = isLinotpConfig(object) ? 'TIMEOUT' : 'timeout'
  return usable && !Object.hasOwn(object, name) ? { ...object, [name]: seconds } : object
}

/** What LinOTP has no word for stays. */
function unknownToLinotp(object: Record<string, unknown>, stored: StoredProvider | undefined) {
  if (stored?.kind !== 'smtp' || !isLinotpConfig(object)) return {}
  return { ca: stored.ca, description: stored.description }
}
