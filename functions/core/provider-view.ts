import { MASK } from './masked.ts'
import { membersOf, type StoredProvider } from './provider.ts'
import { usersOf } from './providers.ts'
import type { Settings } from './settings.ts'

/** A provider as it may be shown: by the names of its JSON, secrets masked. */
export type ProviderView = {
  name: string
  /** The first of `email.identifier`. */
  default: boolean
  /** Its place in `email.identifier`, from 1; 0: it is not there. */
  order: number
  /** What would have mail sent by it: policies, and `email.identifier`. */
  used_by: readonly string[]
  /** Its configuration is not shown, and its password is needed to change it. */
  managed?: true
  /** Its members, empty ones included; of a managed one its kind and time-out. */
  members: Readonly<Record<string, string | number | boolean>>
}

/** Every provider, by name. */
export const showProviders = (settings: Settings): ProviderView[] =>
  [...settings.providers.keys()]
    .toSorted()
    .map((name) => viewOf(settings, name, settings.providers.get(name)!))

/** One provider. */
export function showProvider(settings: Settings, name: string): ProviderView | undefined {
  const provider = settings.providers.get(name)
  return provider && viewOf(settings, name, provider)
}

function viewOf(settings: Settings, name: string, stored: StoredProvider): ProviderView {
  const { password, clientKey, ...provider } = stored
  const secrets = { password: masked(password), client_key: masked(clientKey) }
  const order = settings['email.identifier'].indexOf(name) + 1
  const view = { name, default: order === 1, order, used_by: usersOf(settings, name) }
  const { kind, timeout } = provider
  if (settings.managed.has(name)) return { ...view, managed: true, members: { kind, timeout } }
  return {
    ...view,
    members: { ...membersOf(provider), ...(provider.kind === 'smtp' ? secrets : {}) },
  }
}

const masked = (version: number | undefined) => (version === undefined ? '' : MASK)
