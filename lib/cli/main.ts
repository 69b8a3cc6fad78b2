import type { Command, Io, Result } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import type { Connect } from './connect.ts'
import { LOCAL_STAGE } from './connect.ts'
import { CommandFailure, EXIT, UsageError } from './errors.ts'
import { findCommand, readArguments } from './find-command.ts'
import { commandHelp, groupHelp } from './help.ts'
import { textOption } from './options.ts'

const TITLE = 'Otpost on the command line: users, tokens, settings and health of a deployment.'

/**
 * Runs one command line and returns its exit code: 0 done, 1 refused or failed, 2 wrong usage,
 * 3 done but for some of it. Nothing is thrown; what went wrong is one sentence on `err`, or with
 * `--json` a document on `out`.
 */
export async function main(argv: readonly string[], io: Io, connect: Connect): Promise<number> {
  const json = argv.includes('--json')
  try {
    const request = findCommand(COMMANDS, argv)
    if (request.kind === 'overview') io.out(overview(request.group))
    else if (request.help) io.out(commandHelp(request.command))
    else return report(await run(request.command, argv, io, connect), io, json)
    return EXIT.ok
  } catch (error) {
    return reportError(error, io, json)
  }
}

function overview(group: string): string {
  if (group === '') return groupHelp(TITLE, COMMANDS)
  const commands = COMMANDS.filter(({ path }) => path[0] === group)
  return groupHelp(`Commands for: ${group}`, commands)
}

async function run(
  command: Command,
  argv: readonly string[],
  io: Io,
  connect: Connect,
): Promise<Result> {
  const { operands, options } = readArguments(command, argv)
  const target = () =>
    connect({
      stage: textOption(options, 'stage') ?? LOCAL_STAGE,
      region: textOption(options, 'region'),
      profile: textOption(options, 'profile'),
    })
  return command.run({ operands, options, target, io })
}

function report({ value, text, failed = false, exit }: Result, io: Io, json: boolean): number {
  io.out(json ? document({ ok: true, value }) : text)
  return exit ?? (failed ? EXIT.failed : EXIT.ok)
}

function reportError(error: unknown, io: Io, json: boolean): number {
  if (io.env.OTPOST_DEBUG === '1' && error instanceof Error) io.err(`${error.stack}\n`)
  const { message, exit, ...rest } = describe(error)
  if (json) io.out(document({ ok: false, error: { ...rest, message } }))
  else io.err(`${message}\n`)
  return exit
}

function describe(error: unknown) {
  if (error instanceof UsageError) {
    return { code: 'usage', message: error.message, exit: EXIT.usage }
  }
  if (error instanceof CommandFailure) {
    const { code, message, parameter, details } = error
    return { code, message, parameter, ...details, exit: EXIT.failed }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    code: 'unexpected',
    message: `Unexpected failure: ${message} (OTPOST_DEBUG=1 shows where).`,
    exit: EXIT.failed,
  }
}

const document = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
