/** `npm start` as a user meets it: the real app, in a process of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { close, listen } from '../../../lib/local/loopback.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const READY =
  /^otpost ready api=(http:\/\/127\.0\.0\.1:\d+) mail=(http:\/\/127\.0\.0\.1:\d+) smtp=127\.0\.0\.1:\d+$/m

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const directory = () => mkdtempSync(join(tmpdir(), 'otpost-dev-'))

function launch(env: Record<string, string>) {
  const child = spawn(process.execPath, ['bin/node24.mjs', 'bin/dev.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      OTPOST_PORT: '0',
      OTPOST_MAIL_PORT: '0',
      OTPOST_SMTP_PORT: '0',
      ...env,
    },
  })
  children.push(child)
  let said = ''
  const ready = new Promise<{ api: string; mail: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [, api, mail] = READY.exec(said) ?? []
      if (api && mail) resolve({ api, mail })
    })
    child.on('close', () => reject(new Error(`ended before it was ready: ${complaint}`)))
  })
  ready.catch(() => {})
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, complaint }))
  return { child, ready, ended }
}

const trigger = async (api: string) => {
  const body = new URLSearchParams({ user: 'alice', pass: '1234' })
  const response = await fetch(`${api}/validate/check`, { method: 'POST', body })
  return (await response.json()) as { detail: { transaction_id?: string } }
}

describe('the local stack', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('logs in, and ends on %s', async (signal) => {
    const { child, ready, ended } = launch({ OTPOST_DATA: 'memory' })
    const { api, mail } = await ready
    expect((await trigger(api)).detail.transaction_id).toMatch(/^\d{20}$/)
    const mails = async () => (await fetch(`${mail}/api/messages`)).json()
    await expect.poll(mails).toHaveLength(1)
    const asked = Date.now()
    child.kill(signal)
    expect(await ended).toMatchObject({ code: 0 })
    expect(Date.now() - asked).toBeLessThan(10_000)
  })

  test('starts again on its data after it was killed', async () => {
    const OTPOST_DATA = directory()
    const first = launch({ OTPOST_DATA })
    await first.ready
    first.child.kill('SIGKILL')
    const second = launch({ OTPOST_DATA })
    const { api } = await second.ready
    expect((await trigger(api)).detail.transaction_id).toMatch(/^\d{20}$/)
  })

  test('shares its data with nobody', async () => {
    const OTPOST_DATA = directory()
    await launch({ OTPOST_DATA }).ready
    const { code, complaint } = await launch({ OTPOST_DATA }).ended
    expect(code).toBe(1)
    expect(complaint).toMatch(/^\S+ is in use by process \d+: stop it, or choose another/)
    expect(complaint.trim().split('\n')).toHaveLength(1)
  })

  test('names the variable of a port that is in use', async () => {
    const other = createServer()
    const port = String(await listen(other, 0, 'test'))
    const { code, complaint } = await launch({ OTPOST_DATA: 'memory', OTPOST_MAIL_PORT: port })
      .ended
    expect(code).toBe(1)
    expect(complaint).toBe(
      `Port ${port} is in use: choose another one with OTPOST_MAIL_PORT (0 picks a free one).\n`,
    )
    await close(other)
  })

  test('refuses what is not a port', async () => {
    const { code, complaint } = await launch({ OTPOST_PORT: 'http' }).ended
    expect(code).toBe(1)
    expect(complaint).toBe('OTPOST_PORT must be a port number between 0 and 65535.\n')
  })
})
