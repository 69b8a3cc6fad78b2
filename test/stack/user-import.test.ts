/** `otpost user import` against a stack on disk, while both are killed. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { synthesize } from '../../lib/local/synth.ts'
import { describeStack, rowsDone, scanUsers, startImport, writeUsers } from './support-import.ts'
import { addressesIn, startDev, type DevProcess } from './support-process.ts'

const USERS = 5000
const SLOW = 240_000

let directory: string
let stack: DevProcess
let mailPort = '0'

async function startStack(): Promise<void> {
  stack = startDev({ OTPOST_DATA: join(directory, 'data'), OTPOST_MAIL_PORT: mailPort })
  mailPort = new URL(addressesIn(await stack.ready).mail).port
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'otpost-user-import-'))
  await synthesize()
  await startStack()
})
afterAll(async () => {
  await stack?.end('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

test(
  'nobody is lost or doubled, whoever is killed, and the sums are right',
  { timeout: SLOW },
  async () => {
    const file = join(directory, 'users.csv')
    await writeUsers(file, USERS)
    const progress = `${file}.otpost-progress`

    const first = startImport(mailPort, file)
    await rowsDone(progress, USERS / 5, first)
    expect(await first.kill()).toBe('SIGKILL')

    const second = startImport(mailPort, file)
    await rowsDone(progress, (USERS * 2) / 5, second)
    expect(await second.interrupt()).toBe(1)
    expect(second.err()).toContain('Interrupted. Done up to line')

    const third = startImport(mailPort, file, '--json')
    await rowsDone(progress, (USERS * 3) / 5, third)
    await stack.end('SIGKILL')
    await startStack()

    expect(await third.exited).toBe(0)
    expect(third.err()).toContain('Trying again in')
    expect(JSON.parse(third.out()).value).toMatchObject({
      ...{ rows: USERS, added: USERS, updated: 0, unchanged: 0, skipped: 0 },
    })
    await expect(readFile(progress)).rejects.toThrow('ENOENT')
    expect(await scanUsers(await describeStack(mailPort), USERS)).toEqual({
      ...{ accounts: USERS, missing: 0, unexpected: 0 },
      // of the demo's alice
      serials: 1,
    })
  },
)

test('everybody gets one token, though the first try was killed', { timeout: SLOW }, async () => {
  const count = 600
  const file = join(directory, 'enrolled.csv')
  await writeUsers(file, count)
  const run = startImport(mailPort, file, '--enrol', '--without-pin', '--existing', 'update')
  await rowsDone(`${file}.otpost-progress`, 100, run)
  await run.kill()

  const rest = startImport(mailPort, file, '--enrol', '--without-pin', '--existing', 'update')
  expect(await rest.exited).toBe(0)
  expect(rest.out()).toContain(`${count} unchanged, ${count} tokens enrolled, 0 skipped`)
  const { serials } = await scanUsers(await describeStack(mailPort), USERS)
  expect(serials).toBe(count + 1)
})
