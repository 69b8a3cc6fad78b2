/** The arguments commands have in common. */
import { refusalClause } from '../address/faults.ts'
import { normaliseAddress } from '../address/normalise-address.ts'
import { realmName } from '../setting-kinds-net.ts'
import { line } from '../setting-kinds.ts'
import type { Kind } from '../setting-kinds.ts'
import type { Field } from './arguments.ts'

/** May be left out; null and the empty string count as left out. */
export const optional = <T>({ accepted, read }: Field<T>): Field<T | undefined> => ({
  accepted,
  read: (value) =>
    value === undefined || value === null || value === '' ? { value: undefined } : read(value),
})

/** May be left out; the empty string is kept and means "remove what is there". */
export const clearable = (field: Field<string>): Field<string | undefined> => ({
  accepted: `${field.accepted}, or nothing to remove it`,
  read: (value) => (value === '' ? { value: '' } : optional(field).read(value)),
})

/** Plain text without blanks around it. */
export function text<T>(kind: Kind<T>): Field<T> {
  return {
    accepted: kind.accepted,
    read(value) {
      if (value === undefined || value === null || value === '') return { refused: 'is missing' }
      if (typeof value !== 'string') return { refused: 'is not text' }
      if (value !== value.trim()) return { refused: 'begins or ends with a space' }
      return kind.read(value)
    },
  }
}

const pattern = (accepted: string, expression: RegExp): Kind<string> => ({
  accepted,
  read: (value) => (expression.test(value) ? { value } : { refused: 'is not accepted' }),
})

export const integer = (min: number, max: number): Field<number> => ({
  accepted: `a whole number from ${min} to ${max}`,
  read(value) {
    if (value === undefined) return { refused: 'is missing' }
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return { refused: 'is not a whole number' }
    }
    return value < min || value > max ? { refused: 'is out of range' } : { value }
  },
})

export const flag: Field<boolean> = {
  accepted: 'true or false',
  read: (value) => (typeof value === 'boolean' ? { value } : { refused: 'is not true or false' }),
}

export const list = (min: number, max: number): Field<unknown[]> => ({
  accepted: `a list of ${min} to ${max}`,
  read(value) {
    if (!Array.isArray(value)) return { refused: 'is not a list' }
    const fits = value.length >= min && value.length <= max
    return fits ? { value } : { refused: `has ${value.length} items` }
  },
})

/** A PIN or password is kept as typed: spaces count. */
const secret = (min: number): Field<string> => ({
  accepted: `${min} to 200 characters on one line`,
  read(value) {
    if (value === undefined || value === null) return { refused: 'is missing' }
    if (typeof value !== 'string') return { refused: 'is not text' }
    if ([...value].length < min) return { refused: min > 1 ? 'is too short' : 'is empty' }
    return line(200).read(value)
  },
})

const LOCAL_STAGE = 'local'
const PASSWORD_LENGTH = 8

export const isLocal = (stage: string) => stage === LOCAL_STAGE

/** Short passwords are for a laptop only. */
export const password = (stage: string) => secret(isLocal(stage) ? 1 : PASSWORD_LENGTH)
export const pin = secret(1)
/** The empty one removes the PIN. */
export const newPin = secret(0)

export const shortText = text(line(200))
export const login = text(line(128))
export const realm = text(realmName)
export const mailbox = text<string>({
  accepted: 'one bare e-mail address such as alice@example.org',
  read(value) {
    const reading = normaliseAddress(value)
    if ('refused' in reading) return { refused: refusalClause(reading) }
    return { value: reading.address }
  },
})
const LANGUAGE_TAG = '[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}'
/** BCP 47, as far as languages of mail go. */
export const languageTag = text(
  pattern('a language tag such as de or zh-CN', new RegExp(`^${LANGUAGE_TAG}$`)),
)
export const adminName = text(pattern('1 to 64 of A-Z a-z 0-9 . _ @ -', /^[A-Za-z0-9._@-]{1,64}$/))
export const keyName = text(
  pattern('1 to 64 of A-Z a-z 0-9 . _ @ -, no - first', /^[A-Za-z0-9._@][A-Za-z0-9._@-]{0,63}$/),
)
export const serial = text(pattern('1 to 40 of A-Z a-z 0-9 _ -', /^[0-9a-zA-Z_-]{1,40}$/))
export const digits = integer(4, 12)
/** Where a listing goes on: `next` of the page before. */
export const cursor = text(line(512))
export const limit = integer(1, 200)
