import { issueSession } from '../sign-in.ts'
import { readArguments } from './arguments.ts'
import { adminName, integer } from './fields.ts'
import type { Command } from './ports.ts'
import { done } from './reply.ts'
import { isoTime } from './views.ts'

const DAY_SECONDS = 86_400
const TEN_YEARS = 3650

/** An API key for the validation routes: a session of the role `validate` that lasts for days. */
export const createApiKey: Command = async (ports, args) => {
  const { name, days } = readArguments(args, { name: adminName, days: integer(1, TEN_YEARS) })
  const seconds = days * DAY_SECONDS
  const key = await issueSession(ports, { username: name, role: 'validate', seconds })
  return done({ name, key, expires_at: isoTime(ports.now() + seconds * 1000) })
}
