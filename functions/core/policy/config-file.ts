/** The file both references keep policies in: sections of `key = value`, as Python's ConfigObj reads them. */
import type { Reading } from '../setting-kinds.ts'

/** Values as they stand in the file, quotes included, by key. */
export type Section = { name: string; values: ReadonlyMap<string, string> }

const HEADING = /^\[([^[\]]+)\]\s*(?:#.*)?$/
const PAIR = /^([^=#[\]]+?)\s*=\s*([^]*)$/
const TRIPLE = /^("""|''')/

/** Reads the sections in their order. Never throws. */
export function readConfigFile(text: string): Reading<Section[]> {
  const sections: { name: string; values: Map<string, string> }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const number = at + 1
    const line = lines[at]!.trim()
    if (line === '' || line.startsWith('#')) continue

    const heading = HEADING.exec(line)
    if (heading) {
      const name = unquoted(heading[1]!.trim())
      if (sections.some((each) => each.name === name)) return wrong(number, `begins ${name} again`)
      sections.push({ name, values: new Map() })
      continue
    }
    const pair = PAIR.exec(lines[at]!.trimStart().trimEnd())
    const section = sections.at(-1)
    if (!pair) return wrong(number, 'is neither [name] nor key = value')
    if (!section) return wrong(number, 'stands before the first [name]')
    const key = unquoted(pair[1]!)
    let value = pair[2]!
    const triple = TRIPLE.exec(value)?.[1]
    while (triple && !isClosed(value, triple)) {
      if (++at === lines.length) return wrong(number, `opens ${triple} and does not close it`)
      value += `\n${lines[at]!}`
    }
    if (section.values.has(key)) return wrong(number, `sets ${key} again`)
    section.values.set(key, value.trimEnd())
  }
  return { value: sections }
}

const isClosed = (value: string, quotes: string) => value.indexOf(quotes, quotes.length) >= 0

const wrong = (line: number, reason: string) => ({ refused: `line ${line} ${reason}` })

const TRIPLE_QUOTED = /^("""|''')([^]*?)\1\s*(?:#.*)?$/
const QUOTED = /^"([^"]*)"|^'([^']*)'/

/**
 * What a value says: quotes off, comments off. Several between commas, each quoted or not, become one
 * comma list, which is what every list of a policy may be.
 */
export function unquoted(value: string): string {
  const triple = TRIPLE_QUOTED.exec(value)
  if (triple) return triple[2]!
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
