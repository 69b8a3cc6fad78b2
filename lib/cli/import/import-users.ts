import type { RowResult } from '../../../functions/core/operator/import-users.ts'
import { CommandFailure } from '../errors.ts'
import { call, type Target } from '../target.ts'
import { FileError, type Row } from './row.ts'

export type ImportOptions = {
  enrol: boolean
  /** Rows that begin before this line are passed over. */
  fromLine: number
  /** Stops between two batches. */
  signal: AbortSignal
  sleep(ms: number): Promise<void>
  /** Told of every row that was refused. */
  refused(problem: RowProblem): void
  /** Told after every batch. */
  progress(summary: Summary): void
}

export type RowProblem = { line: number; user?: string; reason: string }

export type Summary = {
  added: number
  updated: number
  unchanged: number
  enrolled: number
  refused: number
  /** The last line that needs not come again; 0: none. */
  lastLine: number
}

const BATCH = 100
const PAUSES_MS = [1000, 4000]

/**
 * Imports rows batch by batch. A row may come again without harm, so a batch that failed for no
 * fault of its own is tried again. Throws CommandFailure that names the line to go on from.
 */
export async function importRows(
  target: Target,
  rows: AsyncIterable<Row>,
  options: ImportOptions,
): Promise<Summary> {
  const summary: Summary = {
    added: 0,
    updated: 0,
    unchanged: 0,
    enrolled: 0,
    refused: 0,
    lastLine: options.fromLine - 1,
  }
  try {
    for await (const batch of batches(rows, options.fromLine)) {
      if (options.signal.aborted) throw new CommandFailure('Interrupted.', { code: 'interrupted' })
      await importBatch(target, batch, options, summary)
      summary.lastLine = batch.at(-1)!.line
      options.progress(summary)
    }
  } catch (error) {
    throw stopped(error, summary)
  }
  return summary
}

async function* batches(rows: AsyncIterable<Row>, fromLine: number): AsyncGenerator<Row[]> {
  let batch: Row[] = []
  for await (const row of rows) {
    if (row.line < fromLine) continue
    batch.push(row)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function importBatch(
  target: Target,
  batch: readonly Row[],
  options: ImportOptions,
  summary: Summary,
): Promise<void> {
  const sound = batch.filter((row) => 'fields' in row)
  const results = sound.length > 0 ? await send(target, sound, options) : []
  const outcome = new Map(sound.map((row, index) => [row, results[index]]))
  for (const row of batch) {
    const result = outcome.get(row as (typeof sound)[number])
    if ('broken' in row) refuse({ line: row.line, reason: `The row ${row.broken}.` })
    else if (result?.state === 'refused') {
      const { user, reason } = result
      refuse({ line: row.line, ...(user === undefined ? {} : { user }), reason })
    } else if (result) {
      summary[result.state]++
      if (result.serial !== undefined) summary.enrolled++
    }
  }

  function refuse(problem: RowProblem) {
    summary.refused++
    options.refused(problem)
  }
}

async function send(
  target: Target,
  rows: readonly { fields: Record<string, unknown> }[],
  { enrol, sleep }: ImportOptions,
): Promise<RowResult[]> {
  const args = { rows: rows.map(({ fields }) => fields), enrol }
  for (const pause of PAUSES_MS) {
    try {
      return (await call<{ rows: RowResult[] }>(target, 'user.import', args)).rows
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.code !== 'unavailable') throw error
      await sleep(pause)
    }
  }
  return (await call<{ rows: RowResult[] }>(target, 'user.import', args)).rows
}

/** The same failure with the line to go on from. */
function stopped(error: unknown, { lastLine }: Summary): unknown {
  if (!(error instanceof CommandFailure) && !(error instanceof FileError)) return error
  const code = error instanceof CommandFailure ? error.code : 'invalid_argument'
  const resume = `Done up to line ${lastLine}; go on with --from-line ${lastLine + 1}.`
  return new CommandFailure(`${error.message} ${lastLine > 0 ? resume : 'Nothing was done.'}`, {
    code,
    details: { last_line: lastLine },
    cause: error,
  })
}
