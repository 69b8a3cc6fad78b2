import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Invocation, Options } from '../command.ts'
import { CommandFailure } from '../errors.ts'
import { textOption, textOptions } from '../options.ts'
import { type Format, readRows } from './formats.ts'
import { importRows, LANES } from './import-users.ts'
import { type Progress, removeProgress, saveProgress } from './progress-file.ts'
import { countsText, progressLine } from './progress-line.ts'
import { openReport, type SkippedRow } from './report-file.ts'
import { FileError } from './row.ts'
import { rowSender } from './send-rows.ts'
import { utf8Text } from './utf8.ts'

export type ImportPlace = {
  file: string
  format: Format
  /** Where progress is kept. */
  path: string
  begun: Progress
  /** Told the columns of a file that names them; may throw. */
  columns(names: readonly string[]): void
}

/** Bytes read at once: about a batch, so that the share which is done is not far from the truth. */
const PIECE = 8 * 1024
/** Skipped rows that are shown, and that `--json` prints; all of them are counted and reported. */
const MOST_SHOWN = 1000

/**
 * Runs an import from where its progress says, and keeps that; at the end there is none left to
 * keep. Rejects with how to go on.
 */
export async function runImport(
  { options, target, io }: Invocation,
  { file, format, path, begun, columns }: ImportPlace,
): Promise<{ progress: Progress; shown: SkippedRow[] }> {
  const line = progressLine(io, begun, options.quiet === true)
  const signal = io.interruption()
  const source = countedBytes(file)
  const skipped = skippedRows(options, begun, line.line)
  let progress = begun
  const connect = async () => {
    const connected = await target()
    // Before the first row is sent: rows that come again are known by what is in it.
    saveProgress(path, progress)
    return connected
  }
  const args = argsOf(options, begun)
  try {
    await importRows(readRows(utf8Text(source.chunks), { format, tell: line.line, columns }), {
      file: basename(file),
      from: begun,
      realm: textOption(options, 'realm'),
      strict: options.strict === true,
      signal,
      send: rowSender({ connect, lanes: LANES, args, sleep: io.sleep, signal, tell: line.line }),
      bytesRead: source.read,
      skipped: skipped.add,
      progress({ done, counts }) {
        progress = { ...progress, done, counts, report: skipped.reported() }
        saveProgress(path, progress)
        line.progress(progress)
      },
    })
  } catch (error) {
    throw stopped(error, progress)
  } finally {
    line.end()
    skipped.close()
  }
  removeProgress(path)
  return { progress, shown: skipped.shown }
}

function countedBytes(file: string) {
  let bytes = 0
  async function* chunks() {
    const stream = createReadStream(file, { highWaterMark: PIECE })
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      yield chunk
    }
  }
  return { chunks: chunks(), read: () => bytes }
}

/** Skipped rows: shown as long as that helps, and noted in the report. */
function skippedRows(options: Options, { report: known }: Progress, tell: (text: string) => void) {
  const path = textOption(options, 'report')
  const report = path === undefined ? undefined : openReport(path, known)
  const shown: SkippedRow[] = []
  const where =
    path === undefined ? ' only; --report <path> notes them all' : `, and noted in ${path}`
  return {
    shown,
    add(row: SkippedRow) {
      report?.add(row)
      if (shown.length >= MOST_SHOWN) return
      shown.push(row)
      tell(skippedText(row))
      if (shown.length === MOST_SHOWN) tell(`Further ones are counted${where}.`)
    },
    reported: () => report?.length() ?? 0,
    close: () => report?.close(),
  }
}

const skippedText = ({ file, line, user, reason }: SkippedRow) =>
  `${file}:${line}: ${user === undefined ? '' : `${user}: `}${reason}`

const argsOf = (options: Options, { id }: Progress) => ({
  import: id,
  ...textOptions(options, ['realm', 'existing']),
  enrol: options.enrol === true,
  without_pin: options['without-pin'] === true,
  verified: options.verified === true,
  check_domains: options['check-domains'] === true,
  strict: options.strict === true,
})

/** The same failure with how to go on. */
function stopped(error: unknown, { done, counts }: Progress): unknown {
  if (!(error instanceof CommandFailure) && !(error instanceof FileError)) return error
  const { code, parameter, details } =
    error instanceof CommandFailure
      ? error
      : { code: 'invalid_argument', parameter: undefined, details: {} }
  const state =
    done.rows === 0
      ? 'Nothing was imported.'
      : `Done up to line ${done.line} (${countsText(counts)}); the same command goes on from there.`
  return new CommandFailure(`${error.message} ${state}`, {
    code,
    parameter,
    details: { ...details, last_line: done.line },
    cause: error,
  })
}
