/** Which kinds of files there are, and how each is read. */
import { extname } from 'node:path'
import { UsageError } from '../errors.ts'
import { fitObject, readHeading, UnknownColumns } from './columns.ts'
import { csvRows } from './csv.ts'
import { jsonRows } from './json.ts'
import { jsonLineRows } from './json-lines.ts'
import { passwdRows } from './passwd.ts'
import type { Row } from './row.ts'

export const FORMATS = ['csv', 'json', 'jsonl', 'passwd'] as const
export type Format = (typeof FORMATS)[number]

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.passwd': 'passwd',
}

/** The format that was asked for, or that the name of the file tells. Throws UsageError. */
export function formatOf(file: string, asked: string | undefined): Format {
  if (asked === undefined) {
    const told = EXTENSIONS[extname(file).toLowerCase()]
    if (told) return told
    const known = Object.keys(EXTENSIONS).join(', ')
    throw new UsageError(`The name of the file ends in one of ${known}; or say --format <format>.`)
  }
  const known = FORMATS.find((each) => each === asked)
  if (known) return known
  throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`)
}

/** A row with the names of our columns, or what is wrong with it and where. */
export type ReadRow = { line: number } & (
  { fields: Record<string, unknown> } | { column?: string; reason: string }
)

export type Reading = {
  format: Format
  /** Told of what is passed over. */
  tell(text: string): void
  /** Told the columns of a file that names them, before its first row; may throw. */
  columns(names: readonly string[]): void
}

/** The rows of a text, one at a time. Throws FileError where it cannot be read on. */
export async function* readRows(
  text: AsyncIterable<string>,
  { format, tell, columns }: Reading,
): AsyncGenerator<ReadRow> {
  const others = new UnknownColumns(tell)
  const heading = (cells: readonly string[]) => {
    const named = readHeading(cells, others)
    columns(named.filter((name) => name !== undefined))
    return named
  }
  if (format === 'passwd') columns(['user', 'givenname', 'surname', 'phone', 'mobile', 'email'])
  const isJson = format === 'json' || format === 'jsonl'
  for await (const row of rawRows(text, format, heading)) {
    const { line } = row
    if ('broken' in row) yield { line, reason: `The row ${row.broken}.` }
    else yield isJson ? { line, ...fitObject(row.fields, others) } : row
  }
}

function rawRows(
  text: AsyncIterable<string>,
  format: Format,
  heading: Parameters<typeof csvRows>[1],
): AsyncIterable<Row> {
  switch (format) {
    case 'csv':
      return csvRows(text, heading)
    case 'json':
      return jsonRows(text)
    case 'jsonl':
      return jsonLineRows(text)
    case 'passwd':
      return passwdRows(text)
  }
}
