import { realmName, resolvers } from './setting-kinds-net.ts'
import type { Kind } from './setting-kinds.ts'
import { needlesslySecret, refusal, storedInClear, unknownName } from './settings-problems.ts'
import type { Problem } from './settings-problems.ts'
import { crossCheck } from './settings-checks.ts'
import {
  DEFAULT_RESOLVERS,
  isParameter,
  isSecret,
  PORT_BY_TLS,
  REALMS,
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
 */
export function parseSettings(
  raw: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, number>> = {},
): ParsedSettings {
  const draft = newDraft()
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
  problems: Problem[]
}

function newDraft(): Draft {
  return { values: {}, parsed: {}, realms: new Map(), problems: [] }
}

function take(draft: Draft, name: string, text: unknown) {
  if (isParameter(name)) return takeParameter(draft, name, text)
  if (name.startsWith(REALMS)) return takeRealm(draft, name, text)
  draft.problems.push(isSecret(name) ? storedInClear(name) : unknownName(name))
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

function takeSecret(draft: Draft, name: string, version: number) {
  if (isSecret(name)) draft.parsed[name] = version
  else draft.problems.push(isKnown(name) ? needlesslySecret(name) : unknownName(name))
}

function forget(draft: Draft, name: ParameterName) {
  delete draft.values[name]
  delete draft.parsed[name]
}

function settled({ parsed, realms }: Draft): Settings {
  const values = { ...DEFAULTS, ...parsed } as Settings
  const named = new Map(realms)
  const main = values['realm.default']
  if (!named.has(main)) named.set(main, DEFAULT_RESOLVERS)

  return Object.freeze({
    ...values,
    'email.port': (parsed['email.port'] as number | undefined) ?? PORT_BY_TLS[values['email.tls']],
    realms: new Set(named.keys()),
    resolvers: named,
  })
}

function readText<T>(kind: Kind<T>, text: unknown) {
  if (typeof text !== 'string') return { refused: 'is not text' }
  const trimmed = text.trim()
  const reading = kind.read(trimmed)
  return 'refused' in reading ? reading : { text: trimmed, value: reading.value }
}

function isKnown(name: string) {
  return isParameter(name) || name.startsWith(REALMS)
}
