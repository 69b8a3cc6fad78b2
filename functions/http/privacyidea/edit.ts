import { editSettings, type EditResult, type SettingChange } from '../../core/edit-settings.ts'
import type { Problem } from '../../core/settings.ts'
import type { AdminPorts } from './admin-ports.ts'
import { unusable } from './refused.ts'

/**
 * Changes parameters together and puts them in force. What they are called on this wire may differ:
 * `words` gives the name for a parameter's.
 */
export async function edit(
  ports: AdminPorts,
  changes: readonly SettingChange[],
  words: (name: string) => string = (name) => name,
): Promise<void> {
  requireInForce(await editSettings(ports, changes), words)
}

/** Refuses what was not put in force. */
export function requireInForce(
  result: EditResult,
  words: (name: string) => string = (name) => name,
): void {
  if (result.outcome === 'in_force') return
  const why = result.problems.map((problem) => sentence(problem, words)).join(' ')
  if (result.outcome === 'refused') throw unusable(why)
  throw unusable(`This was stored, and will be in force once other parameters are mended: ${why}`)
}

const sentence = ({ name, reason, accepted }: Problem, words: (name: string) => string) =>
  `${words(name)} ${reason}. Accepted: ${accepted}.`
