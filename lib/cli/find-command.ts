import { parseArgs } from 'node:util'
import { distance } from '../../functions/core/nearest-name.ts'
import type { Command, Options } from './command.ts'
import { UsageError } from './errors.ts'
import { usage } from './help.ts'
import { GLOBAL_OPTIONS } from './options.ts'

/** What a command line asks for. */
export type Request =
  | { kind: 'command'; command: Command; help: boolean }
  /** A group's help, or with an empty name everything's. */
  | { kind: 'overview'; group: string }

const TYPO = 3

/** Finds the command a line calls. Throws UsageError with the nearest one that there is. */
export function findCommand(commands: readonly Command[], argv: readonly string[]): Request {
  const { words, help } = wordsOf(argv)
  const [first, second] = words
  if (first === undefined) return { kind: 'overview', group: '' }

  const group = commands.filter(({ path }) => path[0] === first)
  if (group.length === 0) throw new UsageError(unknown(first, groupsOf(commands)))
  const single = group.find(({ path }) => path.length === 1)
  if (single) return { kind: 'command', command: single, help }
  if (second === undefined) return { kind: 'overview', group: first }

  const command = group.find(({ path }) => path[1] === second)
  if (command) return { kind: 'command', command, help }
  const known = group.map(({ path }) => path.join(' '))
  throw new UsageError(unknown(`${first} ${second}`, known))
}

/** The words before any option of a command is known; `help` may be an option or the first word. */
function wordsOf(argv: readonly string[]) {
  const { positionals, values } = parseArgs({
    args: [...argv],
    options: optionTypes(GLOBAL_OPTIONS),
    allowPositionals: true,
    strict: false,
  })
  const asked = positionals[0] === 'help'
  return { words: asked ? positionals.slice(1) : positionals, help: asked || values.help === true }
}

const groupsOf = (commands: readonly Command[]) => [
  ...new Set(commands.map(({ path }) => path[0]!)),
]

function unknown(typed: string, known: readonly string[]): string {
  const nearest = nearestOf(typed, known)
  const hint = nearest ? `Did you mean ${nearest}?` : `There is: ${known.join(', ')}.`
  return `There is no command ${typed}. ${hint}`
}

function nearestOf(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 100) return undefined
  const byEdits = known
    .map((name) => ({ name, edits: distance(typed.toLowerCase(), name) }))
    .sort((a, b) => a.edits - b.edits)[0]
  return byEdits && byEdits.edits <= TYPO ? byEdits.name : undefined
}

export type Arguments = { operands: string[]; options: Options }

/** Options and operands of a command. Throws UsageError for those it does not take. */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const known = { ...GLOBAL_OPTIONS, ...command.options }
  const { positionals, values } = parse(argv, known)
  const operands = positionals.slice(command.path.length)
  const { operands: wanted = [] } = command
  const required = wanted.filter(({ optional }) => !optional)
  const missing = required[operands.length]
  if (missing) throw new UsageError(`<${missing.name}> is missing. Usage: ${usage(command)}`)
  const extra = operands[wanted.length]
  if (extra !== undefined && !wanted.at(-1)?.many) {
    throw new UsageError(`${extra} is one word too many. Usage: ${usage(command)}`)
  }
  return { operands, options: values as Options }
}

function parse(argv: readonly string[], known: typeof GLOBAL_OPTIONS) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes(known), allowPositionals: true })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error
    const typed = /--([\w-]+)/.exec(message)?.[1]
    const nearest = typed && nearestOf(typed, Object.keys(known))
    const hint = nearest && nearest !== typed ? ` Did you mean --${nearest}?` : ''
    throw new UsageError(`${message.split('. ', 1)[0]!.replace(/\.?$/, '.')}${hint}`)
  }
}

const optionTypes = (options: typeof GLOBAL_OPTIONS) =>
  Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
