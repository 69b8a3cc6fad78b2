/** Synthesizes the CDK app for the laptop, once per state of its sources. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const SOURCES = ['functions', 'lib', 'bin/app.ts', 'cdk.json', 'package-lock.json']
const NOT_SOURCES = new Set([join('lib', 'local')])
const CACHE = join(ROOT, 'node_modules', '.cache', 'otpost')
const KEPT = 3
/** A stack loads a bundle when its function is first asked, and may run for a working day. */
const KEPT_MS = 12 * 3600_000
/** What a synth that was killed has left behind is older than this. */
const SYNTH_MS = 3600_000

export const STAGE = 'local'

/** Directory of the assembly for the sources as they are now. The signal ends a running synth. */
export async function synthesize(signal?: AbortSignal): Promise<string> {
  const output = join(CACHE, sourceHash())
  if (existsSync(join(output, 'manifest.json'))) {
    utimesSync(output, new Date(), new Date())
    return output
  }
  mkdirSync(CACHE, { recursive: true })
  const temporary = `${output}.${process.pid}.${Date.now()}`
  try {
    await runApp(temporary, signal)
    publish(temporary, output)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  forgetOld(output)
  return output
}

function runApp(output: string, signal: AbortSignal | undefined): Promise<void> {
  const child = spawn(process.execPath, ['bin/app.ts'], {
    cwd: ROOT,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CDK_OUTDIR: output,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ ...projectContext(), stage: STAGE }),
      NODE_COMPILE_CACHE: join(CACHE, 'compile'),
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`bin/app.ts could not be synthesized (exit ${code}).\n${said}`))
    })
  })
}

/** The context the CDK command line would have read. */
function projectContext(): object {
  const file = join(ROOT, 'cdk.json')
  if (!existsSync(file)) return {}
  return (JSON.parse(readFileSync(file, 'utf8')) as { context?: object }).context ?? {}
}

/** Another process may have been faster with the same sources; its result is as good. */
function publish(temporary: string, output: string): void {
  try {
    renameSync(temporary, output)
  } catch (error) {
    if (!existsSync(join(output, 'manifest.json'))) throw error
  }
}

function sourceHash(): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of SOURCES.flatMap(filesBelow)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)))
  }
  return hash.digest('hex').slice(0, 24)
}

function filesBelow(path: string): string[] {
  if (NOT_SOURCES.has(path) || !existsSync(join(ROOT, path))) return []
  if (/\.\w+$/.test(path)) return [path]
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}

/** Keeps what a running stack may still load from, and the newest few. */
function forgetOld(current: string): void {
  const now = Date.now()
  const entries = readdirSync(CACHE).map((name) => {
    const path = join(CACHE, name)
    return { path, name, age: now - modified(path) }
  })
  const others = entries.filter(({ name, path }) => /^[0-9a-f]{24}$/.test(name) && path !== current)
  const unused = others.sort((a, b) => a.age - b.age).slice(KEPT)
  const old = unused.filter(({ age }) => age > KEPT_MS)
  const left = entries.filter(({ name, age }) => /^[0-9a-f]{24}\./.test(name) && age > SYNTH_MS)
  for (const { path } of [...old, ...left]) rmSync(path, { recursive: true, force: true })
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
