/**
 * Every row of LinOTP's (L), NetIQ's (N) and REL-ID's (R) documents has a test that names it, and so
 * have what those projects' sources say beyond them (X) and the editions of privacyIDEA's (T). Those
 * of NetIQ's and REL-ID's are shown over HTTP against the local stack.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')
const ROWS = { L: [1, 37], N: [1, 23], R: [1, 28], X: [18, 34], T: [1, 2] } as const

/** NetIQ's and REL-ID's rows are named by tests of this folder … */
const STACK = import.meta.dirname
/** … but for those that the laptop cannot show, which are read from the template that it runs. */
const TEMPLATE_TESTS = 'rows-network.test.ts'
const FROM_TEMPLATE: Readonly<Record<string, string>> = {
  N22: 'TLS ends at API Gateway; the laptop speaks plain HTTP on loopback',
  N23: 'what is open inward and outward on AWS are resources and grants',
}

/** The first argument of `test(…)`, `it.each(…)(…)` and the like. */
const TITLE = /(?:\b(?:test|it|describe)(?:\.\w+)*|[)\]`])\(\s*(['"`])([^\n]*?)\1,/g
const ROW = /\b[LNRXT]\d\d\b/g

function namedRows(folder: string, include = (_file: string) => true): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const titles = files
    .filter((name) => name.endsWith('.test.ts') && include(name))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(TITLE)])
    .map(([, , title]) => title!)
  return new Set(titles.flatMap((title) => title.match(ROW) ?? []))
}

const rowsOf = (letter: keyof typeof ROWS): string[] => {
  const [first, last] = ROWS[letter]
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  return numbers.map((number) => letter + String(number).padStart(2, '0'))
}

test.each(Object.keys(ROWS) as (keyof typeof ROWS)[])(
  'every row of %s is named by a title',
  (letter) => {
    const named = namedRows(TESTS)
    expect(rowsOf(letter).filter((row) => !named.has(row))).toEqual([])
  },
)

test.each(['N', 'R'] as const)(
  'every row of %s is named by a test over HTTP against the local stack, or of its template',
  (letter) => {
    const overHttp = namedRows(STACK, (file) => file !== TEMPLATE_TESTS)
    const ofTemplate = namedRows(STACK, (file) => file === TEMPLATE_TESTS)
    const rows = rowsOf(letter)
    expect(rows.filter((row) => !overHttp.has(row))).toEqual(
      Object.keys(FROM_TEMPLATE).filter((row) => rows.includes(row)),
    )
    expect(rows.filter((row) => ofTemplate.has(row))).toEqual(
      rows.filter((row) => row in FROM_TEMPLATE),
    )
  },
)
