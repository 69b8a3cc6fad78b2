import { FileError, LONGEST_ROW, type Row } from './row.ts'

/** Rows of a file with one JSON object per line; a line that is none is named and passed over. */
export async function* jsonLineRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const each of lines) yield* objectRow(each, ++line)
    if (rest.length > LONGEST_ROW) throw new FileError(`Line ${line + 1} does not end.`)
  }
  yield* objectRow(rest, line + 1)
}

function* objectRow(text: string, line: number): Generator<Row> {
  const plain = text.replace(/^\uFEFF/, '').trim()
  if (plain !== '') yield { line, ...parsedObject(plain) }
}

/** An object, or what the text is instead; never quotes it. */
export function parsedObject(
  text: string,
): { fields: Record<string, unknown> } | { broken: string } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: value as Record<string, unknown> }
    }
    return { broken: 'is not an object' }
  } catch {
    return { broken: 'is not JSON' }
  }
}
