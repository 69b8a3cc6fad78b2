/** Every row of LinOTP's (L), NetIQ's (N) and REL-ID's (R) documents has a test that names it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')
const LAST_ROW = { L: 37, N: 23, R: 28 }

/** The first argument of `test(…)`, `it.each(…)(…)` and the like. */
const TITLE = /(?:\b(?:test|it|describe)(?:\.\w+)*|[)\]`])\(\s*(['"`])([^\n]*?)\1,/g
const ROW = /\b[LNR]\d\d\b/g

function namedRows(): Set<string> {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  const titles = files
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join(TESTS, name), 'utf8').matchAll(TITLE)])
    .map(([, , title]) => title!)
  return new Set(titles.flatMap((title) => title.match(ROW) ?? []))
}

test.each(Object.entries(LAST_ROW))(
  'every row of %s, up to %i, is named by a title',
  (letter, last) => {
    const rows = Array.from({ length: last }, (_, i) => letter + String(i + 1).padStart(2, '0'))
    const named = namedRows()
    expect(rows.filter((row) => !named.has(row))).toEqual([])
  },
)
