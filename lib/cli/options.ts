import type { Option, Options } from './command.ts'
import { UsageError } from './errors.ts'

export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  stage: {
    value: '<name>',
    about: 'the deployment; local (the default) is the one on this machine',
  },
  region: { value: '<region>', about: 'its AWS region' },
  profile: { value: '<name>', about: 'the AWS profile whose credentials are used' },
  json: { about: 'print one JSON document' },
  help: { about: 'explain the command' },
}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function numberOption(options: Options, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--${name} takes a whole number.`)
}

/** The text options of these names that were given. */
export function textOptions(options: Options, names: readonly string[]): Record<string, string> {
  const given = names.flatMap((name) => {
    const value = textOption(options, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(given)
}
