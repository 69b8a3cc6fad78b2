/** JSON as people write it: what cannot be read is told by its place, never by its words. */
import type { Reading } from './setting-kinds.ts'

const BLANKS = /[ \t\n\r]*/y
const TOKEN =
  /(?<punctuation>[{}[\],:])|(?<text>"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<scalar>(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y

/** Reads one JSON object. The refusal is a clause that names line, column and offset. */
export function readJsonObject(text: string): Reading<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { refused: `is not JSON: ${placeOf(faultOf(text), text)}` }
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject
    ? { value: value as Record<string, unknown> }
    : { refused: 'is not a JSON object' }
}

function placeOf(offset: number, text: string): string {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/)
  const place = `line ${before.length}, column ${before.at(-1)!.length + 1} (offset ${offset})`
  if (offset >= text.length) return `it ends too early, at ${place}`
  const quotes = text[offset] === "'" ? '; names and texts need double quotes' : ''
  return `it cannot be read from ${place} on${quotes}`
}

/** What may come next, in the grammar of RFC 8259. */
type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'next' | 'end'

/** The offset of what cannot be there; the length of the text when something is missing. */
function faultOf(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    BLANKS.lastIndex = at
    at += BLANKS.exec(text)![0].length
    TOKEN.lastIndex = at
    const token: RegExpExecArray | null = TOKEN.exec(text)
    const next: Expected | undefined = token ? following(expected, token, open) : undefined
    if (!token || !next) return at
    at += token[0].length
    expected = next
  }
}

/** What may follow a token that was expected; undefined: it was not. */
function following(
  expected: Expected,
  [token, , text]: RegExpExecArray,
  open: ('{' | '[')[],
): Expected | undefined {
  const closed = (): Expected => (open.length === 0 ? 'end' : 'next')
  if (token === '}' || token === ']') {
    const first = token === '}' ? 'first key' : 'first value'
    if (expected !== first && expected !== 'next') return undefined
    return open.pop() === (token === '}' ? '{' : '[') ? closed() : undefined
  }
  switch (expected) {
    case 'colon':
      return token === ':' ? 'value' : undefined
    case 'next':
      if (token !== ',') return undefined
      return open.at(-1) === '{' ? 'key' : 'value'
    case 'key':
    case 'first key':
      return text === undefined ? undefined : 'colon'
    case 'end':
      return undefined
    default:
      if (token === '{' || token === '[') {
        open.push(token)
        return token === '{' ? 'first key' : 'first value'
      }
      return token === ',' || token === ':' ? undefined : closed()
  }
}
