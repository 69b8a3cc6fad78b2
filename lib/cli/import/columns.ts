/** Which columns a file may have, and what is done about the others. */
import { distance } from '../../../functions/core/nearest-name.ts'
import { ROW_COLUMNS } from '../../../functions/core/operator/import-row.ts'
import { FileError } from './row.ts'

/** What other programs call them. */
const ALIASES: Readonly<Record<string, string>> = {
  username: 'user',
  login: 'user',
  mail: 'email',
  'e-mail': 'email',
}
export const COLUMNS = ROW_COLUMNS
const ACCEPTED = `Accepted: ${COLUMNS.join(', ')}.`
/** A name of so many characters may have two mistakes in it. */
const LONG_NAME = 5
const MOST_NAMES = 100

export type Named = { column: string } | { unknown: string; meant: string | undefined }

/** The column a name means. */
function columnOf(name: string): Named {
  const plain = name.trim().toLowerCase()
  if (COLUMNS.includes(plain)) return { column: plain }
  if (Object.hasOwn(ALIASES, plain)) return { column: ALIASES[plain]! }
  const allowed = plain.length >= LONG_NAME ? 2 : 1
  const meant = COLUMNS.find((known) => distance(plain.slice(0, 40), known) <= allowed)
  return { unknown: plain, meant }
}

/** Names of columns that are passed over, each told once. */
export class UnknownColumns {
  #told = new Set<string>()
  #tell: (text: string) => void

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  passOver(name: string): void {
    if (this.#told.has(name) || this.#told.size >= MOST_NAMES) return
    this.#told.add(name)
    this.#tell(`The column "${name}" is not one of ours and is passed over. ${ACCEPTED}`)
  }
}

/**
 * The first line of a .csv as columns; undefined: passed over. Throws FileError. Names are quoted
 * only where a column `user` shows that they are names, and not somebody's row with a PIN.
 */
export function readHeading(
  cells: readonly string[],
  others: UnknownColumns,
): (string | undefined)[] {
  const named = cells.map(columnOf)
  const columns = named.map((each) => ('column' in each ? each.column : undefined))
  if (!columns.includes('user')) {
    throw new FileError(`The first line names the columns, and user is missing. ${ACCEPTED}`)
  }
  const known = columns.filter((column) => column !== undefined)
  const twice = known.find((column, index) => known.indexOf(column) !== index)
  if (twice) throw new FileError(`The column ${twice} is named twice.`)
  for (const each of named) {
    if ('column' in each) continue
    if (each.meant) throw new FileError(misspelt(each.unknown, each.meant))
    if (each.unknown !== '') others.passOver(each.unknown)
  }
  return columns
}

export const misspelt = (name: string, meant: string) =>
  `There is no column "${name}". Did you mean ${meant}? ${ACCEPTED}`

export type Fitted = { fields: Record<string, unknown> } | { column: string; reason: string }

/** The members of an object under the names of our columns, or what is wrong with them. */
export function fitObject(object: Record<string, unknown>, others: UnknownColumns): Fitted {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    const named = columnOf(name)
    if ('column' in named) {
      if (Object.hasOwn(fields, named.column)) {
        return { column: named.column, reason: `${named.column} is named twice.` }
      }
      fields[named.column] = value
    } else if (named.meant) {
      return { column: name, reason: misspelt(name, named.meant) }
    } else {
      others.passOver(named.unknown)
    }
  }
  return { fields }
}
