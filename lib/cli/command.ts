/** What a command of the command line is. */
import type { Readable } from 'node:stream'
import type { Target } from './target.ts'

export type Option = {
  /** Placeholder of the value in the help, `<address>`; absent: the option is a switch. */
  value?: string
  about: string
}

export type Operand = {
  name: string
  optional?: true
  /** Any number of them, at the end. */
  many?: true
}

export type Command = {
  /** The words that call it. */
  path: readonly string[]
  /** One sentence. */
  about: string
  operands?: readonly Operand[]
  options?: Readonly<Record<string, Option>>
  /** More for its help. */
  notes?: string
  /** Complete lines, ready to be copied. */
  examples: readonly [string, string, ...string[]]
  run(invocation: Invocation): Promise<Result>
}

/** One call of a command. */
export type Invocation = {
  operands: string[]
  options: Options
  /** Connects to the deployment the options name. */
  target(): Promise<Target>
  io: Io
}

export type Options = Readonly<Record<string, string | boolean | undefined>>

export type Result = {
  /** For `--json`. */
  value: unknown
  /** For people; may be empty. */
  text: string
  /** The command ran to its end, and what it found is not good. */
  failed?: boolean
  /** The exit code, where it says more than `failed`. */
  exit?: number
}

/** The terminal, or what stands in for it. */
export type Io = {
  out(text: string): void
  err(text: string): void
  /** Somebody watches `err`. */
  watched: boolean
  stdin: Readable
  /** Asks without echo; undefined where nobody can be asked. */
  ask: ((question: string) => Promise<string>) | undefined
  env: NodeJS.ProcessEnv
  /** Unix time in milliseconds. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Aborted when the operator wants to stop; from the first call on the process does not just end. */
  interruption(): AbortSignal
}
