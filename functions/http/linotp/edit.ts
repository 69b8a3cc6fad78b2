import { editSettings, type EditResult, type SettingChange } from '../../core/edit-settings.ts'
import type { Problem } from '../../core/settings.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { refusal } from './refused.ts'

/** Changes parameters together and puts them in force. Throws RefusedError, with nothing changed. */
export async function edit(ports: AdminPorts, changes: readonly SettingChange[]): Promise<void> {
  requireInForce(await editSettings(ports, changes))
}

/** Refuses what was not put in force. */
export function requireInForce(result: EditResult): void {
  if (result.outcome === 'in_force') return
  const why = result.problems.map(sentence).join(' ')
  if (result.outcome === 'refused') throw refusal(905, why)
  throw refusal(905, `This was stored, and will be in force once others are mended: ${why}`)
}

const sentence = ({ name, reason, accepted }: Problem) =>
  `${name} ${reason}. Accepted: ${accepted}.`
