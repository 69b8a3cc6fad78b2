import { issueApiKey } from '../api-key.ts'
import { readArguments } from './arguments.ts'
import { integer, keyName } from './fields.ts'
import type { Command } from './ports.ts'
import { done } from './reply.ts'
import { isoTime } from './views.ts'

const DAY_SECONDS = 86_400
const TEN_YEARS = 3650

/** A new API key for the login routes. It is in force once the setting `api_keys` lists it. */
export const createApiKey: Command = async (ports, args) => {
  const { name, days } = readArguments(args, { name: keyName, days: integer(1, TEN_YEARS) })
  const seconds = days * DAY_SECONDS
  const { key, listed } = await issueApiKey(ports, name, seconds)
  return done({ name, id: listed.id, key, expires_at: isoTime(listed.until * 1000) })
}
