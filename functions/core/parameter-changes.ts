/** What setting a parameter by its name on a wire of the references means for others. */
import type { SettingChange } from './edit-settings.ts'
import { MASK } from './masked.ts'
import type { ParameterTree } from './publish-settings.ts'
import { isSecret } from './settings-schema.ts'

/** Parameter Store keeps no empty values, and an empty one is the default wherever it is allowed. */
export function changesFor(name: string, value: string): SettingChange[] {
  if (isSecret(name) && value === MASK) return []
  const change = { name, value: value.trim() === '' ? undefined : value }
  // Who names a mail server on these wires means it to be used.
  if (name !== 'email.mailserver') return [change]
  return [change, { name: 'mail.provider', value: change.value === undefined ? undefined : 'smtp' }]
}

const SERVER = ['email.mailserver', 'email.port', 'email.tls', 'email.username', 'email.ca']

/**
 * The change that would point the stored password at another server, where whoever may edit settings
 * could read it: the password has to be given again with it, or removed. Undefined: there is none.
 */
export function movesPassword(
  { values, secrets }: ParameterTree,
  changes: readonly SettingChange[],
): string | undefined {
  if (!Object.hasOwn(secrets, 'email.password')) return undefined
  if (changes.some(({ name }) => name === 'email.password')) return undefined
  return changes.find(({ name, value }) => SERVER.includes(name) && value !== values[name])?.name
}
