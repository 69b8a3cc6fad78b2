import { expect, it } from 'vitest'
import { deliveryRecords } from '../../functions/adapters/delivery-line.ts'

const line = (fields: object) =>
  JSON.stringify({ time: '2026-11-21T12:00:00.000Z', record: 'delivery', ...fields })
const AT = Date.UTC(2026, 10, 21, 12)

it('reads who sent what for whom, and what the server said', () => {
  const ids = { transaction_id: '1', serial: 'EM1', user: 'alice', realm: 'demo' }
  const attempts = [{ provider: 'office', failure: 'transient', reply: '451 later' }]
  const sent = { state: 'sent', provider: 'ses', reply: '250 ok', attempts }
  expect(deliveryRecords(line({ ...ids, ...sent }), 'e1')).toEqual([
    {
      ...{ at: AT, eventId: 'e1', transactionId: '1', serial: 'EM1', user: 'alice', realm: 'demo' },
      ...sent,
    },
  ])
})

it('makes a record of each token that was queued', () => {
  const queued = { state: 'queued', transaction_id: '1', serials: ['EM1', 'EM2'] }
  expect(deliveryRecords(line(queued), 'e1')).toEqual([
    { at: AT, eventId: 'e1', state: 'queued', transactionId: '1', serial: 'EM1' },
    { at: AT, eventId: 'e1.1', state: 'queued', transactionId: '1', serial: 'EM2' },
  ])
})

it('takes the time of what was reported, not of the report', () => {
  const bounced = { state: 'bounced', reported_at: '2026-11-21T11:00:00.000Z', message_id: 'm' }
  expect(deliveryRecords(line(bounced), 'e1')).toMatchObject([
    { at: AT - 3_600_000, messageId: 'm' },
  ])
})

it('takes nothing else into the log', () => {
  const odd = { state: 'sent', otp: '123456', to: 'alice@example.org' }
  expect(deliveryRecords(line(odd), 'e1')).toEqual([{ at: AT, eventId: 'e1', state: 'sent' }])
})

it.each(['', '{}', line({ state: 'unheard of' }), '{"record":"audit","state":"sent"}'])(
  'passes over %j',
  (text) => expect(deliveryRecords(text, 'e1')).toEqual([]),
)
