import { beforeEach, describe, expect, it } from 'vitest'
import type { RecordWriter } from '../../../functions/core/records/record-store.ts'
import { appendAudit } from '../../../functions/core/records/append-audit.ts'
import { entryOf } from '../records/chain.ts'
import { createOperator } from './operator.ts'

let operator: ReturnType<typeof createOperator>
let records: RecordWriter
beforeEach(async () => {
  operator = createOperator()
  records = operator.ports.records as unknown as RecordWriter
  const { ports } = operator
  const entries = [
    { ...entryOf('a'), transactionId: '1' },
    { ...entryOf('b'), success: false, reason: 'wrong', administrator: 'carol' },
    { ...entryOf('c'), user: 'bob', serials: ['EM1'] },
  ]
  await appendAudit(
    { ...ports, records, key: await ports.keyring.key('audit'), retentionDays: 365 },
    entries.map((entry) => ({ eventId: entry.action, entry })),
  )
})

describe('audit.list', () => {
  const actions = async (args: object) =>
    (await operator.done('audit.list', args)).records.map(({ action }: any) => action.slice(6))

  it.each([
    [{}, ['c', 'b', 'a']],
    [{ user: 'alice' }, ['b', 'a']],
    [{ user: 'bob@demo' }, ['c']],
    [{ user: 'bob', realm: 'demo' }, ['c']],
    [{ transaction_id: '1' }, ['a']],
    [{ serial: 'EM*' }, ['c']],
    [{ action: '*/b' }, ['b']],
    [{ administrator: 'carol' }, ['b']],
    [{ success: false }, ['b']],
    [{ client: '198.51.100.1' }, []],
    [{ from: '2026-11-21T11:00Z', to: '2026-11-21' }, []],
    [{ from: '2026-11-20', limit: 2 }, ['c', 'b']],
  ])('finds by %j', async (args, expected) => {
    expect(await actions(args)).toEqual(expected)
  })

  it('shows a record with its seal and whether it holds', async () => {
    const [shown] = (await operator.done('audit.list', { limit: 1 })).records
    expect(shown).toMatchObject({ seq: 3, user: 'bob', sound: true, hash: expect.any(String) })
  })

  it.each([
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2026-13-01' }, 'to'],
    [{ realm: 'demo' }, 'user'],
    [{ after: 'x' }, 'after'],
    [{ success: 'yes' }, 'success'],
    [{ limit: 0 }, 'limit'],
  ])('refuses %j by name', async (args, parameter) => {
    expect(await operator.refused('audit.list', args)).toMatchObject({ parameter })
  })
})

it('exports records as they were sealed, page by page', async () => {
  const first = await operator.done('audit.export', { limit: 2 })
  expect(first.records).toMatchObject([{ seq: 3 }, { seq: 2 }])
  const second = await operator.done('audit.export', { after: first.next })
  expect(second.records).toMatchObject([{ seq: 1, previous: '-', entry: { action: 'POST /a' } }])
  expect(first.records[1].previous).toBe(second.records[0].hash)
  expect(second.next).toBeUndefined()
})

describe('audit.verify', () => {
  it('says how far the chain goes', async () => {
    expect(await operator.done('audit.verify')).toMatchObject({
      sound: true,
      checked: 3,
      head: { seq: 3 },
    })
  })

  it.each([7, {}, { seq: 'x' }, { seq: 1, hash: 'x', day: 'x', expiresAt: 1 }])(
    'refuses to go on at %j',
    async (at) => {
      expect(await operator.refused('audit.verify', { at })).toMatchObject({ parameter: 'at' })
    },
  )
})

describe('deliveries.list', () => {
  it('shows the steps of a mail', async () => {
    const at = operator.world.now()
    const about = { transactionId: '1', user: 'alice', realm: 'demo' }
    await records.addDelivery({ at, eventId: 'e', state: 'sent', reply: '250 ok', ...about }, 1)
    const { deliveries } = await operator.done('deliveries.list', { user: 'alice' })
    expect(deliveries).toMatchObject([{ state: 'sent', transaction_id: '1', reply: '250 ok' }])
    expect((await operator.done('deliveries.list', { state: 'failed' })).deliveries).toEqual([])
  })

  it('refuses a state there is not', async () => {
    const refused = await operator.refused('deliveries.list', { state: 'lost' })
    expect(refused).toMatchObject({
      parameter: 'state',
      message: expect.stringContaining('queued'),
    })
  })
})

describe('the line of a command', () => {
  const lines = () => operator.world.lines.filter(({ record }) => record === 'audit')

  it('says what was done to whom and by which key, and no argument', async () => {
    const { runCommand } = await import('../../../functions/core/operator/run-command.ts')
    const args = { user: 'dave', email: 'dave@example.org', password: 'correct horse' }
    const event = { command: 'user.add', args, caller: 'AKIAEXAMPLE000000001' }
    await runCommand(operator.ports, event, 'req-1')
    expect(lines()).toEqual([
      expect.objectContaining({
        message: 'command',
        command: 'user.add',
        status: 200,
        user: 'dave',
        realm: 'demo',
        request_id: 'req-1',
        actor: { username: 'operator AKIAEXAMPLE000000001', role: 'operator' },
      }),
    ])
    expect(JSON.stringify(lines())).not.toMatch(/correct horse|dave@/)
  })

  it('says why a command was refused, and of whom nothing', async () => {
    await operator.run('token.setpin', { serial: 'my secret', pin: 'x' })
    await operator.run('user.show', { user: 'my-secret' })
    expect(lines()).toMatchObject([
      { command: 'token.setpin', status: 400, reason: 'invalid_argument' },
      { command: 'user.show', status: 400, reason: 'not_found' },
    ])
    expect(JSON.stringify(lines())).not.toContain('secret')
  })

  it.each(['a password', { a: 1 }, 'AKIA; drop'])('takes %j for nobody', async (caller) => {
    const { runCommand } = await import('../../../functions/core/operator/run-command.ts')
    await runCommand(operator.ports, { command: 'admin.list', caller })
    expect(lines()[0]).toMatchObject({ actor: { username: 'operator' } })
  })
})
