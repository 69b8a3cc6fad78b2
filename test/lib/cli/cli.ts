/** The command line over an operator in memory: what it prints, asks and returns. */
import { Readable } from 'node:stream'
import type { SsmParameters } from '../../../functions/adapters/ssm-parameters.ts'
import { publishSettings, type Snapshot } from '../../../functions/core/publish-settings.ts'
import type { Io } from '../../../lib/cli/command.ts'
import type { TargetOptions } from '../../../lib/cli/connect.ts'
import { main } from '../../../lib/cli/main.ts'
import type { Target } from '../../../lib/cli/target.ts'
import { createOperator } from '../../core/operator/operator.ts'

export type CliOptions = {
  /** Parameters in clear, and secrets, as they are at first. */
  values?: Record<string, string>
  secrets?: Record<string, string>
  /** What a person types when asked; without it nobody can be asked. */
  answers?: string[]
  stdin?: string
  watched?: boolean
  env?: NodeJS.ProcessEnv
  /** Stands between the command line and the operator. */
  invoke?: (next: Target['invoke']) => Target['invoke']
}

export function createCli(options: CliOptions = {}) {
  const parameters = memoryParameters(options.values, options.secrets)
  let snapshot: Snapshot | undefined
  let rev = 0
  let time = 0
  const operator = createOperator()
  operator.ports.snapshots = { load: async () => ({ rev, snapshot }) }
  const invoked: { command: string; args: any }[] = []
  const connected: TargetOptions[] = []
  const pauses: number[] = []
  const answers = [...(options.answers ?? [])]
  const questions: string[] = []
  const interruption = new AbortController()

  const invoke: Target['invoke'] = async (command, args) => {
    invoked.push({ command, args: JSON.parse(JSON.stringify(args)) })
    return operator.run(command, JSON.parse(JSON.stringify(args)))
  }
  const target: Target = {
    stage: 'test',
    invoke: options.invoke?.(invoke) ?? invoke,
    parameters,
    configure: () =>
      publishSettings({
        parameters,
        clock: () => 0,
        report: () => {},
        snapshots: {
          load: async () => ({ rev, snapshot }),
          async save(next) {
            snapshot = next
            rev++
            return true
          },
        },
      }),
  }

  return {
    operator,
    parameters,
    invoked,
    connected,
    pauses,
    questions,
    interrupt: () => interruption.abort(),
    advance: (ms: number) => {
      time += ms
    },
    /** Runs one command line. */
    async run(...argv: string[]) {
      let out = ''
      let err = ''
      const io: Io = {
        out: (text) => void (out += text),
        err: (text) => void (err += text),
        watched: options.watched ?? false,
        stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
        ask: options.answers
          ? async (question) => {
              questions.push(question)
              return answers.shift() ?? ''
            }
          : undefined,
        env: options.env ?? {},
        now: () => time,
        sleep: async (ms) => void pauses.push(ms),
        interruption: () => interruption.signal,
      }
      const code = await main(argv, io, async (wanted) => {
        connected.push(wanted)
        return target
      })
      return { code, out, err, json: (): any => JSON.parse(out) }
    },
  }
}

/** Parameter Store in memory, with its rule that a parameter keeps its type. */
export function memoryParameters(
  values: Record<string, string> = {},
  secrets: Record<string, string> = {},
): SsmParameters & { stored: Map<string, { value: string; secret: boolean; version: number }> } {
  const stored = new Map<string, { value: string; secret: boolean; version: number }>()
  const entry = (secret: boolean) => (value: string) => ({ value, secret, version: 1 })
  for (const [name, value] of Object.entries(values)) stored.set(name, entry(false)(value))
  for (const [name, value] of Object.entries(secrets)) stored.set(name, entry(true)(value))
  return {
    stored,
    async list() {
      const entries = [...stored]
      const clear = entries.filter(([, { secret }]) => !secret)
      const sealed = entries.filter(([, { secret }]) => secret)
      return {
        values: Object.fromEntries(clear.map(([name, { value }]) => [name, value])),
        secrets: Object.fromEntries(sealed.map(([name, { version }]) => [name, version])),
      }
    },
    async put(name, value, secret) {
      const before = stored.get(name)
      if (before && before.secret !== secret) throw new Error(`${name} cannot change its type`)
      stored.set(name, { value, secret, version: (before?.version ?? 0) + 1 })
    },
    remove: async (name) => stored.delete(name),
  }
}
