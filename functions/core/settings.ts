import type { PinHash } from './account.ts'
import type { Policy } from './policy/policy.ts'
import { parsePolicy } from './policy/stored-policy.ts'
import { BUILT_IN, type Directory } from './directory.ts'
import type { Provider, StoredProvider } from './provider.ts'
import { type SecretVersion, secretVersions } from './secret-version.ts'
import { realmName, resolvers } from './setting-kinds-net.ts'
import type { Kind } from './setting-kinds.ts'
import {
  needlesslySecret,
  policyRefusal,
  refusal,
  storedInClear,
  unknownName,
  withoutEffect,
} from './settings-problems.ts'
import type { Problem } from './settings-problems.ts'
import { crossCheck } from './settings-checks.ts'
import {
  DIRECTORY_FOLDER,
  type Folder,
  PROVIDER_FOLDER,
  readManaged,
  readMember,
  readText,
  withNamedBy,
  withSecrets,
} from './settings-folders.ts'
import {
  DEFAULT_RESOLVERS,
  isNamedSecret,
  isParameter,
  isSecret,
  managedBy,
  POLICIES,
  PORT_BY_TLS,
  PROVIDERS,
  REALMS,
  RESOLVERS,
  SCHEMA,
} from './settings-schema.ts'
import type { Parameter, ParameterName, SecretName, ValueOf } from './settings-schema.ts'

/** The value of every parameter. Frozen. */
export type Settings = {
  readonly [N in ParameterName]: ValueOf<N>
} & {
  /** The version of a secret that is in force; undefined when it is not set. */
  readonly [N in SecretName]: number | undefined
} & {
  /** Every realm there is, the default one included. */
  readonly realms: ReadonlySet<string>
  /** The resolvers of each realm, in the order they are asked. */
  readonly resolvers: ReadonlyMap<string, readonly string[]>
  /** What kind of directory each resolver is, by name. */
  readonly directories: ReadonlyMap<string, Directory>
  /** Providers by name. */
  readonly providers: ReadonlyMap<string, StoredProvider>
  /** What opens each managed provider, by name; undefined: nothing does, it cannot be read. */
  readonly managed: ReadonlyMap<string, PinHash | undefined>
  /** Every policy, active or not, by name. */
  readonly policies: readonly Policy[]
  /** Which text of every secret is in force, by the secret's whole name. */
  readonly secrets: ReadonlyMap<string, SecretVersion>
}

export type { Problem }

export type ParsedSettings = {
  settings: Settings
  /** The text of every parameter that is in force and not a secret, by name. */
  values: Record<string, string>
  problems: Problem[]
}

/**
 * Reads parameters by their schema. A value that is refused becomes a problem, and its parameter
 * falls back to its strictest value or its default. Never throws, whatever the input.
 *
 * @param raw text by parameter name
 * @param secrets version by name of every secret that is set
 * @param madeAt when those versions were made, Unix milliseconds
 */
export function parseSettings(
  raw: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, number>> = {},
  madeAt: Readonly<Record<string, number>> = {},
): ParsedSettings {
  const draft = newDraft(secretVersions(secrets, madeAt))
  for (const [name, text] of Object.entries(raw)) take(draft, name, text)
  for (const [name, version] of Object.entries(secrets)) takeSecret(draft, name, version)

  for (const { reset = [], ...problem } of crossCheck(settled(draft))) {
    draft.problems.push(problem)
    for (const name of reset) forget(draft, name)
  }
  return { settings: settled(draft), values: draft.values, problems: draft.problems }
}

const DEFAULTS = Object.fromEntries(
  Object.entries(SCHEMA).map(([name, parameter]) => [name, parameter.default]),
)

/** The settings while nothing is set. */
export const defaultSettings: Settings = parseSettings({}).settings

type Draft = {
  values: Record<string, string>
  /** What was read, by name of the parameter or secret. */
  parsed: Record<string, unknown>
  realms: Map<string, readonly string[]>
  directories: Map<string, Directory>
  providers: Map<string, Provider>
  managed: Map<string, PinHash | undefined>
  /** Those of providers and resolvers: versions by name of the secret. */
  providerSecrets: Map<string, number>
  policies: Policy[]
  problems: Problem[]
  secrets: ReadonlyMap<string, SecretVersion>
}

function newDraft(secrets: ReadonlyMap<string, SecretVersion>): Draft {
  return {
    secrets,
    values: {},
    parsed: {},
    realms: new Map(),
    directories: new Map([[BUILT_IN, { type: BUILT_IN }]]),
    providers: new Map(),
    managed: new Map(),
    providerSecrets: new Map(),
    policies: [],
    problems: [],
  }
}

function take(draft: Draft, name: string, text: unknown) {
  if (isParameter(name)) return takeParameter(draft, name, text)
  if (name.startsWith(REALMS)) return takeRealm(draft, name, text)
  if (name.startsWith(POLICIES)) return takePolicy(draft, name, text)
  if (isSecret(name)) return void draft.problems.push(storedInClear(name))
  if (name.startsWith(RESOLVERS)) {
    return takeMember(draft, DIRECTORY_FOLDER, draft.directories, name, text)
  }
  const provider = managedBy(name)
  if (provider !== undefined) return takeManaged(draft, provider, name, text)
  if (name.startsWith(PROVIDERS)) {
    return takeMember(draft, PROVIDER_FOLDER, draft.providers, name, text)
  }
  draft.problems.push(unknownName(name))
}

function takeParameter(draft: Draft, name: ParameterName, text: unknown) {
  const { kind, strictest }: Parameter<unknown> = SCHEMA[name]
  const reading = readText(kind, text)
  if ('refused' in reading) {
    draft.problems.push(refusal(name, kind, text, reading.refused))
    if (strictest !== undefined) takeParameter(draft, name, strictest)
    return
  }
  draft.values[name] = reading.text
  draft.parsed[name] = reading.value
}

function takeRealm(draft: Draft, name: string, text: unknown) {
  const refuse = (kind: Kind<unknown>, reason: string) => {
    draft.problems.push(refusal(name, kind, text, reason))
  }

  const realm = readText(realmName, name.slice(REALMS.length))
  if ('refused' in realm) return refuse(realmName, realm.refused)
  if (draft.realms.has(realm.value)) return refuse(realmName, 'is declared twice')
  const reading = readText(resolvers, text)
  if ('refused' in reading) return refuse(resolvers, reading.refused)

  draft.values[name] = reading.text
  draft.realms.set(realm.value, reading.value)
}

/** A parameter of a folder whose members are each read on their own. */
function takeMember<T>(
  draft: Draft,
  folder: Folder<T>,
  members: Map<string, T>,
  name: string,
  text: unknown,
) {
  const reading = readMember(folder, name, text)
  if ('problem' in reading) {
    draft.problems.push(reading.problem)
    return
  }
  draft.values[name] = reading.text
  members.set(reading.own, reading.value)
}

/** One that cannot be read closes its provider instead of opening it to everybody. */
function takeManaged(draft: Draft, provider: string, name: string, text: unknown) {
  const read = readManaged(name, text)
  if ('problem' in read) draft.problems.push(read.problem)
  else draft.values[name] = read.text
  draft.managed.set(provider, 'value' in read ? read.value : undefined)
}

function takePolicy(draft: Draft, name: string, text: unknown) {
  const json = typeof text === 'string' ? text.trim() : ''
  const parsed = parsePolicy(name.slice(POLICIES.length), json)
  if ('refused' in parsed) {
    draft.problems.push(policyRefusal(name, parsed.refused))
    return
  }
  const { policy, unknownActions } = parsed
  if (unknownActions.length > 0) draft.problems.push(withoutEffect(name, policy, unknownActions))
  draft.values[name] = json
  draft.policies.push(policy)
}

function takeSecret(draft: Draft, name: string, version: number) {
  if (isNamedSecret(name)) draft.parsed[name] = version
  else if (isSecret(name)) draft.providerSecrets.set(name, version)
  else draft.problems.push(isKnown(name) ? needlesslySecret(name) : unknownName(name))
  // as in takeManaged
  const provider = managedBy(name)
  if (provider !== undefined) draft.managed.set(provider, undefined)
}

function forget(draft: Draft, name: ParameterName) {
  delete draft.values[name]
  delete draft.parsed[name]
}

function settled(draft: Draft): Settings {
  const { parsed, realms, directories, policies } = draft
  const values = { ...DEFAULTS, ...parsed } as Settings
  const named = new Map(realms)
  const main = values['realm.default']
  if (!named.has(main)) named.set(main, DEFAULT_RESOLVERS)

  return Object.freeze({
    ...values,
    'email.port': (parsed['email.port'] as number | undefined) ?? PORT_BY_TLS[values['email.tls']],
    realms: new Set(named.keys()),
    resolvers: named,
    directories: withNamedBy(named, directories),
    providers: withSecrets(draft.providers, draft.providerSecrets),
    managed: new Map(draft.managed),
    policies: Object.freeze(policies.toSorted(byName)),
    secrets: draft.secrets,
  })
}

function byName(a: Policy, b: Policy) {
  return a.name < b.name ? -1 : 1
}

const isKnown = (name: string) =>
  isParameter(name) ||
  [REALMS, RESOLVERS, PROVIDERS, POLICIES].some((folder) => name.startsWith(folder))
