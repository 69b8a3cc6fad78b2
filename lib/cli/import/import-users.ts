import type { RowResult } from '../../../functions/core/operator/import-row.ts'
import { CommandFailure } from '../errors.ts'
import type { ReadRow } from './formats.ts'
import type { Counts, Progress } from './progress-file.ts'
import type { SkippedRow } from './report-file.ts'
import { SeenUsers } from './seen-users.ts'
import type { SendRows } from './send-rows.ts'

export type ImportOptions = {
  /** As the skipped rows name it. */
  file: string
  /** Where to go on from. */
  from: Progress
  /** The realm of rows that name none. */
  realm: string | undefined
  /** Stops at the first bad row, with no row behind it done. */
  strict: boolean
  /** Stops between two batches. */
  signal: AbortSignal
  send: SendRows
  /** Bytes of the file that have been read. */
  bytesRead(): number
  skipped(row: SkippedRow): void
  /** Told after every batch, in the order of the file, what must be kept. */
  progress(done: Pick<Progress, 'done' | 'counts'>): void
}

type Item = { line: number; row: number; user: string | undefined } & (
  { fields: Record<string, unknown> } | { column?: string; reason: string }
)
type Batch = { items: Item[]; bytes: number }
type Answered = { batch: Batch; results: RowResult[] } | { error: unknown }

/** Batches that are on their way at once. */
export const LANES = 4
const BATCH = 100
/** Deriving a PIN takes the service as long as several users without one. */
const PIN_WEIGHT = 5

/**
 * Imports rows in batches, several at once; what is done is told in the order of the file. Rejects
 * with the first failure, after everything before it was told.
 */
export async function importRows(
  rows: AsyncIterable<ReadRow>,
  options: ImportOptions,
): Promise<void> {
  const lanes = options.strict ? 1 : LANES
  const waiting: Promise<Answered>[] = []
  const tally = new Tally(options)
  let failure: { error: unknown } | undefined

  const settleOldest = async () => {
    const answered = await waiting.shift()!
    if (failure) return
    if ('error' in answered) failure = answered
    else failure = tally.take(answered.batch, answered.results)
  }
  try {
    for await (const batch of batches(rows, options)) {
      if (options.signal.aborted) break
      waiting.push(answer(batch, options.send))
      if (waiting.length >= lanes) await settleOldest()
      if (failure) break
    }
  } catch (error) {
    while (waiting.length > 0) await settleOldest()
    throw failure ? failure.error : error
  }
  while (waiting.length > 0) await settleOldest()
  if (failure) throw failure.error
  if (options.signal.aborted) throw new CommandFailure('Interrupted.', { code: 'interrupted' })
}

async function answer(batch: Batch, send: SendRows): Promise<Answered> {
  const rows = batch.items.flatMap((item) => ('fields' in item ? [item.fields] : []))
  try {
    return { batch, results: rows.length > 0 ? await send(rows) : [] }
  } catch (error) {
    return { error }
  }
}

async function* batches(
  rows: AsyncIterable<ReadRow>,
  { from, realm, strict, bytesRead }: ImportOptions,
): AsyncGenerator<Batch> {
  const seen = new SeenUsers()
  let items: Item[] = []
  let weight = 0
  let count = 0
  const take = (): Batch => {
    const batch = { items, bytes: bytesRead() }
    items = []
    weight = 0
    return batch
  }
  for await (const row of rows) {
    // Also of rows that are done: a later one may name the same user.
    const item = itemOf(row, ++count, seen, realm)
    if (count <= from.done.rows) continue
    const bad = !('fields' in item)
    // What is behind a bad row must not be sent with what is before it.
    if (strict && bad && items.length > 0) yield take()
    items.push(item)
    weight += !bad && item.fields.pin !== undefined ? PIN_WEIGHT : 1
    if (weight >= BATCH || (strict && bad)) yield take()
  }
  if (items.length > 0) yield take()
}

function itemOf(row: ReadRow, count: number, seen: SeenUsers, realm: string | undefined): Item {
  const { line } = row
  if (!('fields' in row)) return { ...row, row: count, user: undefined }
  const { user, realm: own = realm } = row.fields
  if (typeof user !== 'string') return { ...row, row: count, user: undefined }
  const before = seen.meet(user, typeof own === 'string' ? own : '', line)
  if (before === undefined) return { ...row, row: count, user }
  const reason = `The user ${user} was in line ${before} already.`
  return { line, row: count, user, column: 'user', reason }
}

/** Adds up what became of the rows. */
class Tally {
  readonly #options: ImportOptions
  #counts: Counts
  #done: Progress['done']

  constructor(options: ImportOptions) {
    this.#options = options
    this.#counts = { ...options.from.counts }
    this.#done = options.from.done
  }

  /** Takes the results of a batch; returns why the import ends with it, if it does. */
  take({ items, bytes }: Batch, results: readonly RowResult[]): { error: unknown } | undefined {
    const rest = results.values()
    for (const item of items) {
      const bad = this.#takeOne(item, 'fields' in item ? rest.next().value : undefined)
      if (bad && this.#options.strict) {
        this.#tell()
        return { error: endedBy(bad) }
      }
      this.#done = { ...this.#done, rows: item.row, line: item.line }
    }
    this.#done = { ...this.#done, bytes }
    this.#tell()
    return undefined
  }

  #tell(): void {
    this.#options.progress({ done: this.#done, counts: { ...this.#counts } })
  }

  #takeOne(item: Item, result: RowResult | undefined): SkippedRow | undefined {
    const { line, row, user } = item
    const place = { file: this.#options.file, line, row, ...(user === undefined ? {} : { user }) }
    if (!('fields' in item)) {
      const { column, reason } = item
      return this.#skip({ ...place, ...(column === undefined ? {} : { column }), reason })
    }
    if (!result) throw new CommandFailure('The service gave fewer results than it got rows.')
    if (result.state === 'refused') {
      return this.#skip({ ...place, column: result.parameter, reason: result.reason })
    }
    if (result.state === 'pending') return undefined
    this.#counts[result.state]++
    if (result.serial !== undefined) this.#counts.enrolled++
    return undefined
  }

  #skip(row: SkippedRow): SkippedRow {
    if (this.#options.strict) return row
    this.#counts.skipped++
    this.#options.skipped(row)
    return row
  }
}

function endedBy(row: SkippedRow): CommandFailure {
  const { file, line, column, reason } = row
  const message = `${file}:${line}: ${reason} Nothing from there on was imported (--strict).`
  return new CommandFailure(message, {
    code: 'invalid_argument',
    parameter: column,
    details: { ...row },
  })
}
