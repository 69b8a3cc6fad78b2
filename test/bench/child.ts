/** A program of the bench in a process of its own, so that its CPU time is nobody else's. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Report } from './program.ts'

export type Program = {
  name: string
  url: string
  /** CPU time of the process so far, milliseconds. */
  cpu(): Promise<number>
  /** Bytes it has logged so far. */
  logged(): number
  stop(): Promise<void>
}

export type ProgramOptions = {
  name: string
  file: string
  args?: string[]
  environment: Record<string, string>
  /** Directory for a CPU profile. @default none is taken */
  profile?: string | undefined
}

/** Starts a program; it serves when this resolves. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, file, args = [], environment, profile } = options
  const child = fork(file, args, {
    env: environment,
    execArgv: profile
      ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`]
      : [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let logged = 0
  child.stdout!.on('data', (chunk: Buffer) => (logged += chunk.length))
  const { port } = (await reportOf(child)) as { port: number }
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    logged: () => logged,
    async cpu() {
      child.send('cpu')
      return ((await reportOf(child)) as { cpu: number }).cpu / 1000
    },
    async stop() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

async function reportOf(child: ChildProcess): Promise<Report> {
  const gone = new AbortController()
  const exited = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`A program of the bench ended with code ${code}.`)
  })
  exited.catch(() => {})
  try {
    const [report] = await Promise.race([once(child, 'message', { signal: gone.signal }), exited])
    return report as Report
  } finally {
    gone.abort()
  }
}
