import { beforeEach, describe, expect, it } from 'vitest'
import { appendAudit } from '../../../functions/core/records/append-audit.ts'
import type { RecordWriter } from '../../../functions/core/records/record-store.ts'
import { entryOf } from '../../core/records/chain.ts'
import { createCli } from './cli.ts'

let cli: ReturnType<typeof createCli>
let records: RecordWriter
beforeEach(async () => {
  cli = createCli()
  const { ports, world } = cli.operator
  records = ports.records as unknown as RecordWriter
  cli.advance(world.now())
  const entries = [
    entryOf('a'),
    { ...entryOf('b'), success: false, reason: 'wrong', user: 'bob', transactionId: '1' },
  ]
  await appendAudit(
    { ...ports, records, key: await ports.keyring.key('audit'), retentionDays: 365 },
    entries.map((entry) => ({ eventId: entry.action, entry })),
  )
})

describe('audit list', () => {
  it('shows who did what, newest first', async () => {
    const { out, code } = await cli.run('audit', 'list')
    expect(code).toBe(0)
    expect(out).toMatch(/^TIME .*\n.*POST \/b +bob@demo +refused: wrong.* ok\n.*POST \/a .*ok\n$/)
  })

  it('passes on what to look for', async () => {
    const asked = ['--user', 'bob', '--transaction', '1', '--success', 'no', '--from', '2h']
    const { json } = await cli.run('audit', 'list', ...asked, '--admin', '*', '--json')
    expect(cli.invoked.at(-1)!.args).toMatchObject({
      ...{ user: 'bob', transaction_id: '1', success: false, administrator: '*' },
      from: '2026-11-21T10:00:00.000Z',
    })
    expect(json()).toMatchObject({ ok: true, value: { records: [{ seq: 2 }] } })
  })

  it.each([
    ['--from', 'yesterday'],
    ['--to', '2026-13-01'],
    ['--success', 'maybe'],
  ])('refuses %s %s', async (option, value) => {
    const { code, err } = await cli.run('audit', 'list', option, value)
    expect(code).toBe(2)
    expect(err).toContain(option)
  })
})

it('audit export prints a record a line', async () => {
  const { out } = await cli.run('audit', 'export')
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { seq: 2, hash: expect.any(String), previous: lines[1].hash },
    { seq: 1, previous: '-' },
  ])
})

describe('audit verify', () => {
  it('says OK, and where the chain ends', async () => {
    const { out, code } = await cli.run('audit', 'verify')
    expect(code).toBe(0)
    expect(out).toMatch(/^OK: 2 records, up to record 2 with the seal [\w-]{43}\.\n$/)
  })

  it('names what is broken, and fails', async () => {
    cli.operator.ports.records = {
      ...cli.operator.ports.records,
      async *ofDay(day, seq) {
        const { ofDay } = records as unknown as typeof cli.operator.ports.records
        for await (const record of ofDay(day, seq)) if (record.filed.seq !== 1) yield record
      },
    }
    const { out, code } = await cli.run('audit', 'verify')
    expect([code, out]).toEqual([1, 'BROKEN: record 1 is gone. 1 sound.\n'])
  })
})

it('deliveries list shows each step in the words of the server', async () => {
  const at = cli.operator.world.now()
  const about = { transactionId: '1', user: 'alice', realm: 'demo' }
  const attempts = [{ provider: 'office', failure: 'transient', reply: '451 later' }] as const
  const sent = { ...about, provider: 'ses', reply: '250 ok', attempts: [...attempts] }
  await records.addDelivery({ at, eventId: 'e', state: 'sent', ...sent }, 1)
  const { out } = await cli.run('deliveries', 'list', '--user', 'alice')
  expect(out).toMatch(/sent +alice@demo +1 +ses +office: 451 later; 250 ok\n$/)
  expect((await cli.run('deliveries', 'list', '--state', 'lost')).code).toBe(1)
})
