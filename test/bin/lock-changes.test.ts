import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, because it runs before anything is installed
import { lockChanges as untyped } from '../../bin/lock-changes.mjs'

const lockChanges = untyped as (root: string) => string[]
const directory = mkdtempSync(join(tmpdir(), 'otpost-lock-'))
afterAll(() => rmSync(directory, { recursive: true }))

type Packages = Record<string, { version: string; optional?: boolean }>

/** A project whose lock file was written after the installation. */
function project(wanted: Packages, there: Packages): string {
  const root = mkdtempSync(join(directory, 'project-'))
  mkdirSync(join(root, 'node_modules'))
  const write = (path: string, packages: Packages, seconds: number) => {
    writeFileSync(join(root, path), JSON.stringify({ packages }))
    utimesSync(join(root, path), seconds, seconds)
  }
  write(join('node_modules', '.package-lock.json'), there, 1000)
  write('package-lock.json', { '': { version: '1.0.0' }, ...wanted }, 2000)
  return root
}
const A = { 'node_modules/a': { version: '1.0.0' } }

describe('what the lock file wants beyond what is installed', () => {
  it('is nothing after an installation', () => {
    expect(lockChanges(project(A, A))).toEqual([])
  })

  it('is another version, or one more package', () => {
    const wanted = {
      'node_modules/a': { version: '1.1.0' },
      'node_modules/a/node_modules/@b/c': { version: '2.0.0' },
    }
    expect(lockChanges(project(wanted, A))).toEqual(['a 1.1.0', '@b/c 2.0.0'])
  })

  it('is nothing for packages of other platforms', () => {
    const wanted = { ...A, 'node_modules/w': { version: '1.0.0', optional: true } }
    expect(lockChanges(project(wanted, A))).toEqual([])
  })

  it('is unknown, and no reason to stop, without those files', () => {
    expect(lockChanges(mkdtempSync(join(directory, 'empty-')))).toEqual([])
  })
})
