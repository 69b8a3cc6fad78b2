/** Parameters `<folder>/<name>` that are each read on their own: directories and mail servers. */
import { BUILT_IN, type Directory, directory } from './directory.ts'
import { managedHash } from './managed-hash.ts'
import { type Provider, provider, type StoredProvider } from './provider.ts'
import type { Kind } from './setting-kinds.ts'
import { providerName, resolverName } from './setting-kinds-net.ts'
import { refusal } from './settings-problems.ts'
import type { Problem } from './settings-problems.ts'
import { clientKeyOf, passwordOf, PROVIDERS, RESOLVERS } from './settings-schema.ts'

export type Folder<T> = { path: string; names: Kind<string>; kind: Kind<T> }
export const DIRECTORY_FOLDER = { path: RESOLVERS, names: resolverName, kind: directory }
export const PROVIDER_FOLDER = { path: PROVIDERS, names: providerName, kind: provider }

/** `own` is the name within the folder. */
type Read<T> = { own: string; text: string; value: T } | { problem: Problem }

export function readMember<T>(
  { path, names, kind }: Folder<T>,
  name: string,
  text: unknown,
): Read<T> {
  const own = readText(names, name.slice(path.length))
  if ('refused' in own) {
    return { problem: refusal(name, names, undefined, `has a name that ${own.refused}`) }
  }
  const reading = readText(kind, text)
  if ('refused' in reading) return { problem: refusal(name, kind, text, reading.refused) }
  return { own: own.value, ...reading }
}

/** The hash of the password of a managed provider. */
export function readManaged(name: string, text: unknown) {
  const reading = readText(managedHash, text)
  return 'refused' in reading
    ? { problem: refusal(name, managedHash, text, reading.refused) }
    : reading
}

/** The text without blanks around it, and what it says. */
export function readText<T>(kind: Kind<T>, text: unknown) {
  if (typeof text !== 'string') return { refused: 'is not text' }
  const trimmed = text.trim()
  const reading = kind.read(trimmed)
  return 'refused' in reading ? reading : { text: trimmed, value: reading.value }
}

/** A resolver that a realm names need not be declared. */
export function withNamedBy(
  realms: ReadonlyMap<string, readonly string[]>,
  declared: ReadonlyMap<string, Directory>,
) {
  const named = [...realms.values()].flat().map((name) => [name, { type: BUILT_IN }] as const)
  return new Map<string, Directory>([...named, ...declared])
}

/** Providers with the versions of their secrets, by the versions of all such secrets. */
export function withSecrets(
  providers: ReadonlyMap<string, Provider>,
  versions: ReadonlyMap<string, number>,
) {
  const entries = [...providers].map(([name, one]): [string, StoredProvider] => {
    const password = versions.get(passwordOf(name))
    return [name, { ...one, password, clientKey: versions.get(clientKeyOf(name)) }]
  })
  return new Map(entries)
}
