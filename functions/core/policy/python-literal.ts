/** Lists, dictionaries and text as Python writes them, which privacyIDEA's export is made of. */

const DEEPEST = 4
const WORDS = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
])
const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

class NotALiteralError extends Error {}

/** The value of a literal, behind which nothing but a comment stands; undefined: it is none. */
export function readPython(text: string): { value: unknown } | undefined {
  try {
    const reader = new Reader(text)
    const value = reader.value(0)
    return reader.isAtEnd() ? { value } : undefined
  } catch (error) {
    if (error instanceof NotALiteralError) return undefined
    throw error
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return /^\s*(#.*)?$/.test(this.#text.slice(this.#at))
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) throw new NotALiteralError()
    if (this.#takes('[')) return this.#items(']', () => this.value(depth + 1))
    if (this.#takes('{')) {
      const pairs = this.#items('}', () => this.#pair(depth + 1))
      return Object.fromEntries(pairs)
    }
    const [word] = /^(?:[A-Za-z]+|-?\d+(?:\.\d+)?)/.exec(this.#rest()) ?? []
    if (word === undefined) return this.#string()
    this.#at += word.length
    if (WORDS.has(word)) return WORDS.get(word)
    if (/^[A-Za-z]/.test(word)) throw new NotALiteralError()
    return Number(word)
  }

  #pair(depth: number): [string, unknown] {
    const key = this.#string()
    if (!this.#takes(':')) throw new NotALiteralError()
    this.#skip()
    return [key, this.value(depth)]
  }

  #items<T>(end: string, item: () => T): T[] {
    const items: T[] = []
    while (!this.#takes(end)) {
      if (items.length > 0 && !this.#takes(',')) throw new NotALiteralError()
      if (this.#takes(end)) break
      this.#skip()
      items.push(item())
    }
    return items
  }

  #string(): string {
    this.#skip()
    const quote = this.#text[this.#at++]
    if (quote !== "'" && quote !== '"') throw new NotALiteralError()
    let string = ''
    for (;;) {
      const character = this.#text[this.#at++]
      if (character === undefined) throw new NotALiteralError()
      if (character === quote) return string
      string += character === '\\' ? this.#escape() : character
    }
  }

  #escape(): string {
    const [code] = /^(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8})/i.exec(this.#rest()) ?? []
    if (code !== undefined) {
      const point = parseInt(code.slice(1), 16)
      if (point > 0x10ffff) throw new NotALiteralError()
      this.#at += code.length
      return String.fromCodePoint(point)
    }
    const character = this.#text[this.#at++] ?? ''
    return ESCAPES.get(character) ?? (/["'\\]/.test(character) ? character : `\\${character}`)
  }

  #takes(character: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skip() {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #rest = () => this.#text.slice(this.#at, this.#at + 64)
}

/** A value made of text, numbers, booleans, null, lists and objects, as Python writes it. */
export function writePython(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (Array.isArray(value)) return `[${value.map(writePython).join(', ')}]`
  const pairs = Object.entries(value).map(
    ([key, each]) => `${writeString(key)}: ${writePython(each)}`,
  )
  return `{${pairs.join(', ')}}`
}

function writeString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return quote + escaped + quote
}
