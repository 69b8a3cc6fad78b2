import { putAdmin, revokeSessions } from '../sign-in.ts'
import { readArguments } from './arguments.ts'
import { adminName, password } from './fields.ts'
import type { Command } from './ports.ts'
import { done, refused } from './reply.ts'
import { adminView } from './views.ts'

/** Adds an administrator, or gives one a new password. */
export const addAdmin: Command = async (ports, args) => {
  const shape = { name: adminName, password: password(ports.stage) }
  const { name, password: word } = readArguments(args, shape)
  return done({ name, added: await putAdmin(ports, name, word) })
}

export const removeAdmin: Command = async ({ admins }, args) => {
  const { name } = readArguments(args, { name: adminName })
  if (await admins.remove(name)) return done({ name, removed: true })
  return refused('not_found', `There is no administrator ${name}.`, 'name')
}

/** Ends every session of an administrator at once. */
export const revokeAdminSessions: Command = async (ports, args) => {
  const { name } = readArguments(args, { name: adminName })
  if (await revokeSessions(ports, name)) return done({ name, revoked: true })
  return refused('not_found', `There is no administrator ${name}.`, 'name')
}

export const listAdmins: Command = async ({ admins }, args) => {
  readArguments(args, {})
  const all = await admins.all()
  return done(all.map(adminView).sort((a, b) => (a.name < b.name ? -1 : 1)))
}
