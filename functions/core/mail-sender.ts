/**
 * The mail sender as one thing: the default provider, wherever it is stored, and how addresses are
 * masked. Without a provider of that name it is `mail.provider` and the parameters `email.*`.
 */
import { createHash } from 'node:crypto'
import { type EditPorts, editSettings, type SettingChange } from './edit-settings.ts'
import { secretNames, storedProvider } from './flat-provider.ts'
import { MASK } from './masked.ts'
import type { Sent } from './ports.ts'
import { membersOf, type Provider, readProvider, sameLogin } from './provider.ts'
import { openProvider } from './managed-provider.ts'
import { keptSecrets } from './provider-secrets.ts'
import {
  type ProviderPorts,
  type ProviderResult,
  setOpenProvider,
  storedState,
  type StoredState,
  type TestPorts,
} from './providers.ts'
import type { Reading } from './setting-kinds.ts'
import type { Problem } from './settings-problems.ts'
import { parseSettings, type Settings } from './settings.ts'

/**
 * The mail sender as it may be shown. Members that SES has no use for are left out with it, and all
 * but a few of a managed provider.
 */
export type MailSenderView = {
  /** The name of the provider; empty: that of the settings. */
  provider: string
  kind: Provider['kind']
  host?: string
  port?: number
  tls?: 'none' | 'starttls' | 'implicit'
  authentication_required?: boolean
  username?: string
  /** Masked; empty: there is none. */
  password?: string
  sender?: string
  subject?: string
  timeout: number
  /** Its configuration is not shown, and its password is needed to change it. */
  managed?: true
  recipient_mask: string
  /** Of what is shown: another one as soon as anything of it changes. */
  version: string
}

/** What shall change; what is left out stays. A password that is masked stays, an empty one goes. */
export type MailSenderChange = {
  /** By the names of the view. */
  members: Readonly<Record<string, unknown>>
  password?: string | undefined
  /** The password that opens a managed provider. */
  managed?: string | undefined
  recipientMask?: string | undefined
  /** The version the change was made on; with another one in place nothing is changed. */
  ifVersion?: string | undefined
}

export type MailSenderResult = ProviderResult | { outcome: 'changed meanwhile'; version: string }

/** The name of the provider; empty: that of the settings. */
const nameOf = (settings: Settings) => settings['email.identifier'][0] ?? ''

/** The mail sender as it is stored, in force or not; the operator may see all of a managed one. */
export async function showMailSender(
  ports: Pick<EditPorts, 'parameters'>,
  overrides = false,
): Promise<MailSenderView> {
  const { values, secrets } = await ports.parameters.list()
  const { settings } = parseSettings(values, secrets)
  const name = nameOf(settings)
  const [secret] = secretNames(name)
  const version = secrets[secret]
  const view = viewOf(settings, name, storedProvider(settings, name), version !== undefined)
  // with the hash in it, the version of a managed one says nothing of what is not shown
  const stamp = versionOf(view, version, settings.managed.get(name)?.mac)
  if (overrides || !settings.managed.has(name)) return { ...view, version: stamp }
  const { kind, timeout, recipient_mask } = view
  return { provider: name, kind, timeout, managed: true, recipient_mask, version: stamp }
}

function viewOf(
  settings: Settings,
  name: string,
  provider: Provider | undefined,
  hasPassword: boolean,
): Omit<MailSenderView, 'version'> {
  const members = provider ? membersOf(provider) : {}
  const common = {
    sender: String(members.sender ?? ''),
    subject: String(members.subject ?? ''),
    timeout: Number(members.timeout ?? 0),
    recipient_mask: settings['mask.address'],
  }
  if (provider?.kind !== 'smtp') return { provider: name, kind: 'ses', ...common }
  const { server: host, port, tls, username, anonymous } = provider
  return {
    ...{ provider: name, kind: 'smtp', host, port, tls },
    authentication_required: username !== '' && !anonymous,
    ...{ username, password: hasPassword ? MASK : '' },
    ...common,
  }
}

const versionOf = (view: object, password: number | undefined, managed?: string) =>
  createHash('sha256')
    .update(JSON.stringify([view, password ?? 0, managed ?? '']))
    .digest('hex')
    .slice(0, 16)

/** Changes it as a whole: a refusal changes nothing. */
export async function setMailSender(
  ports: ProviderPorts,
  change: MailSenderChange,
): Promise<MailSenderResult> {
  const { version } = await showMailSender(ports)
  if (change.ifVersion !== undefined && change.ifVersion !== version) {
    return { outcome: 'changed meanwhile', version }
  }
  const state = await storedState(ports)
  const name = nameOf(state.settings)
  const open = await openProvider(ports, state.settings, name, change.managed)
  if ('problem' in open) return { outcome: 'refused', problems: [open.problem] }
  const described = describe(state.settings, change)
  if ('refused' in described) return refused(described.parameter, described.refused)
  const provider = described.value
  const mask = change.recipientMask
  const more = mask === undefined ? [] : [{ name: 'mask.address', value: mask }]
  const password = passwordProblem(state, name, provider, change)
  if (password) return refused('password', password)
  if (name !== '') {
    const { password, managed } = change
    const whole = { name, provider, password, managed, clientKey: MASK } as const
    return setOpenProvider(ports, { ...whole, asDefault: 'no', more }, state, open.opened)
  }
  if (change.managed) {
    return refused('managed', 'is the password of a provider with a name, and this one has none')
  }
  if (provider.senderName !== '') {
    return refused('sender', 'has a name beside the address, which only a provider can have')
  }
  const secrets = keptSecrets(
    { name, provider, password: change.password, clientKey: MASK, asDefault: 'no' },
    state,
  )
  if ('problem' in secrets) return { outcome: 'refused', problems: [secrets.problem] }
  return editSettings(ports, [...secrets.changes, ...flatChanges(state, provider), ...more])
}

type Described = Reading<Provider> & { parameter?: string }

/** The provider as it would be. */
function describe(settings: Settings, { members }: MailSenderChange): Described {
  const before = storedProvider(settings, nameOf(settings))
  const { host, ...given } = members
  const named = { ...given, ...(host === undefined ? {} : { server: host }) }
  if (members.authentication_required === true) {
    const username = members.username ?? (before?.kind === 'smtp' ? before.username : '')
    if (username === '') {
      return { refused: 'is missing, but authentication is required', parameter: 'username' }
    }
  }
  const reading = readProvider({ ...staying(before, named), ...named }, { server: 'host' })
  if (!('refused' in reading)) return reading
  return { ...reading, parameter: /its (\w+) /.exec(reading.refused)?.[1] ?? 'kind' }
}

/** The members that stay; a port that is only that of its encryption goes with it. */
function staying(before: Provider | undefined, given: Readonly<Record<string, unknown>>) {
  if (!before) return {}
  const { port, ...members } = membersOf(before)
  if ((given.kind ?? before.kind) !== before.kind) {
    const { sender, subject, timeout, template, description } = members
    return { sender, subject, timeout, template, description }
  }
  return given.tls === undefined && port !== undefined ? { ...members, port } : members
}

/** Who logs in needs a password that is given now or was given for this very login. */
function passwordProblem(
  { settings, isSet }: StoredState,
  name: string,
  provider: Provider,
  { password }: MailSenderChange,
): string | undefined {
  if (provider.kind !== 'smtp' || provider.username === '' || provider.anonymous) return undefined
  if (password === '') return 'is empty, but authentication is required'
  if (password !== undefined && password !== MASK) return undefined
  const stored = storedProvider(settings, name)
  if (!stored || !isSet(secretNames(name)[0])) return 'is missing, but authentication is required'
  return sameLogin(stored, provider)
    ? undefined
    : 'is missing; it must be given again for another server or user'
}

/** Only what is another one than before is written. */
function flatChanges({ settings }: StoredState, provider: Provider): SettingChange[] {
  const wanted: [string, string][] = [
    ['mail.provider', provider.kind],
    ['email.mailfrom', provider.sender],
    ['email.subject', provider.subject],
    ['email.timeout', String(provider.timeout)],
  ]
  if (provider.kind === 'smtp') {
    wanted.push(
      ['email.mailserver', provider.server],
      ['email.port', String(provider.port)],
      ['email.tls', provider.tls],
      ['email.username', provider.username],
      ['email.authentication_required', String(!provider.anonymous)],
    )
  }
  const now = settings as unknown as Readonly<Record<string, unknown>>
  return wanted
    .filter(([name, value]) => String(now[name]) !== value)
    .map(([name, value]) => ({ name, value: value === '' ? undefined : value }))
}

/** A mail to try the mail sender; with members, as it would be with them. Stores nothing. */
export type MailSenderTest = Pick<MailSenderChange, 'members' | 'password' | 'managed'> & {
  to: string
  text?: string | undefined
}

/** Has it sent. The reply is the mail server's own. */
export async function testMailSender(
  ports: TestPorts,
  { to, text, password, ...change }: MailSenderTest,
): Promise<Sent | (ProviderResult & { outcome: 'refused' })> {
  const { settings, sendTestMail } = ports
  const inForce = await settings.current()
  const open = await openProvider(ports, inForce, nameOf(inForce), change.managed)
  if ('problem' in open) return { outcome: 'refused', problems: [open.problem] }
  const described = describe(inForce, change)
  if ('refused' in described) return refused(described.parameter, described.refused)
  return sendTestMail({
    ...{ identifier: nameOf(inForce), provider: described.value, to },
    ...(password && password !== MASK ? { password } : {}),
    ...(text ? { text } : {}),
  })
}

function refused(name = 'kind', reason: string): ProviderResult & { outcome: 'refused' } {
  const accepted = 'what the reference of parameters says of `email.*` and `providers/<name>`'
  const problem: Problem = { name, reason, accepted, severity: 'error' }
  return { outcome: 'refused', problems: [problem] }
}
