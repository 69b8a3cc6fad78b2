import { parsedObject } from './json-lines.ts'
import { FileError, LONGEST_ROW, type Row } from './row.ts'

/**
 * Rows of a JSON file: a list of objects, or one object after the other. Only one object at a time
 * is in memory. Throws FileError.
 */
export async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  const splitter = new ObjectSplitter()
  for await (const chunk of text) yield* splitter.read(chunk)
  splitter.end()
}

/** Finds where objects begin and end; what is between them must be a list's punctuation. */
class ObjectSplitter {
  #line = 1
  #start = 1
  #depth = 0
  #object = ''
  #inString = false
  #escaped = false

  read(chunk: string): Row[] {
    const complete: Row[] = []
    for (const character of chunk) {
      if (this.#depth === 0) this.#between(character)
      else if (this.#inside(character)) complete.push(this.#take())
      if (character === '\n') this.#line++
    }
    return complete
  }

  end(): void {
    if (this.#depth > 0) throw new FileError(`The object of line ${this.#start} does not end.`)
  }

  #between(character: string): void {
    if (character === '{') {
      this.#start = this.#line
      this.#depth = 1
      this.#object = character
    } else if (!/[\s,[\]\uFEFF]/.test(character)) {
      throw new FileError(`Line ${this.#line} holds no list of objects.`)
    }
  }

  /** True when the character completes an object. */
  #inside(character: string): boolean {
    this.#object += character
    if (this.#object.length > LONGEST_ROW) {
      throw new FileError(`The object of line ${this.#start} does not end.`)
    }
    if (this.#escaped) this.#escaped = false
    else if (this.#inString && character === '\\') this.#escaped = true
    else if (character === '"') this.#inString = !this.#inString
    else if (!this.#inString && character === '{') this.#depth++
    else if (!this.#inString && character === '}') this.#depth--
    return this.#depth === 0
  }

  #take(): Row {
    return { line: this.#start, ...parsedObject(this.#object) }
  }
}
