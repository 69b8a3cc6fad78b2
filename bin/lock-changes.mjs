/**
 * What the lock file wants and `node_modules` does not have. Plain JavaScript without dependencies:
 * it runs before any is there.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The packages that were installed in another version than the lock file names, or not at all, as
 * `name version`. Those that are optional may be missing.
 */
export function lockChanges(root) {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  try {
    // Nearly always: installed after the lock file was written.
    if (statSync(lock).mtimeMs <= statSync(installed).mtimeMs) return []
    const there = packagesOf(installed)
    return Object.entries(packagesOf(lock))
      .filter(([path, wanted]) => path !== '' && !isThere(wanted, there[path]))
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`)
  } catch {
    // Without either file there is nothing to compare.
    return []
  }
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {}

function isThere(wanted, found) {
  if (!found) return Boolean(wanted.optional || wanted.devOptional || wanted.peer || wanted.link)
  return found.version === wanted.version
}
