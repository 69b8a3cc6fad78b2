/** How far an import has come, kept beside its file so that it may be killed at any moment. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { readJsonFile, replaceFileSync } from '../../local/json-file.ts'
import { CommandFailure } from '../errors.ts'

/** What became of the rows so far. */
export type Counts = {
  added: number
  updated: number
  unchanged: number
  /** There already and left alone, by `--existing skip`. */
  left: number
  /** Tokens made. */
  enrolled: number
  /** Rows that were bad. */
  skipped: number
}

/** What must be the same for an import to go on. */
export type Plan = {
  file: { bytes: number; sha256: string }
  target: Record<string, string>
  options: Record<string, string | boolean>
}

export type Progress = Plan & {
  kind: 'otpost user import'
  /** Tells the service rows of this import from those of another. */
  id: string
  /** Rows from the top of the file that are done, the line the last of them begins in, bytes read. */
  done: { rows: number; line: number; bytes: number }
  counts: Counts
  /** Length of the report so far, in bytes. */
  report: number
}

const KIND = 'otpost user import'
const NOTHING: Counts = { added: 0, updated: 0, unchanged: 0, left: 0, enrolled: 0, skipped: 0 }

/** Size and SHA-256 of a file's content, read in pieces. */
export async function fingerprint(file: string): Promise<Plan['file']> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

export const newProgress = (plan: Plan): Progress => ({
  kind: KIND,
  id: randomUUID(),
  ...plan,
  done: { rows: 0, line: 0, bytes: 0 },
  counts: NOTHING,
  report: 0,
})

/**
 * The progress an earlier run of this plan left; undefined: none did. Throws CommandFailure for that
 * of another plan, and says what differs.
 */
export function readProgress(path: string, file: string, plan: Plan): Progress | undefined {
  const kept = keptProgress(path)
  if (!kept) return undefined
  const refuse = (what: string): never => {
    throw new CommandFailure(`${what} Or begin anew with --restart: ${ANEW}`, { code: 'conflict' })
  }
  if (!isDeepStrictEqual(kept.file, plan.file)) {
    refuse(`${file} has changed since its import stopped behind line ${kept.done.line} (${path}).`)
  }
  for (const part of ['target', 'options'] as const) {
    if (isDeepStrictEqual(kept[part], plan[part])) continue
    refuse(
      `The import of ${file} that stopped was ${words(kept[part])}; ` +
        `this one is ${words(plan[part])} (${path}). Go on with the same.`,
    )
  }
  return kept
}

const ANEW = 'rows that are in already do no harm and count as unchanged.'

function keptProgress(path: string): Progress | undefined {
  let kept: unknown
  try {
    kept = readJsonFile<unknown>(path)
  } catch {
    kept = {}
  }
  if (kept === undefined) return undefined
  if ((kept as Partial<Progress>).kind === KIND) return kept as Progress
  throw new CommandFailure(`${path} is there and is not the progress of an import.`, {
    code: 'conflict',
  })
}

const words = (named: Record<string, string | boolean>) =>
  Object.entries(named)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${value}`))
    .join(' ') || 'without options'

/** Replaces the file in one step. Throws CommandFailure where it cannot be written. */
export function saveProgress(path: string, progress: Progress): void {
  try {
    replaceFileSync(path, `${JSON.stringify(progress)}\n`)
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    const message = `${path} cannot be written (${code}): name another place with --resume <file>.`
    throw new CommandFailure(message, { cause: error })
  }
}

export const removeProgress = (path: string): void => rmSync(path, { force: true })
