/** PINs and passwords: asked without echo, read from a pipe, or, for scripts, an option. */
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Invocation, Option } from './command.ts'
import { LOCAL_STAGE } from './connect.ts'
import { UsageError } from './errors.ts'
import { textOption } from './options.ts'

/** The options by which a secret can be given. */
export const secretOptions = (name: string): Record<string, Option> => ({
  [`${name}-stdin`]: { about: `read the ${name} from standard input (its first line)` },
  [name]: { value: `<${name}>`, about: `the ${name}; it stays in the shell's history` },
})

/** The same for a secret that may be left out: without `--ask-…` nobody is asked. */
export const optionalSecretOptions = (name: string): Record<string, Option> => ({
  [`ask-${name}`]: { about: `ask for the ${name} without echo` },
  ...secretOptions(name),
})

/** The secret of that name, asked for twice where no option gives it. */
export async function requiredSecret(invocation: Invocation, name: string): Promise<string> {
  return (await givenSecret(invocation, name)) ?? (await askTwice(invocation, name))
}

/** The secret of that name, or undefined. */
export async function optionalSecret(
  invocation: Invocation,
  name: string,
): Promise<string | undefined> {
  const given = await givenSecret(invocation, name)
  if (given !== undefined || !invocation.options[`ask-${name}`]) return given
  return askTwice(invocation, name)
}

async function givenSecret(invocation: Invocation, name: string): Promise<string | undefined> {
  const { options, io } = invocation
  if (options[`${name}-stdin`]) return firstLine(io.stdin)
  const typed = textOption(options, name)
  if (typed !== undefined && (options.stage ?? LOCAL_STAGE) !== LOCAL_STAGE) {
    io.err(`Note: --${name} stays in the shell's history; --${name}-stdin does not.\n`)
  }
  return typed
}

async function askTwice({ io }: Invocation, name: string): Promise<string> {
  if (!io.ask) {
    throw new UsageError(
      `Nobody can be asked for the ${name} here: pipe it in with --${name}-stdin.`,
    )
  }
  const first = await io.ask(`${name}: `)
  if ((await io.ask(`${name} again: `)) === first) return first
  throw new UsageError('The two are not the same.')
}

/** Everything up to the first line break. */
async function firstLine(input: Readable): Promise<string> {
  return (await text(input)).split(/\r?\n/, 1)[0]!
}
