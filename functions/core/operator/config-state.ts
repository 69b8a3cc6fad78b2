import { readArguments } from './arguments.ts'
import type { Command } from './ports.ts'
import { done } from './reply.ts'
import { isoTime } from './views.ts'

/** Which settings are in force, and what is wrong with the parameters; version 0: never published. */
export const configState: Command = async ({ snapshots }, args) => {
  readArguments(args, {})
  const { snapshot } = await snapshots.load()
  if (!snapshot) return done({ version: 0, problems: [] })
  const { version, publishedAt, checkedAt, problems } = snapshot
  return done({
    version,
    published_at: isoTime(publishedAt),
    checked_at: isoTime(checkedAt),
    problems,
  })
}
