/** The file both references keep policies in: sections of `key = value`, as Python's ConfigObj reads them. */
import type { Reading } from '../setting-kinds.ts'

/** Values as they stand in the file, quotes included, by key. */
export type Section = { name: string; values: ReadonlyMap<string, string> }

const HEADING = /^\[([^[\]]+)\]\s*(?:#.*)?$/
const KEY = /^[^#[\]]+$/
const TRIPLE = /^("""|''')/

/** Reads the sections in their order. Never throws. */
export function readConfigFile(text: string): Reading<Section[]> {
  const sections = new Map<string, Map<string, string>>()
  let values: Map<string, string> | undefined
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const number = at + 1
    const line = lines[at]!.trim()
    if (line === '' || line.startsWith('#')) continue

    const heading = HEADING.exec(line)
    if (heading) {
      const name = unquoted(heading[1]!.trim())
      if (sections.has(name)) return wrong(number, `begins ${name} again`)
      sections.set(name, (values = new Map()))
      continue
    }
    const pair = pairOf(line)
    if (!pair) return wrong(number, 'is neither [name] nor key = value')
    if (!values) return wrong(number, 'stands before the first [name]')
    const [key, first] = pair
    const said = [first]
    const triple = TRIPLE.exec(first)?.[1]
    if (triple && !first.includes(triple, triple.length)) {
      do {
        if (++at === lines.length) return wrong(number, `opens ${triple} and does not close it`)
        said.push(lines[at]!)
      } while (!lines[at]!.includes(triple))
    }
    if (values.has(key)) return wrong(number, `sets ${key} again`)
    values.set(key, said.join('\n').trimEnd())
  }
  return { value: [...sections].map(([name, values]) => ({ name, values })) }
}

/** Key and value of a line. No expression does both: a line of blanks would take its square of time. */
function pairOf(line: string): [key: string, value: string] | undefined {
  const equals = line.indexOf('=')
  const key = line.slice(0, Math.max(equals, 0)).trim()
  return KEY.test(key) ? [unquoted(key), line.slice(equals + 1).trim()] : undefined
}

const wrong = (line: number, reason: string) => ({ refused: `line ${line} ${reason}` })

const QUOTED = /^"([^"]*)"|^'([^']*)'/

/** What stands between triple quotes, behind which nothing but a comment may stand. */
function tripleQuoted(value: string): string | undefined {
  const quotes = TRIPLE.exec(value)?.[1]
  if (quotes === undefined) return undefined
  const lastLine = value.lastIndexOf('\n')
  for (let end = value.indexOf(quotes, 3); end >= 0; end = value.indexOf(quotes, end + 1)) {
    BLANKS.lastIndex = end + quotes.length
    BLANKS.test(value)
    const behind = BLANKS.lastIndex
    const isComment = value[behind] === '#' && behind > lastLine
    if (behind === value.length || isComment) return value.slice(quotes.length, end)
  }
  return undefined
}

const BLANKS = /\s*/y

/**
 * What a value says: quotes off, comments off. Several between commas, each quoted or not, become one
 * comma list, which is what every list of a policy may be.
 */
export function unquoted(value: string): string {
  const triple = tripleQuoted(value)
  if (triple !== undefined) return triple
  const items: string[] = []
  let rest = value.trim()
  while (rest !== '') {
    const quoted = QUOTED.exec(rest)
    const behind = quoted ? rest.slice(quoted[0].length).trimStart() : ''
    if (quoted && (behind === '' || /^[,#]/.test(behind))) {
      items.push(quoted[1] ?? quoted[2] ?? '')
      rest = behind
    } else {
      const plain = /^[^,#]*/.exec(rest)![0]
      items.push(plain.trim())
      rest = rest.slice(plain.length)
    }
    if (rest.startsWith('#')) break
    rest = rest.replace(/^,\s*/, '')
  }
  return items.join(', ')
}

/**
 * The value in quotes that {@link unquoted} takes off; undefined if there are none that fit. `end` is
 * what may be added where the value ends in a quote.
 */
export function quoted(value: string, end = ''): string | undefined {
  const oneLine = !/[\r\n]/.test(value)
  if (oneLine && !value.includes('"')) return `"${value}"`
  if (oneLine && !value.includes("'")) return `'${value}'`
  const fitting = ['"""', "'''"].find(
    (quotes) => !value.includes(quotes) && (end !== '' || !value.endsWith(quotes[0]!)),
  )
  if (!fitting || value.includes('\r')) return undefined
  const gap = value.endsWith(fitting[0]!) ? end : ''
  return `${fitting}${value}${gap}${fitting}`
}

/** Writes sections whose values are quoted already where they need it. */
export const formatConfigFile = (
  sections: readonly { name: string; values: Iterable<readonly [string, string]> }[],
): string =>
  sections
    .map(({ name, values }) => {
      const lines = [...values].map(([key, value]) => `${key} = ${value}\n`)
      return `[${name}]\n${lines.join('')}`
    })
    .join('\n')
