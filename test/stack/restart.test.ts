import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { close, listen } from '../../lib/local/loopback.ts'
import { synthesize } from '../../lib/local/synth.ts'
import { httpClient, type HttpClient } from './support-http.ts'
import { addressesIn, READY, startDev, type DevProcess } from './support-process.ts'
import {
  adminSession,
  answer,
  codeIn,
  isAccepted,
  startTestStack,
  trigger,
  wrongCode,
} from './support.ts'
import type { TestStack } from './support.ts'

// Synthesizing is no part of a start that is timed here.
beforeAll(() => synthesize())

/** Milliseconds in which it ends even on a busy machine; nothing waits for it so long. */
const END_MS = 10_000

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end()
})

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'otpost-restart-'))
  ended.push(() => rm(path, { recursive: true, force: true }))
  return path
}

async function start(data: string): Promise<TestStack> {
  const world = await startTestStack({ data })
  ended.push(() => world.stack.stop())
  return world
}

function startProcess(environment: Record<string, string>): DevProcess {
  const dev = startDev(environment)
  ended.push(() => dev.end('SIGKILL'))
  return dev
}

type Running = { api: HttpClient; mail: HttpClient; dev: DevProcess }

async function running(environment: Record<string, string>): Promise<Running> {
  const dev = startProcess(environment)
  const { api, mail } = addressesIn(await dev.ready)
  return { api: httpClient(api), mail: httpClient(mail), dev }
}

const askForCode = async ({ api }: { api: HttpClient }): Promise<string> => {
  const asked = await api.post('/validate/check', { user: 'alice', pass: '1234' })
  return asked.json.detail.transaction_id as string
}
const newestCode = async ({ mail }: Running) => codeIn((await mail.get('/api/messages')).json[0])
const reply = ({ api }: { api: HttpClient }, transaction_id: string, pass: string) =>
  api.post('/validate/check', { user: 'alice', transaction_id, pass })

describe('after a restart', () => {
  test('an open challenge is answered, once, and everything else is there', async () => {
    const data = await directory()
    const first = await start(data)
    const user = await first.addUser('1234')
    const id = await trigger(first, user)
    const code = await first.nextCode(user.email)
    await first.mail.json('PATCH', '/api/parameters', { 'email.subject': 'Kept' })
    const parameters = first.stack.parameters.values()
    await first.stack.stop()

    const second = await start(data)
    const { 'email.port': _before, ...kept } = parameters
    expect(second.stack.parameters.values()).toMatchObject(kept)
    expect(isAccepted(await answer(second, user.user, id, code))).toBe(true)
    expect(isAccepted(await answer(second, user.user, id, code))).toBe(false)
    const session = await adminSession(second)
    const listed = await second.api.get('/token/', { user: user.user }, session)
    expect(listed.json.result.value.tokens).toMatchObject([{ username: user.user, count: 1 }])
    await trigger(second, user)
    expect((await second.nextMail(user.email)).subject).toBe('Kept')
    await second.stack.stop()

    const third = await start(data)
    expect(isAccepted(await answer(third, user.user, id, code))).toBe(false)
  })

  test('wrong answers from before still count', async () => {
    const data = await directory()
    const first = await start(data)
    const user = await first.addUser()
    const id = await trigger(first, user)
    const code = await first.nextCode(user.email)
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await answer(first, user.user, id, wrongCode(code))
    }
    await first.stack.stop()
    expect(isAccepted(await answer(await start(data), user.user, id, code))).toBe(false)
  })
})

describe('npm start', () => {
  test('says where it listens in one line, and what to try', async () => {
    const { dev } = await running({ OTPOST_DATA: 'memory' })
    const [line] = dev.stdout().split('\n')
    expect(line).toMatch(READY)
    await expect
      .poll(dev.stdout)
      .toContain(`curl -d user=alice -d pass=1234 ${addressesIn(line!).api}`)
    expect(dev.stderr()).toBe('')
  })

  test('ends on SIGTERM at once with nothing left behind', async () => {
    const world = await running({ OTPOST_DATA: await directory() })
    await askForCode(world)
    const { code, ms } = await world.dev.end('SIGTERM')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(END_MS)
    expect(world.dev.isAlive()).toBe(false)
  })

  test('ends on SIGTERM while it is still starting', async () => {
    const data = await directory()
    const dev = startProcess({ OTPOST_DATA: data })
    await expect.poll(() => existsSync(join(data, 'lock')), { interval: 5 }).toBe(true)
    const { code, ms } = await dev.end('SIGTERM')
    expect({ code, stderr: dev.stderr() }).toEqual({ code: 0, stderr: '' })
    expect(ms).toBeLessThan(END_MS)
    expect(dev.isAlive()).toBe(false)
    await running({ OTPOST_DATA: data })
  })

  test('loses nothing to SIGKILL, and takes its lock back', async () => {
    const OTPOST_DATA = await directory()
    const first = await running({ OTPOST_DATA })
    const id = await askForCode(first)
    const code = await newestCode(first)
    expect(await first.dev.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })

    const second = await running({ OTPOST_DATA })
    expect(await newestCode(second)).toBe(code)
    expect(isAccepted(await reply(second, id, code))).toBe(true)
    await second.dev.end('SIGKILL')

    const third = await running({ OTPOST_DATA })
    expect(isAccepted(await reply(third, id, code))).toBe(false)
    const next = await askForCode(third)
    expect(isAccepted(await reply(third, next, await newestCode(third)))).toBe(true)
  })

  test('starts empty with OTPOST_SEED=none', async () => {
    const { api, dev } = await running({ OTPOST_DATA: 'memory', OTPOST_SEED: 'none' })
    await expect.poll(dev.stdout).toContain('npx otpost admin add')
    expect(dev.stdout()).not.toContain('alice')
    const asked = await api.post('/validate/check', { user: 'alice', pass: '1234' })
    expect(isAccepted(asked)).toBe(false)
    expect(asked.json?.detail?.transaction_id).toBeUndefined()
    const signedIn = await api.post('/auth', { username: 'admin', password: 'admin' })
    expect(signedIn.status).not.toBe(200)
  })

  test.each(['OTPOST_PORT', 'OTPOST_MAIL_PORT', 'OTPOST_SMTP_PORT'])(
    'names %s in one line when its port is in use',
    async (variable) => {
      const other = createServer()
      const port = await listen(other, 0, 'test')
      ended.push(() => close(other))
      const dev = startProcess({ OTPOST_DATA: 'memory', [variable]: String(port) })
      expect(await dev.exited).toMatchObject({ code: 1 })
      expect(dev.stderr()).toBe(
        `Port ${port} is in use: choose another one with ${variable} (0 picks a free one).\n`,
      )
      expect(dev.stdout()).toBe('')
    },
  )

  test('is the only process on its data', async () => {
    const OTPOST_DATA = await directory()
    const { dev } = await running({ OTPOST_DATA })
    const second = startProcess({ OTPOST_DATA })
    expect(await second.exited).toMatchObject({ code: 1 })
    expect(second.stderr()).toBe(
      `${OTPOST_DATA} is in use by process ${dev.pid}: stop it, or choose another OTPOST_DATA.\n`,
    )
    expect(dev.isAlive()).toBe(true)
  })
})
