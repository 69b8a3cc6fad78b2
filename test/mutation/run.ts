/**
 * How many planted faults the tests find: `npm run mutation -- functions/core/budget.ts …`, or
 * `npm run mutation -- --sample 200` for so many of all of `functions/core`, drawn by `--seed`.
 *
 * Works on a copy of the project. For each fault the tests that mirror its file run first, then
 * those of the core, of races and of privacyIDEA's wire. Ends with 1 when fewer than `--least` percent are found.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Mutant, mutantsOf, planted } from './mutants.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const LEFT_OUT = new Set(['node_modules', '.git', 'cdk.out', '.otpost'])
const CORE = 'functions/core'
/** Which tests look at a fault that those of its own file did not find. */
const FURTHER = ['test/core', 'test/races', 'test/counts.test.ts', 'test/http/privacyidea']
/** A fault that never ends is found. */
const TIMEOUT_MS = 600_000

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    least: { type: 'string', default: '90' },
  },
})

type Planted = Mutant & { file: string }

const copy = mkdtempSync(join(tmpdir(), 'otpost-mutation-'))
try {
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(ROOT, path)) })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const faults = chosen()
  if (!passes(FURTHER)) throw new Error('The tests fail without a fault.')
  const survivors = faults.filter((fault, index) => {
    const found = isFound(fault)
    console.log(`${index + 1}/${faults.length} ${found ? 'found   ' : 'SURVIVED'} ${said(fault)}`)
    return !found
  })
  const score = (100 * (faults.length - survivors.length)) / faults.length
  console.log(
    `\n${faults.length - survivors.length} of ${faults.length} found: ${score.toFixed(1)} %`,
  )
  for (const fault of survivors) console.log(`survived: ${said(fault)}`)
  if (score < Number(flags.least)) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function chosen(): Planted[] {
  const files = positionals.length > 0 ? positionals : sourcesOf(CORE)
  const all = files.flatMap((file) =>
    mutantsOf(readFileSync(join(ROOT, file), 'utf8')).map((mutant) => ({ ...mutant, file })),
  )
  return flags.sample === undefined ? all : drawn(all, Number(flags.sample), Number(flags.seed))
}

function sourcesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort()
}

/** So many of a list, always the same ones by the same seed (mulberry32). */
function drawn<T>(list: T[], count: number, seed: number): T[] {
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return list
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ one }) => one)
}

function isFound(fault: Planted): boolean {
  const path = join(copy, fault.file)
  const source = readFileSync(path, 'utf8')
  writeFileSync(path, planted(source, fault))
  try {
    const own = mirrorsOf(fault.file).filter((test) => existsSync(join(copy, test)))
    return [own, FURTHER].some((tests) => tests.length > 0 && !passes(tests))
  } finally {
    writeFileSync(path, source)
  }
}

/** The test of a file, and the folder of its tests. */
function mirrorsOf(file: string): string[] {
  const name = join('test', relative('functions', file)).replace(/\.ts$/, '')
  return [`${name}.test.ts`, name]
}

function passes(tests: string[]): boolean {
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    vitest,
    'run',
    '--bail=1',
    '--silent=true',
    ...tests.filter((one) => existsSync(join(copy, one))),
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: copy, timeout: TIMEOUT_MS })
  return status === 0
}

function said({ file, line, start, end, text }: Planted): string {
  const was = readFileSync(join(ROOT, file), 'utf8').slice(start, end).replaceAll(/\s+/g, ' ')
  return `${file}:${line} ${was.slice(0, 60)} -> ${text.slice(0, 60)}`
}
