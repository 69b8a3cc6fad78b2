/** How each member of a policy is read, in its stored form and on the wire. */
import { boolean, choice, integer, text } from '../setting-kinds.ts'
import type { Kind, Reading } from '../setting-kinds.ts'
import { readActionText } from './action-text.ts'
import type { Actions } from './action-text.ts'
import { SCOPES } from './policy.ts'
import type { Scope } from './policy.ts'
import { times } from './times.ts'

/** Like a {@link Kind}, from whatever JSON or a form holds. */
export type Member<T> = { accepted: string; read(value: unknown): Reading<T> }

export const isAbsent = (value: unknown) => value === undefined || value === null || value === ''

/** A member without a value has the fallback. */
function member<T>(kind: Kind<T>, fallback: T): Member<T> {
  return {
    accepted: kind.accepted,
    read(value) {
      if (isAbsent(value)) return { value: fallback }
      const plain = ['string', 'number', 'boolean'].includes(typeof value)
      return plain ? kind.read(String(value).trim()) : { refused: 'is not text' }
    },
  }
}

export const scope: Member<Scope> = {
  accepted: `one of ${SCOPES.join(', ')}`,
  read(value) {
    const found = SCOPES.find((each) => each === value)
    if (found) return { value: found }
    return { refused: isAbsent(value) ? 'is missing' : 'is not a known scope' }
  },
}

export const active = member(boolean, true)
export const priority = member(integer(1, 9999), 1)
/** How policies that set the same action are decided: by their numbers, or LinOTP's way. */
export const precedence = member(choice(['priority', 'specific']), 'priority')
export const description = member(text(1000), '')

export const time: Member<string> = member(
  {
    accepted: times.accepted,
    read(value) {
      const reading = times.read(value)
      return 'refused' in reading ? reading : { value }
    },
  },
  '',
)

/** The reference's text of actions, a list of such texts, or an object. */
export const actions: Member<Actions> = {
  accepted:
    'an object such as {"emailautosend": true, "otppin": "none"}, or "emailautosend, otppin=none"',
  read(value) {
    if (isAbsent(value)) return { refused: 'is missing' }
    const reading = readActions(value)
    if ('refused' in reading) return reading
    return Object.keys(reading.value).length > 0 ? reading : { refused: 'names no action' }
  },
}

function readActions(value: unknown): Reading<Actions> {
  if (typeof value === 'string') return readActionText(value)
  if (Array.isArray(value)) {
    const texts = value.every((each) => typeof each === 'string')
    return texts ? readActionText(value.join(',')) : { refused: 'is not a list of text' }
  }
  if (typeof value !== 'object' || value === null) return { refused: 'is not an object' }
  return readActionObject(value)
}

function readActionObject(object: object): Reading<Actions> {
  const entries: [string, string | true][] = []
  for (const [name, value] of Object.entries(object)) {
    if (value === true) entries.push([name, true])
    else if (typeof value === 'string' || typeof value === 'number') {
      entries.push([name, String(value).trim()])
    } else return { refused: `gives ${name} a value that is neither true nor text` }
  }
  return { value: Object.fromEntries(entries) }
}

/** Members by which the reference restricts or widens a policy and which Otpost cannot honour. */
export const unsupported: Member<undefined> = {
  accepted: 'none; Otpost does not know this condition',
  read(value) {
    const empty = isAbsent(value) || (Array.isArray(value) && value.length === 0)
    const off = value === false || /^(false|0)$/i.test(String(value))
    return empty || off ? { value: undefined } : { refused: 'is set' }
  },
}
