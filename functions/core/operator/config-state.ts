import { readArguments } from './arguments.ts'
import { missingTemplates } from './missing-templates.ts'
import type { Command } from './ports.ts'
import { done } from './reply.ts'
import { isoTime } from './views.ts'

/**
 * Which settings are in force, and what is wrong with the parameters; version 0: never published.
 * `values`: the parameters in force, without the secrets. `missing`: what settings in force name and nobody has made, which no parameter tells.
 */
export const configState: Command = async (ports, args) => {
  readArguments(args, {})
  const { snapshot } = await ports.snapshots.load()
  const missing = await missingTemplates(ports)
  if (!snapshot) return done({ version: 0, problems: [], missing })
  const { version, publishedAt, checkedAt, problems, values } = snapshot
  return done({
    version,
    published_at: isoTime(publishedAt),
    checked_at: isoTime(checkedAt),
    problems,
    values,
    missing,
  })
}
