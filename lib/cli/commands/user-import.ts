import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command, Io } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { csvRows } from '../import/csv.ts'
import { importRows, type RowProblem, type Summary } from '../import/import-users.ts'
import { jsonRows } from '../import/json.ts'
import type { Row } from '../import/row.ts'
import { numberOption } from '../options.ts'

const COLUMNS = [
  'user',
  'realm',
  'email',
  'givenname',
  'surname',
  'phone',
  'mobile',
  'locale',
  'language',
  'pin',
]
/** Problems `--json` prints; all of them are counted. */
const MOST_PROBLEMS = 1000
const PROGRESS_EVERY_MS = 5000

export const userImport: Command = {
  path: ['user', 'import'],
  about: 'Adds or updates users from a .csv or .json file, 100 at a time.',
  operands: [{ name: 'file' }],
  options: {
    enrol: { about: 'give everybody without a token one that mails to their address' },
    'from-line': { value: '<n>', about: 'go on where an import stopped' },
  },
  notes:
    `Columns of a .csv, named in its first line: ${COLUMNS.join(', ')}.\n` +
    'A .json holds a list of objects with these names, or one object per line. Rows that are refused\n' +
    'are named with their reason and skipped (exit code 1); importing a file again does no harm.',
  examples: [
    'npx otpost user import people.csv --enrol --stage prod',
    'npx otpost user import people.json --from-line 301 --stage prod',
  ],
  async run({ operands: [file = ''], options, target, io }) {
    const fromLine = Math.max(1, numberOption(options, 'from-line') ?? 1)
    const rows = rowsOf(file, await readable(file))
    const problems: RowProblem[] = []
    const report = progressReport(io)
    const summary = await importRows(await target(), rows, {
      enrol: options.enrol === true,
      fromLine,
      signal: io.interruption(),
      sleep: io.sleep,
      progress: report.progress,
      refused(problem) {
        if (problems.length < MOST_PROBLEMS) problems.push(problem)
        report.line(`line ${problem.line}: ${problem.reason}`)
      },
    })
    report.end()
    const { lastLine, ...counts } = summary
    return {
      value: { ...counts, last_line: lastLine, problems },
      text: `Done up to line ${lastLine}: ${said(summary)}.\n`,
      failed: summary.refused > 0,
    }
  },
}

async function readable(file: string): Promise<AsyncIterable<string>> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile()) return createReadStream(file, 'utf8')
  throw new CommandFailure(`There is no file ${file}.`, { code: 'not_found', parameter: 'file' })
}

function rowsOf(file: string, text: AsyncIterable<string>): AsyncIterable<Row> {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return csvRows(text, COLUMNS)
    case '.json':
    case '.jsonl':
    case '.ndjson':
      return jsonRows(text)
  }
  throw new UsageError('The file is a .csv or a .json.')
}

const said = ({ added, updated, unchanged, enrolled, refused }: Summary) =>
  `${added} added, ${updated} updated, ${unchanged} unchanged, ${enrolled} tokens enrolled, ` +
  `${refused} refused`

/** One line that is written over where somebody watches; a line now and then where not. */
function progressReport(io: Io) {
  let toldAt = io.now()
  let open = false
  const closeLine = () => {
    if (open) io.err('\n')
    open = false
  }
  return {
    progress(summary: Summary) {
      if (!io.watched && io.now() - toldAt < PROGRESS_EVERY_MS) return
      toldAt = io.now()
      const text = `line ${summary.lastLine}: ${said(summary)}`
      io.err(io.watched ? `\r${text}` : `${text}\n`)
      open = io.watched
    },
    line(text: string) {
      closeLine()
      io.err(`${text}\n`)
    },
    end: closeLine,
  }
}
