/** Which parameters are those of managed providers: neither shown nor changed without more ado. */
import type { SettingChange } from './edit-settings.ts'
import type { ParameterTree } from './publish-settings.ts'
import { clientKeyOf, managedBy, managedOf, passwordOf, PROVIDERS } from './settings-schema.ts'

/** Whether a parameter is of a managed provider. */
export const belongsToManaged = (tree: ParameterTree, name: string): boolean =>
  managedOwners(tree, name).length > 0

/** A managed provider that stays closed, and a change that would be made to it. */
export type ClosedChange = { provider: string; parameter: string }

/** The first change to a managed provider that is not open; undefined: the changes may be made. */
export function closedChange(
  tree: ParameterTree,
  changes: readonly SettingChange[],
  isOpen: (provider: string) => boolean,
): ClosedChange | undefined {
  for (const { name } of changes) {
    const provider = managedOwners(tree, name).find((owner) => !isOpen(owner))
    if (provider !== undefined) return { provider, parameter: name }
  }
  return undefined
}

/**
 * The managed providers a parameter belongs to. What makes one managed does so however it is stored:
 * as a secret it cannot be read, and opens nothing.
 */
function managedOwners({ values, secrets }: ParameterTree, name: string): string[] {
  if (!name.startsWith(PROVIDERS)) return []
  return [...Object.keys(values), ...Object.keys(secrets)].flatMap((each) => {
    const provider = managedBy(each)
    return provider !== undefined && parametersOf(provider).includes(name) ? [provider] : []
  })
}

const parametersOf = (provider: string) => [
  PROVIDERS + provider,
  passwordOf(provider),
  clientKeyOf(provider),
  managedOf(provider),
]
