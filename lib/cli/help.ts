/** The help of every level: what there is, what it takes, what to type. */
import type { Command, Operand, Option } from './command.ts'
import { GLOBAL_OPTIONS } from './options.ts'
import { columns } from './text.ts'

const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ')

export function commandHelp(command: Command): string {
  const own = Object.entries(command.options ?? {})
  return [
    `${command.about}\n`,
    `Usage: ${usage(command)}\n`,
    ...(own.length > 0 ? [`Options:\n${optionList(own)}`] : []),
    `Options of every command:\n${optionList(Object.entries(GLOBAL_OPTIONS))}`,
    ...(command.notes === undefined ? [] : [`${command.notes}\n`]),
    `Examples:\n${command.examples.map((line) => `  ${line}\n`).join('')}`,
  ].join('\n')
}

/** The help of a group of commands, or of all of them. */
export function groupHelp(title: string, commands: readonly Command[]): string {
  const prefix = commonPath(commands)
  const list = commands.map((command) => [callOf(command), command.about])
  const [first, last] = [commands[0]!.examples, commands.at(-1)!.examples]
  const examples = [first[0], last[1]].map((line) => `  ${line}\n`)
  return [
    `${title}\n`,
    `Usage: npx otpost ${[...prefix, '<command>'].join(' ')} [options]\n`,
    `Commands:\n${indented(columns(list))}`,
    `Options of every command:\n${optionList(Object.entries(GLOBAL_OPTIONS))}`,
    `Examples:\n${examples.join('')}`,
    `More: npx otpost ${[...prefix, '<command>'].join(' ')} --help\n`,
  ].join('\n')
}

export const usage = (command: Command) => `npx otpost ${callOf(command)} [options]`

const callOf = ({ path, operands = [] }: Command) =>
  [...path, ...operands.map(operandText)].join(' ')

function operandText({ name, optional, many }: Operand): string {
  const text = `<${name}>${many ? '…' : ''}`
  return optional ? `[${text}]` : text
}

const optionList = (options: (readonly [string, Option])[]) =>
  indented(columns(options.map(([name, { value, about }]) => [`--${name} ${value ?? ''}`, about])))

function commonPath(commands: readonly Command[]): string[] {
  const groups = new Set(commands.map(({ path }) => path[0]!))
  return groups.size === 1 ? [...groups] : []
}
