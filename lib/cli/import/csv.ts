import { FileError, LONGEST_ROW, type Row } from './row.ts'

type Line = { line: number; cells: string[] }

/**
 * Rows of a CSV file (RFC 4180) whose first line names the columns; `heading` gets its cells and
 * says what they are called here, undefined for those to pass over. Commas or semicolons separate,
 * whichever the first line has. White space around a cell does not count; empty cells are left out.
 * Throws FileError.
 */
export async function* csvRows(
  text: AsyncIterable<string>,
  heading: (cells: readonly string[]) => readonly (string | undefined)[],
): AsyncGenerator<Row> {
  let columns: readonly (string | undefined)[] | undefined
  for await (const { line, cells } of csvLines(text)) {
    if (!columns) columns = heading(cells)
    else if (cells.length !== columns.length) {
      yield { line, broken: `has ${cells.length} cells, the first line ${columns.length}` }
    } else {
      yield { line, fields: fieldsOf(columns, cells) }
    }
  }
  if (!columns) throw new FileError('The file is empty.')
}

function fieldsOf(columns: readonly (string | undefined)[], cells: readonly string[]) {
  const fields: Record<string, string> = {}
  columns.forEach((column, index) => {
    const cell = cells[index]!.trim()
    if (column !== undefined && cell !== '') fields[column] = cell
  })
  return fields
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
