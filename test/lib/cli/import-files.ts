/** Files to import, and what reads the outcome of an import. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A directory for the files of a test, removed when its tests are over. */
export function importFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'otpost-import-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const file = (name: string, content: string): string => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  return { directory, file }
}

export const PEOPLE = `user,email,pin
kim,kim@example.org,1111
lee,not-an-address,
"a ""b""",ab@example.org,2222
mia,mia@example.org
`

/** A header in line 1, then one user per line. */
export const many = (count: number) =>
  `user;surname\n${Array.from({ length: count }, (_, i) => `user${i + 2};S\n`).join('')}`

export const PINLESS = ['--enrol', '--without-pin']

export const lines = (text: string) => text.trimEnd().split('\n')
