/** `otpost user import` as a process that may be killed, and what is in the table afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import type { StackDescription } from '../../lib/local/stack.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The login in a row of {@link writeUsers}. */
export const loginOf = (index: number) => `user${String(index).padStart(7, '0')}`

/** Writes a .csv of so many users. */
export async function writeUsers(path: string, count: number): Promise<void> {
  const file = createWriteStream(path)
  file.write('user,email,givenname,surname\n')
  for (let index = 0; index < count; index++) {
    const login = loginOf(index)
    const row = `${login},${login}@example.org,"Given, ${index}",Sürname ${index}\n`
    if (!file.write(row)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

export type ImportProcess = {
  /** Everything it wrote so far. */
  out(): string
  err(): string
  /** Resident memory in MB, ten times a second. */
  memory(): number[]
  /** CPU time so far, in seconds. */
  cpu(): number
  exited: Promise<number | NodeJS.Signals>
  /** Ends it as a power cut would. */
  kill(): Promise<unknown>
  interrupt(): Promise<unknown>
}

/** Starts an import into the stack whose mail page is on this port. */
export function startImport(mailPort: number | string, ...args: string[]): ImportProcess {
  const child = spawn(process.execPath, ['bin/otpost.ts', 'user', 'import', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OTPOST_MAIL_PORT: String(mailPort) },
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  }
  const memory: number[] = []
  let cpu = 0
  const sampler = setInterval(() => {
    memory.push(residentMegabytes(child.pid!) ?? memory.at(-1) ?? 0)
    cpu = cpuSeconds(child.pid!) ?? cpu
  }, 100)
  const exited = once(child, 'close').then(([code, signal]) => {
    clearInterval(sampler)
    return (code ?? signal) as number | NodeJS.Signals
  })
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  return {
    out: () => said.stdout,
    err: () => said.stderr,
    memory: () => memory.filter((megabytes) => megabytes > 0),
    cpu: () => cpu,
    exited,
    kill: () => end('SIGKILL'),
    interrupt: () => end('SIGINT'),
  }
}

/** Undefined where the system does not tell, or the process has ended. */
function residentMegabytes(pid: number): number | undefined {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
    return (Number(pages) * 4096) / 2 ** 20
  } catch {
    return undefined
  }
}

const TICKS_PER_SECOND = 100

/** CPU time of a process with its threads; undefined as for {@link residentMegabytes}. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}

/** Waits until a progress file says that so many rows are done; throws when the import ends before. */
export async function rowsDone(
  progressFile: string,
  rows: number,
  run: ImportProcess,
): Promise<number> {
  let ended = false
  void run.exited.then(() => (ended = true))
  for (;;) {
    if (ended) throw new Error(`The import ended before ${rows} rows.\n${run.err()}${run.out()}`)
    const done = existsSync(progressFile) ? doneIn(progressFile) : 0
    if (done >= rows) return done
    await sleep(10)
  }
}

/** It is replaced in one step, so it is whole whenever it is there. */
function doneIn(progressFile: string): number {
  const { done } = JSON.parse(readFileSync(progressFile, 'utf8')) as { done: { rows: number } }
  return done.rows
}

export type Stored = { accounts: number; missing: number; unexpected: number; serials: number }

/** Counts what is stored of the first so many users of {@link writeUsers}, by a scan of the table. */
export async function scanUsers(
  { endpoint, region, tables }: Pick<StackDescription, 'endpoint' | 'region' | 'tables'>,
  count: number,
): Promise<Stored> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }))
  const missing = new Set(Array.from({ length: count }, (_, index) => loginOf(index)))
  const stored = { accounts: 0, unexpected: 0, serials: 0 }
  const input = { TableName: tables.tokens!, ConsistentRead: true }
  for await (const { Items = [] } of paginateScan({ client }, input)) {
    for (const { pk, login, email } of Items as Record<string, string>[]) {
      if (pk!.startsWith('serial/')) stored.serials++
      if (!pk!.startsWith('account/') || !login?.startsWith('user')) continue
      stored.accounts++
      // A login that is met twice is not missing any more the second time.
      if (!missing.delete(login) || email !== `${login}@example.org`) stored.unexpected++
    }
  }
  client.destroy()
  return { ...stored, missing: missing.size }
}

/** What the mail page tells of its stack. */
export async function describeStack(mailPort: number | string): Promise<StackDescription> {
  const response = await fetch(`http://127.0.0.1:${mailPort}/api/stack`)
  return (await response.json()) as StackDescription
}
