import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { ON_EXISTING } from '../../../functions/core/operator/import-row.ts'
import type { Command, Options } from '../command.ts'
import { LOCAL_STAGE } from '../connect.ts'
import { CommandFailure, EXIT, UsageError } from '../errors.ts'
import { COLUMNS } from '../import/columns.ts'
import { FORMATS, type Format, formatOf } from '../import/formats.ts'
import { fingerprint, newProgress, type Plan, readProgress } from '../import/progress-file.ts'
import { countsText } from '../import/progress-line.ts'
import { runImport } from '../import/run-import.ts'
import { textOption, textOptions } from '../options.ts'

const PROGRESS_SUFFIX = '.otpost-progress'
/** Those that an import must go on with as it began. */
const FLAGS = ['enrol', 'without-pin', 'verified', 'check-domains', 'strict']

export const userImport: Command = {
  path: ['user', 'import'],
  about: 'Adds or updates users from a file of any size; goes on where an earlier run stopped.',
  operands: [{ name: 'file' }],
  options: {
    format: { value: '<format>', about: `${FORMATS.join(', ')}; the file's name tells it, too` },
    realm: { value: '<realm>', about: 'the realm of rows that name none' },
    existing: {
      value: '<what>',
      about: `what is done about users who are there: ${ON_EXISTING.join(', ')} (update)`,
    },
    enrol: { about: 'give everybody without a token one that mails to their address' },
    'without-pin': { about: 'also where there is no PIN: whoever knows the name can have it mail' },
    verified: { about: 'count the addresses as proven: you vouch for them' },
    'check-domains': { about: 'ask DNS about their domains, as for an address typed by hand' },
    strict: { about: 'stop at the first bad row instead of skipping it; slower' },
    report: {
      value: '<path>',
      about: 'write each skipped row with its reason there, as JSON lines',
    },
    resume: { value: '<path>', about: `where progress is kept (<file>${PROGRESS_SUFFIX})` },
    restart: { about: 'begin at the top, whatever an earlier run has done' },
    quiet: { about: 'show neither progress nor skipped rows' },
  },
  notes:
    `Columns of a .csv, named in its first line: ${COLUMNS.join(', ')}.\n` +
    'A .json holds a list of objects with these names, a .jsonl one per line. A .passwd has lines of\n' +
    'login:x:uid:gid:gecos:home:shell with a gecos of Given Surname,room,office,home phone,email.\n' +
    'The file is UTF-8. A user has one row; a PIN goes to a new token and changes no other.\n' +
    'A row is skipped whose address may not be registered: by its form, or by its domain\n' +
    '(address.allowed_domains, address.denied_domains, address.disposable). An address is not proven\n' +
    'by being imported, and one that takes the place of a proven one ends that.\n\n' +
    'Stopped, by whatever, it goes on when the same command is given again; nobody is lost or doubled.\n' +
    'Exit codes: 0 every row is in; 1 stopped before the end; 2 wrong usage; 3 rows were skipped.',
  examples: [
    'npx otpost user import people.csv --stage prod',
    'npx otpost user import people.csv --enrol --report skipped.jsonl --stage prod',
    'npx otpost user import users.passwd --realm staff --enrol --without-pin',
  ],
  async run(invocation) {
    const { operands, options } = invocation
    const [file = ''] = operands
    await assertFile(file)
    const format = formatOf(file, textOption(options, 'format'))
    assertUsage(options, format)
    const plan = await planOf(file, format, options)
    const path = textOption(options, 'resume') ?? `${file}${PROGRESS_SUFFIX}`
    const kept = options.restart ? undefined : readProgress(path, file, plan)
    const begun = kept ?? newProgress(plan)
    const columns = (names: readonly string[]) => assertPins(options, names)
    const { progress, shown } = await runImport(invocation, { file, format, path, begun, columns })
    const { counts, done } = progress
    const how = kept && kept.done.rows > 0 ? ` (${kept.done.rows} of them before)` : ''
    return {
      value: { ...counts, rows: done.rows, last_line: done.line, problems: shown },
      text: `${basename(file)}: ${done.rows} rows${how}: ${countsText(counts)}.\n`,
      exit: counts.skipped > 0 ? EXIT.partly : EXIT.ok,
    }
  },
}

async function assertFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile()) return
  throw new CommandFailure(`There is no file ${file}.`, { code: 'not_found', parameter: 'file' })
}

function assertUsage(options: Options, format: Format): void {
  const existing = textOption(options, 'existing')
  if (existing !== undefined && !ON_EXISTING.some((each) => each === existing)) {
    throw new UsageError(`--existing is one of ${ON_EXISTING.join(', ')}.`)
  }
  if (options['without-pin'] && !options.enrol) {
    throw new UsageError('--without-pin is about tokens: it goes with --enrol.')
  }
  if (format === 'passwd') assertPins(options, [])
}

/** Tokens without a PIN are made on purpose, or not at all. */
function assertPins(options: Options, columns: readonly string[]): void {
  if (!options.enrol || options['without-pin'] || columns.includes('pin')) return
  throw new UsageError(
    '--enrol makes tokens, and the file has no column pin. A token without a PIN mails its code to ' +
      'whoever knows the name of its user: add the column, or say --without-pin.',
  )
}

async function planOf(file: string, format: Format, options: Options): Promise<Plan> {
  const { existing = 'update' } = options
  return {
    file: await fingerprint(file),
    target: {
      stage: textOption(options, 'stage') ?? LOCAL_STAGE,
      ...textOptions(options, ['region', 'realm', 'report']),
    },
    options: {
      format,
      existing: String(existing),
      ...Object.fromEntries(FLAGS.filter((name) => options[name]).map((name) => [name, true])),
    },
  }
}
