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
import { type Guarded, managing, type Opened, openProvider } from './managed-provider.ts'
import { keptSecrets } from './provider-secrets.ts'
import { providerName } from './setting-kinds-net.ts'
import type { Problem } from './settings-problems.ts'
import { clientKeyOf, managedOf, passwordOf, PROVIDERS } from './settings-schema.ts'
import { parseSettings, type Settings } from './settings.ts'
import type { TestMail } from './test-mail.ts'

/** A provider as it shall be; a secret that is left out or masked stays, an empty one goes. */
export type ProviderChange = {
  name: string
  provider: Provider
  password?: string | undefined
  clientKey?: string | undefined
  /** The password that opens a managed provider, or makes another one managed. */
  managed?: string | undefined
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

export type ProviderPorts = EditPorts & Guarded

/** Sets a provider as a whole. */
export async function setProvider(
  ports: ProviderPorts,
  change: ProviderChange,
): Promise<ProviderResult> {
  const { name } = change
  const named = providerName.read(name)
  if ('refused' in named) return refused({ name, reason: named.refused, ...providerName })
  const state = await storedState(ports)
  const open = await openProvider(ports, state.settings, name, change.managed)
  return 'problem' in open
    ? refused(open.problem)
    : setOpenProvider(ports, change, state, open.opened)
}

/** The same of one that is open to who asks. */
export async function setOpenProvider(
  ports: ProviderPorts,
  change: ProviderChange,
  state: StoredState,
  opened: Opened,
): Promise<ProviderResult> {
  const { name, provider, asDefault } = change
  const secrets = keptSecrets(change, state)
  if ('problem' in secrets) return refused(secrets.problem)
  const managed = await managing(ports, state.settings, name, change.managed)
  if ('problem' in managed) return refused(managed.problem)
  const wanted = asDefault === 'yes' || (asDefault === 'if none' && isFirst(state, name))
  const names = withDefault(state.settings, name)
  // The secrets first: the settings may be put in force between two writes, and a stored password
  // must not meet the new server.
  const changes = [
    ...secrets.changes,
    ...managed.changes,
    { name: PROVIDERS + name, value: formatProvider(provider) },
    ...(wanted ? [identifier(names)] : []),
    ...(change.more ?? []),
  ]
  const result = await editSettings(ports, changes, opened)
  return { ...result, isDefault: (wanted ? names : state.settings['email.identifier'])[0] === name }
}

/** Deletes a provider with its secrets, unless somebody would have mail sent by it. */
export async function deleteProvider(
  ports: ProviderPorts,
  name: string,
  managed?: string,
): Promise<ProviderResult> {
  const { settings, isSet } = await storedState(ports)
  // a name with an ending is one of a provider's other parameters
  const isName = 'value' in providerName.read(name)
  if (!isName || !isSet(PROVIDERS + name)) return { outcome: 'unknown', name }
  const open = await openProvider(ports, settings, name, managed)
  if ('problem' in open) return refused(open.problem)
  const users = usersOf(settings, name)
  const isLast = [...settings.providers.keys()].every((each) => each === name)
  const by = isLast ? users.filter((user) => user !== DEFAULT) : users
  if (by.length > 0) return { outcome: 'in use', by }
  const others = settings['email.identifier'].filter((each) => each !== name)
  const changes = [
    ...(users.includes(DEFAULT) ? [identifier(others)] : []),
    { name: PROVIDERS + name },
    { name: passwordOf(name) },
    { name: clientKeyOf(name) },
    { name: managedOf(name) },
  ]
  return editSettings(ports, changes, open.opened)
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
export type ProviderTest = {
  name: string
  config?: ProviderConfig | undefined
  to: string
  /** The password that opens a managed provider. */
  managed?: string | undefined
}

export type TestPorts = Pick<Ports, 'settings'> &
  Guarded & { sendTestMail(mail: TestMail): Promise<Sent> }

/** Has a mail without a code sent, by a provider that need not be stored. */
export async function testProvider(
  ports: TestPorts,
  { name, config, to, managed }: ProviderTest,
): Promise<Sent | { outcome: 'unknown'; name: string } | Refused> {
  const { settings, sendTestMail } = ports
  const open = await openProvider(ports, await settings.current(), name, managed)
  if ('problem' in open) return refused(open.problem)
  const { password, clientKey, provider } = config ?? (await storedConfig(settings, name)) ?? {}
  if (!provider) return { outcome: 'unknown', name }
  const secrets = {
    ...(password !== undefined && { password }),
    ...(clientKey !== undefined && { clientKey }),
  }
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

type Refused = ProviderResult & { outcome: 'refused' }

const refused = ({ name, reason, accepted }: Omit<Problem, 'severity'>): Refused => ({
  outcome: 'refused',
  problems: [{ name, reason, accepted, severity: 'error' }],
})
