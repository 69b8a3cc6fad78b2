/**
 * The proof of `otpost user import`: 100,000 users into a local stack on disk, killed in the middle
 * twice (first the command line, then the whole stack) and gone on with; then every login is looked
 * for. `npm run bench:import`, or `npm run bench:import -- --users 5000 --enrol`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { synthesize } from '../../lib/local/synth.ts'
import {
  cpuSeconds,
  describeStack,
  type ImportProcess,
  rowsDone,
  scanUsers,
  startImport,
  writeUsers,
} from '../stack/support-import.ts'
import { addressesIn, startDev } from '../stack/support-process.ts'

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    enrol: { type: 'boolean', default: false },
    undisturbed: { type: 'boolean', default: false },
  },
})
const users = Number(flags.users)
const args = flags.enrol ? ['--enrol', '--without-pin'] : []

const directory = mkdtempSync(join(tmpdir(), 'otpost-import-'))
const file = join(directory, 'users.csv')
const progress = `${file}.otpost-progress`
const began = performance.now()
const say = (text: string) =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}`)

let stack: ReturnType<typeof startDev> | undefined
let mailPort = '0'

async function startStack(): Promise<void> {
  stack = startDev({ OTPOST_DATA: join(directory, 'data'), OTPOST_MAIL_PORT: mailPort })
  mailPort = new URL(addressesIn(await stack.ready).mail).port
}

async function ended(run: ImportProcess, since: number, rows: number): Promise<void> {
  const code = await run.exited
  const seconds = (performance.now() - since) / 1000
  const cpu = run.cpu() + (cpuSeconds(stack!.pid) ?? 0)
  say(
    `ended with ${code} after ${rows} rows in ${seconds.toFixed(1)} s: ` +
      `${Math.round(rows / seconds)}/s, ${((cpu * 1000) / rows).toFixed(2)} ms of CPU each, the stack and its start included ` +
      `(the command line ${((run.cpu() * 1000) / rows).toFixed(2)})`,
  )
  say(`memory of the command line in MB, from its start to its end: ${curve(run.memory())}`)
}

/** Ten of many samples, evenly apart, and the highest. */
function curve(samples: readonly number[]): string {
  const tenth = Array.from(
    { length: 10 },
    (_, index) => Math.floor(((index + 1) * samples.length) / 10) - 1,
  )
  const shown = tenth.map((at) => (samples[at] ?? 0).toFixed(0)).join(' ')
  return `${shown}; at most ${Math.max(0, ...samples).toFixed(0)}`
}

try {
  await writeUsers(file, users)
  await synthesize()
  await startStack()
  say(`${users} users in ${file}; the stack is up`)

  let run = startImport(mailPort, file, ...args)
  let since = performance.now()
  let done = 0
  if (!flags.undisturbed) {
    done = await rowsDone(progress, users / 3, run)
    void run.kill()
    await ended(run, since, done)
    run = startImport(mailPort, file, ...args)
    since = performance.now()
    const before = await rowsDone(progress, (users * 2) / 3, run)
    await stack!.end('SIGKILL')
    say(`the stack was killed after ${before} rows`)
    await startStack()
    say('the stack is up again')
  }
  await ended(run, since, users - done)
  process.stdout.write(run.err().replaceAll(/^/gm, '           | '))
  process.stdout.write(`\n${run.out()}`)
  const stored = await scanUsers(await describeStack(mailPort), users)
  say(`stored: ${JSON.stringify(stored)}`)
  const added = /([\d,]+) added/.exec(run.out())?.[1]?.replaceAll(',', '')
  const tokens = flags.enrol ? users : 0
  const seeded = 1
  const sound =
    stored.accounts === users &&
    stored.missing === 0 &&
    stored.unexpected === 0 &&
    stored.serials === tokens + seeded &&
    Number(added) === users
  say(sound ? 'every user is there once' : 'NOT every user is there once')
  process.exitCode = sound ? 0 : 1
} finally {
  await stack?.end('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
}
