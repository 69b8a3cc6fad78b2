/** What is done with providers: set, deleted, made the default. What they look like: their view. */
import {
  type EditPorts,
  type EditResult,
  editSettings,
  type SettingChange,
} from './edit-settings.ts'
import type { Ports, Sent } from './ports.ts'
import { formatProvider, type Provider, type ProviderConfig } from './provider.ts'
import { providersOf } from './provider-checks.ts'
import { keptSecrets } from './provider-secrets.ts'
import { providerName } from './setting-kinds-net.ts'
import type { Problem } from './settings-problems.ts'
import { clientKeyOf, passwordOf, PROVIDERS } from './settings-schema.ts'
import { parseSettings, type Settings } from './settings.ts'
import type { TestMail } from './test-mail.ts'

/** A provider as it shall be; a secret that is left out or masked stays, an empty one goes. */
export type ProviderChange = {
  name: string
  provider: Provider
  password?: string | undefined
  clientKey?: string | undefined
  /**
   * - `yes`: it becomes the default, and the one before goes
   * - `if none`: only while nothing else says who sends
   * - `no`: who sends stays as it is
   */
  asDefault: 'yes' | 'if none' | 'no'
  /** What is changed with it, or not at all. */
  more?: readonly SettingChange[]
}

export type ProviderResult =
  | (EditResult & { isDefault?: boolean })
  | { outcome: 'unknown'; name: string }
  /** `by`: policies, and `email.identifier` for the default. */
  | { outcome: 'in use'; by: readonly string[] }

/** The providers as they are stored, whether or not they are in force. */
export type StoredState = {
  settings: Settings
  /** The parameters that are set. */
  isSet: (name: string) => boolean
}

/** Reads that state. */
export async function storedState({ parameters }: Pick<EditPorts, 'parameters'>) {
  const { values, secrets } = await parameters.list()
  const { settings } = parseSettings(values, secrets)
  const isSet = (name: string) => Object.hasOwn(values, name) || Object.hasOwn(secrets, name)
  return { settings, isSet } satisfies StoredState
}

/** Sets a provider as a whole. */
export async function setProvider(
  ports: EditPorts,
  change: ProviderChange,
): Promise<ProviderResult> {
  const { name, provider, asDefault } = change
  const named = providerName.read(name)
  if ('refused' in named) return refused({ name, reason: named.refused, ...providerName })

  const state = await storedState(ports)
  const secrets = keptSecrets(change, state)
  if ('problem' in secrets) return refused(secrets.problem)
  const wanted = asDefault === 'yes' || (asDefault === 'if none' && isFirst(state, name))
  const names = withDefault(state.settings, name)
  // The secrets first: the settings may be put in force between two writes, and a stored password
  // must not meet the new server.
  const result = await editSettings(ports, [
    ...secrets.changes,
    { name: PROVIDERS + name, value: formatProvider(provider) },
    ...(wanted ? [identifier(names)] : []),
    ...(change.more ?? []),
  ])
  return { ...result, isDefault: (wanted ? names : state.settings['email.identifier'])[0] === name }
}

/** Deletes a provider with its secrets, unless somebody would have mail sent by it. */
export async function deleteProvider(ports: EditPorts, name: string): Promise<ProviderResult> {
  const { settings, isSet } = await storedState(ports)
  if (!isSet(PROVIDERS + name)) return { outcome: 'unknown', name }
  const users = usersOf(settings, name)
  const isLast = [...settings.providers.keys()].every((each) => each === name)
  const by = isLast ? users.filter((user) => user !== DEFAULT) : users
  if (by.length > 0) return { outcome: 'in use', by }
  const others = settings['email.identifier'].filter((each) => each !== name)
  return editSettings(ports, [
    ...(users.includes(DEFAULT) ? [identifier(others)] : []),
    { name: PROVIDERS + name },
    { name: passwordOf(name) },
    { name: clientKeyOf(name) },
  ])
}

/** Makes providers the default and its fallbacks, in this order; none: `mail.provider` decides. */
export async function setDefaults(
  ports: EditPorts,
  names: readonly string[],
): Promise<ProviderResult> {
  const { settings } = await storedState(ports)
  const unknown = names.find((name) => !settings.providers.has(name))
  if (unknown !== undefined) return { outcome: 'unknown', name: unknown }
  return editSettings(ports, [identifier(names)])
}

/** Makes one the default in the place of that before; the fallbacks stay. */
export async function setDefault(ports: EditPorts, name: string): Promise<ProviderResult> {
  const { settings } = await storedState(ports)
  return setDefaults(ports, withDefault(settings, name))
}

/** A provider to be tried; without `config` the one of that name that is in force. */
export type ProviderTest = { name: string; config?: ProviderConfig | undefined; to: string }

export type TestPorts = Pick<Ports, 'settings'> & { sendTestMail(mail: TestMail): Promise<Sent> }

/** Has a mail without a code sent, by a provider that need not be stored. */
export async function testProvider(
  { settings, sendTestMail }: TestPorts,
  { name, config, to }: ProviderTest,
): Promise<Sent | { outcome: 'unknown'; name: string }> {
  const { password, clientKey, provider } = config ?? (await storedConfig(settings, name)) ?? {}
  if (!provider) return { outcome: 'unknown', name }
  const secrets = { ...(password && { password }), ...(clientKey && { clientKey }) }
  return sendTestMail({ identifier: name, provider, to, ...secrets })
}

async function storedConfig(
  settings: Ports['settings'],
  name: string,
): Promise<ProviderConfig | undefined> {
  const stored = (await settings.current()).providers.get(name)
  if (!stored) return undefined
  const { password: _password, clientKey: _clientKey, ...provider } = stored
  return { provider }
}

const DEFAULT = 'email.identifier'

/** What would have mail sent by a provider: `email.identifier`, and policies, active or not. */
export function usersOf({ policies, [DEFAULT]: names }: Settings, name: string): string[] {
  const using = policies.filter((policy) => providersOf(policy).includes(name))
  return [...(names.includes(name) ? [DEFAULT] : []), ...using.map((one) => `policies/${one.name}`)]
}

const withDefault = ({ [DEFAULT]: names }: Settings, name: string) => [
  name,
  ...names.slice(1).filter((each) => each !== name),
]

/** Whether nothing says yet who sends: the first provider is the default then, as in LinOTP. */
const isFirst = ({ settings, isSet }: StoredState, name: string): boolean =>
  [...settings.providers.keys()].every((each) => each === name) &&
  !['email.identifier', 'mail.provider', 'email.mailserver'].some(isSet)

const identifier = (names: readonly string[]): SettingChange => ({
  name: DEFAULT,
  value: names.length === 0 ? undefined : names.join(', '),
})

const refused = ({ name, reason, accepted }: Omit<Problem, 'severity'>): ProviderResult => ({
  outcome: 'refused',
  problems: [{ name, reason, accepted, severity: 'error' }],
})
