import { gunzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { LogSubscriptions, parseFilterPattern } from '../../../lib/local/logs.ts'

const PATTERN = '{ ($.record = "audit") || ($.record = "delivery") }'
const line = (record: string, n = 0) => JSON.stringify({ record, n })

type Passed = { id: string; message: string }[]

function createLogs(take: (lines: Passed, delivery: number) => void = () => {}) {
  const passed: Passed[] = []
  const fits = parseFilterPattern(PATTERN, 'test')
  const invoke = async (event: any) => {
    const text = gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString()
    const { messageType, logGroup, logEvents } = JSON.parse(text)
    expect([messageType, logGroup]).toEqual(['DATA_MESSAGE', '/a'])
    passed.push(logEvents)
    take(logEvents, passed.length)
  }
  const subscription = { group: '/a', name: 'records', fits, invoke }
  const logs = new LogSubscriptions([subscription], { collectMs: 1, retryMs: 1 })
  return { logs, passed }
}

describe('a subscription', () => {
  it('is passed the lines that fit, of its group, in batches', async () => {
    const { logs, passed } = createLogs()
    logs.add('/a', line('audit', 1))
    logs.add('/a', line('other'))
    logs.add('/a', 'REPORT RequestId')
    logs.add('/b', line('audit'))
    logs.add('/a', line('delivery', 2))
    await logs.stop()
    expect(passed.map((lines) => lines.map(({ message }) => message))).toEqual([
      [line('audit', 1), line('delivery', 2)],
    ])
  })

  it('is passed a batch again that it could not take, each line with the id it had', async () => {
    const { logs, passed } = createLogs((_lines, delivery) => {
      if (delivery < 3) throw new Error('busy')
    })
    logs.add('/a', line('audit'))
    await vi.waitFor(() => expect(passed.length).toBeGreaterThanOrEqual(3), 10_000)
    await logs.stop()
    expect(passed).toHaveLength(3)
    expect(new Set(passed.map(([first]) => first!.id)).size).toBe(1)
  })

  it('is passed a batch twice now and then, as CloudWatch may do it', async () => {
    const { logs, passed } = createLogs()
    for (let n = 1; n <= 10; n++) {
      logs.add('/a', line('audit', n))
      await new Promise((resolve) => setTimeout(resolve, 8))
    }
    await logs.stop()
    expect(passed.length).toBeGreaterThan(new Set(passed.map(([first]) => first!.id)).size)
  })
})

it.each(['', '{ $.a != "b" }', '{ $.a = 1 }', 'ERROR', '{ $.a = "b" && $.c = "d" }'])(
  'the pattern %j is refused, not misread',
  (pattern) => expect(() => parseFilterPattern(pattern, 'here')).toThrow(/here.*not offered/),
)
