/** The local stack as `npm start` runs it: a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Exit = { code: number | null; signal: NodeJS.Signals | null; ms: number }

export type DevProcess = {
  pid: number
  /** Everything it wrote so far. */
  stdout(): string
  stderr(): string
  /** Resolves with the ready line, without its end; rejects when the process ends before. */
  ready: Promise<string>
  exited: Promise<Exit>
  /** Sends a signal, unless it has ended, and resolves when it has; `ms` counts from the signal. */
  end(signal: NodeJS.Signals): Promise<Exit>
  /** Whether it, or anything it started, is still there. */
  isAlive(): boolean
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Starts it on free ports, in a process group of its own. */
export function startDev(environment: Record<string, string>): DevProcess {
  const child = spawn(process.execPath, ['bin/dev.ts'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      OTPOST_PORT: '0',
      OTPOST_MAIL_PORT: '0',
      OTPOST_SMTP_PORT: '0',
      ...environment,
    },
  })
  const pid = child.pid!
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  }
  let since = performance.now()
  const exited = once(child, 'close').then(([code, signal]) => ({
    code,
    signal,
    ms: performance.now() - since,
  })) as Promise<Exit>

  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const line = /^otpost ready .*(?=\n)/m.exec(said.stdout)?.[0]
      if (line) resolve(line)
    })
    void exited.then(({ code }) => {
      reject(new Error(`It ended with ${code} before it was ready.\n${said.stderr}`))
    })
  })
  // Not every test waits for it.
  ready.catch(() => {})

  return {
    pid,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ready,
    exited,
    async end(signal) {
      since = performance.now()
      child.kill(signal)
      return exited
    },
    isAlive: () => isAlive(-pid),
  }
}

/** A negative id asks for a whole process group. */
function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}

/** The addresses in a ready line. */
export function addressesIn(ready: string): { api: string; mail: string; smtp: string } {
  const [, api, mail, smtp] = READY.exec(ready) ?? []
  if (!api || !mail || !smtp) throw new Error(`Not a ready line: ${ready}`)
  return { api, mail, smtp }
}

export const READY =
  /^otpost ready api=(http:\/\/127\.0\.0\.1:\d+) mail=(http:\/\/127\.0\.0\.1:\d+) smtp=(127\.0\.0\.1:\d+)$/
