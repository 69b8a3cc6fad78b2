import { FileError, LONGEST_ROW, type Row } from './row.ts'

type Line = { line: number; cells: string[] }

/**
 * Rows of a CSV file (RFC 4180) whose first line names the columns. Commas or semicolons separate,
 * whichever the first line has. White space around a cell does not count; empty cells are left out.
 * Throws FileError.
 */
export async function* csvRows(
  text: AsyncIterable<string>,
  columns: readonly string[],
): AsyncGenerator<Row> {
  let heading: string[] | undefined
  for await (const { line, cells } of csvLines(text)) {
    if (!heading) {
      heading = readHeading(cells, columns)
    } else if (cells.length !== heading.length) {
      yield { line, broken: `has ${cells.length} cells, the first line ${heading.length}` }
    } else {
      const named = heading.map((name, index) => [name, cells[index]!.trim()] as const)
      yield { line, fields: Object.fromEntries(named.filter(([, cell]) => cell !== '')) }
    }
  }
  if (!heading) throw new FileError('The file is empty.')
}

function readHeading(cells: readonly string[], columns: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const unknown = names.find((name) => !columns.includes(name))
  const accepted = `Accepted: ${columns.join(', ')}.`
  if (unknown !== undefined) throw new FileError(`There is no column "${unknown}". ${accepted}`)
  if (new Set(names).size < names.length) throw new FileError('A column is named twice.')
  if (!names.includes('user')) throw new FileError(`The column user is missing. ${accepted}`)
  return names
}

/** Cells by line; lines without anything are passed over. */
async function* csvLines(text: AsyncIterable<string>): AsyncGenerator<Line> {
  const reader = new LineReader()
  for await (const chunk of text) yield* reader.read(chunk)
  yield* reader.end()
}

/** Takes text in pieces of any size and gives the lines that are complete. */
class LineReader {
  #separator: string | undefined
  #line = 1
  #start = 1
  #cells: string[] = []
  #cell = ''
  #length = 0
  #quoted = false
  /** The last character ended a quoted part, unless the next one is a quote, too. */
  #closing = false
  #first = true

  read(chunk: string): Line[] {
    const complete: Line[] = []
    for (const character of this.#first ? chunk.replace(/^\uFEFF/, '') : chunk) {
      this.#first = false
      if (++this.#length > LONGEST_ROW) {
        throw new FileError(`Line ${this.#start} does not end: is a quote missing?`)
      }
      if (this.#quoted && !this.#closes(character)) continue
      if (character === '\n') complete.push(...this.#endLine())
      else this.#plain(character)
    }
    return complete
  }

  end(): Line[] {
    if (this.#quoted && !this.#closing) {
      throw new FileError(`A quote that is opened in line ${this.#start} is never closed.`)
    }
    return this.#endLine()
  }

  /** Handles a character inside quotes; true if the quotes ended before it. */
  #closes(character: string): boolean {
    if (this.#closing && character !== '"') {
      this.#quoted = this.#closing = false
      return true
    }
    if (character === '"' && !this.#closing) {
      this.#closing = true
      return false
    }
    this.#closing = false
    if (character === '\n') this.#line++
    this.#cell += character
    return false
  }

  #plain(character: string): void {
    if (character === '"' && this.#cell.trim() === '') {
      this.#cell = ''
      this.#quoted = true
    } else if (this.#separates(character)) {
      this.#cells.push(this.#cell)
      this.#cell = ''
    } else if (character !== '\r') {
      this.#cell += character
    }
  }

  /** The first of the two that is met is the file's. */
  #separates(character: string): boolean {
    if (this.#separator === undefined && (character === ',' || character === ';')) {
      this.#separator = character
    }
    return character === this.#separator
  }

  /** The line, unless there is nothing on it. */
  #endLine(): Line[] {
    const cells = [...this.#cells, this.#cell]
    const start = this.#start
    this.#start = ++this.#line
    this.#cells = []
    this.#cell = ''
    this.#length = 0
    this.#quoted = this.#closing = false
    return cells.some((cell) => cell.trim() !== '') ? [{ line: start, cells }] : []
  }
}
