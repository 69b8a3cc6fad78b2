import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { FunctionHost } from '../../../lib/local/function-host.ts'

const hosts: FunctionHost[] = []
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())))

type Options = { timeoutSeconds?: number; concurrency?: number; initMs?: number }

function host(source: string, options: Options = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'otpost-function-')), 'index.js')
  writeFileSync(file, source)
  const lines: string[] = []
  const created = new FunctionHost(
    {
      name: 'probe',
      arn: 'arn:probe',
      file,
      handler: 'handler',
      environment: { ONLY: 'this' },
      timeoutSeconds: options.timeoutSeconds ?? 5,
      memory: 256,
    },
    { ...options, output: (line) => void lines.push(line) },
  )
  hosts.push(created)
  return { created, lines }
}

describe('a function', () => {
  test('gets the event and a context', async () => {
    const { created } = host(`
      exports.handler = async (event, context) => [
        event, process.env, context.functionName, context.memoryLimitInMB,
        context.getRemainingTimeInMillis() <= 5000, context.awsRequestId.length ]`)
    expect(await created.invoke({ a: 1 })).toEqual([
      { a: 1 },
      { ONLY: 'this' },
      'probe',
      '256',
      true,
      36,
    ])
  })

  test('runs one event at a time per worker, and more workers for more events', async () => {
    const source = `
      let running = 0, most = 0
      const { threadId } = require('node:worker_threads')
      exports.handler = async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 20))
        running -= 1
        return { threadId, most }
      }`
    const { created } = host(source, { concurrency: 2 })
    const runs = (await Promise.all([1, 2, 3, 4, 5].map((n) => created.invoke(n)))) as {
      threadId: number
      most: number
    }[]
    expect(new Set(runs.map(({ threadId }) => threadId)).size).toBe(2)
    expect(runs.every(({ most }) => most === 1)).toBe(true)
  })

  test('keeps what it has loaded between events', async () => {
    const { created } = host('let n = 0; exports.handler = async () => ++n')
    await created.warm()
    expect([await created.invoke(0), await created.invoke(0)]).toEqual([1, 2])
  })

  test('is killed when its time is over, and started again', async () => {
    const source = 'exports.handler = async (spin) => { while (spin); return "fine" }'
    const { created } = host(source, { timeoutSeconds: 0.05, concurrency: 1 })
    const slow = created.invoke(true)
    const next = created.invoke(false)
    await expect(slow).rejects.toThrow('Task timed out after 0.05 seconds')
    expect(await next).toBe('fine')
  })

  test('that is slow to load does so on the time of its first event', async () => {
    const load = (ms: number) => `const end = Date.now() + ${ms}; while (Date.now() < end);`
    const handler = 'exports.handler = async () => "fine"'
    const { created } = host(load(300) + handler, { initMs: 1 })
    expect(await created.invoke({})).toBe('fine')
    const { created: never } = host(load(60_000) + handler, { initMs: 1, timeoutSeconds: 0.2 })
    await expect(never.invoke({})).rejects.toThrow('Task timed out after 0.20 seconds')
  })

  test('that breaks outside its handler fails the event it was running', async () => {
    const { created, lines } = host(`
      exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('astray') }))`)
    await expect(created.invoke({})).rejects.toMatchObject({
      description: { errorType: 'Error', errorMessage: 'astray' },
    })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'ERROR' }])
  })

  test('that cannot be loaded fails every event', async () => {
    const { created } = host('require("nothing-like-that")')
    await expect(created.invoke({})).rejects.toThrow('nothing-like-that')
    await expect(created.invoke({})).rejects.toThrow('nothing-like-that')
  })

  test('prints line by line, in order', async () => {
    const { created, lines } = host(`
      exports.handler = async () => { console.log('a\\nb'); console.error('c'); process.stdout.write('d') }`)
    expect(await created.invoke({})).toBeNull()
    expect(lines).toEqual(['a', 'b', 'c', 'd'])
  })
})
