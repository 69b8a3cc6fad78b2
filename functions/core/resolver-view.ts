import type { Directory } from './directory.ts'
import { MASK } from './masked.ts'
import { realmsWith } from './resolvers.ts'
import { resolverPasswordOf } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** A resolver as it may be shown: by the names of its JSON, its password masked. */
export type ResolverView = {
  name: string
  type: Directory['type']
  /** The realms that have it. */
  used_by: readonly string[]
  /** Its members; lists between commas. */
  members: Readonly<Record<string, unknown>>
}

/** Every resolver, by name. */
export const showResolvers = (settings: Settings): ResolverView[] =>
  [...settings.directories.keys()].toSorted().map((name) => showResolver(settings, name)!)

/** One resolver. */
export function showResolver(settings: Settings, name: string): ResolverView | undefined {
  const directory = settings.directories.get(name)
  if (!directory) return undefined
  const { type, ...all } = directory
  const { region: _followsFromPool, ...properties } = { region: '', ...all }
  const secret = settings.secrets.has(resolverPasswordOf(name)) ? { password: MASK } : {}
  const members = { ...snakeCased(properties), ...secret }
  return { name, type, used_by: realmsWith(settings, name), members }
}

function snakeCased(properties: object): Record<string, unknown> {
  const entries = Object.entries(properties as Record<string, unknown>).map(([name, value]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    shown(value),
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(', ')
  return value !== null && typeof value === 'object' ? snakeCased(value) : value
}
