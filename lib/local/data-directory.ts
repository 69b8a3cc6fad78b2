/** The directory that keeps a local stack between runs, held by one process at a time. */
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type DataDirectory = {
  /** Absolute path of a file or folder in it; undefined when nothing is kept. */
  path(name: string): string | undefined
  release(): void
}

/** Another process works on the directory. */
export class DataInUseError extends Error {
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}: stop it, or choose another OTPOST_DATA.`)
    this.name = 'DataInUseError'
  }
}

/** Long enough for a process that is just ending. */
const PATIENCE_MS = 1500

const heldHere = new Set<string>()

/** Opens the directory and holds it; `memory` keeps nothing. Throws DataInUseError. */
export async function openDataDirectory(data: string): Promise<DataDirectory> {
  if (data === 'memory') return { path: () => undefined, release: () => {} }
  const directory = resolve(data)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // it holds keys: wherever it is, git must not take it
  writeFileSync(join(directory, '.gitignore'), '*\n')
  const lock = join(directory, 'lock')
  const end = Date.now() + PATIENCE_MS
  while (!tryLock(lock)) {
    const holder = Number(holderOf(lock)?.split(' ')[0])
    if (Date.now() > end) throw new DataInUseError(directory, holder)
    await sleep(50)
  }
  heldHere.add(lock)
  return {
    path: (name) => join(directory, name),
    release() {
      heldHere.delete(lock)
      rmSync(lock, { force: true })
    },
  }
}

function tryLock(lock: string): boolean {
  if (heldHere.has(lock)) return false
  const holder = holderOf(lock)
  if (holder !== undefined) {
    if (isAlive(holder)) return false
    rmSync(lock, { force: true })
  }
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, identity(process.pid))
  try {
    // Unlike a write, a link appears whole and fails when somebody else was faster.
    linkSync(mine, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(mine)
  }
}

function holderOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8')
  } catch {
    return undefined
  }
}

/** A process id alone would be mistaken for its successor of the same number. */
function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[0])
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return identity(pid) === holder
}

/** Process id and, where the system tells, when it started. */
function identity(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return `${pid} ${fields[19]}`
  } catch {
    return String(pid)
  }
}
