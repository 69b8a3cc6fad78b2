/** What is known about a token, under the names the reference has for it. */
import type { Account, Token } from './account.ts'
import { isoSeconds } from './move-token.ts'
import type { Kind } from './setting-kinds.ts'
import { SCHEMA } from './settings-schema.ts'

/** Everything to be told about a token. */
export function infoOf(account: Account, token: Token): Record<string, string | undefined> {
  const { identifier, validFrom, validUntil } = token
  return {
    ...(account.login === undefined ? {} : { assignment_date: isoSeconds(token.createdAt) }),
    ...token.info,
    ...addressInfo(token),
    ...(identifier === undefined ? {} : { 'email.identifier': identifier }),
    ...(validFrom === undefined ? {} : { validity_period_start: minutes(validFrom) }),
    ...(validUntil === undefined ? {} : { validity_period_end: minutes(validUntil) }),
    creation_date: isoSeconds(token.createdAt),
    hashlib: token.algorithm,
    tokenkind: 'software',
  }
}

function addressInfo({ type, email }: Token): Record<string, string> {
  if (type === 'spass') return {}
  return email === undefined ? { dynamic_email: 'True' } : { email }
}

/** `2020-01-01T00:00+0000`. */
export const minutes = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}+0000`

/** Unix milliseconds of `2020-01-01T00:00+0000` and its like; undefined if it is no moment. */
export function readMoment(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:Z|([+-]\d\d):?(\d\d))$/.exec(text)
  if (!match) return undefined
  const ms = Date.parse(`${match[1]}${match[2] === undefined ? 'Z' : `${match[2]}:${match[3]}`}`)
  return Number.isNaN(ms) ? undefined : ms
}

/** A token with a note changed, or why not: a clause that follows the name of the note. */
export type Noted = { token: Token } | { refused: string }

const MOST_NOTES = 20
/** What the token is made of cannot be edited as if it were a note. */
const FIXED = ['hashlib', 'tokenkind', 'creation_date', 'assignment_date']

/** Sets a note. Those that steer the token take effect; an address must have been checked before. */
export function setInfo(token: Token, name: string, value: string): Noted {
  if (FIXED.includes(name)) return { refused: 'cannot be changed' }
  switch (name) {
    case 'email':
      if (token.email !== undefined) return { token: { ...token, email: value } }
      return note(token, name, value)
    case 'dynamic_email':
      return { token: without(token, 'email') }
    case 'email.identifier':
      return { token: { ...token, identifier: value } }
    case 'challenge_validity_time':
      return noteOf(VALIDITY, token, name, value)
    case 'validity_period_start':
      return limit(token, 'validFrom', value)
    case 'validity_period_end':
      return limit(token, 'validUntil', value)
    default:
      return note(token, name, value)
  }
}

function limit(token: Token, member: 'validFrom' | 'validUntil', value: string): Noted {
  const moment = readMoment(value)
  if (moment === undefined) return { refused: 'is not a moment like 2026-01-31T08:00+0000' }
  return { token: { ...token, [member]: moment } }
}

const VALIDITY = SCHEMA['email.validtime'].kind

/** A note that is used and must be read as what it is used for. */
function noteOf(kind: Kind<unknown>, token: Token, name: string, value: string): Noted {
  const reading = kind.read(value)
  return 'refused' in reading ? { refused: `is not ${kind.accepted}` } : note(token, name, value)
}

function note(token: Token, name: string, value: string): Noted {
  if (!/^[a-zA-Z0-9_. -]{1,64}$/.test(name)) return { refused: 'is not a name of a note' }
  if (value.length > 1000) return { refused: 'is longer than 1000 characters' }
  const info = { ...token.info, [name]: value }
  if (Object.keys(info).length > MOST_NOTES) return { refused: 'is one note too many' }
  return { token: { ...token, info } }
}

const MEMBERS = {
  'email.identifier': 'identifier',
  validity_period_start: 'validFrom',
  validity_period_end: 'validUntil',
} as const

/** Removes a note; one that is not there is no fault. The address of a token only changes. */
export function deleteInfo(token: Token, name: string): Noted {
  if (FIXED.includes(name)) return { refused: 'cannot be changed' }
  if (Object.hasOwn(MEMBERS, name)) {
    return { token: without(token, MEMBERS[name as keyof typeof MEMBERS]) }
  }
  if (name === 'email' && token.email !== undefined) {
    return { refused: "cannot be removed; set dynamic_email to use the owner's address instead" }
  }
  if (name === 'dynamic_email' && token.email === undefined) {
    return { refused: 'cannot be removed; enrol the token anew with an address instead' }
  }
  const { [name]: _gone, ...info } = token.info ?? {}
  if (Object.keys(info).length === 0) return { token: without(token, 'info') }
  return { token: { ...token, info } }
}

function without(
  token: Token,
  member: 'email' | 'identifier' | 'validFrom' | 'validUntil' | 'info',
) {
  const { [member]: _gone, ...rest } = token
  return rest as Token
}
