import { describe, expect, it } from 'vitest'
import { auditEntry } from '../../functions/adapters/audit-line.ts'

const entry = (fields: object) =>
  auditEntry(
    JSON.stringify({
      time: '2026-11-21T12:00:00.000Z',
      level: 'info',
      message: 'request',
      record: 'audit',
      method: 'POST',
      path: '/validate/check',
      status: 200,
      client_ip: '192.0.2.1',
      ms: 12,
      ...fields,
    }),
  )

describe('auditEntry', () => {
  it.each([
    ['accepted', 'ACCEPT', true],
    ['passed', 'ACCEPT', true],
    ['challenged', 'CHALLENGE', false],
    ['asked', 'CHALLENGE', false],
    ['rejected', 'REJECT', false],
  ])('reads the outcome %s as %s', (outcome, authentication, success) => {
    expect(entry({ outcome })).toMatchObject({ authentication, success })
  })

  it.each([
    [{ status: 204 }, true, undefined],
    [{ status: 403 }, false, 'forbidden'],
    [{ status: 401, reason: 'expired_session' }, false, 'expired_session'],
    [{ status: 200, refused: true }, false, 'refused'],
    [{ status: 503 }, false, 'fault'],
    [{ outcome: 'rejected', reason: 'wrong' }, false, 'wrong'],
  ])('says of %j whether it was done, and if not, why', (fields, success, reason) => {
    const read = entry(fields)!
    expect(read.success).toBe(success)
    expect(read.reason).toBe(reason)
  })

  it('gives no reason for what is under way', () => {
    expect(entry({ outcome: 'challenged' })).not.toHaveProperty('reason')
  })

  it('reads whom a login was about, and by which request', () => {
    const fields = { user: 'alice', realm: 'demo', serial: 'EM1', transaction_id: '1' }
    expect(entry({ ...fields, request_id: 'r1' })).toMatchObject({
      ...{ user: 'alice', realm: 'demo', serials: ['EM1'], transactionId: '1', requestId: 'r1' },
      ...{ at: Date.UTC(2026, 10, 21, 12), ms: 12, clientIp: '192.0.2.1' },
    })
  })

  it('reads a command of the operator', () => {
    const actor = { username: 'operator AKIA', role: 'operator' }
    expect(entry({ message: 'command', command: 'token.enable', actor })).toMatchObject({
      action: 'operator token.enable',
      administrator: 'operator AKIA',
      success: true,
    })
  })

  it('takes a user for no administrator', () => {
    const actor = { username: 'alice', role: 'user' }
    expect(entry({ actor })).not.toHaveProperty('administrator')
  })

  it('reads both addresses of a change', () => {
    const addresses = { old: { hash: 'a', mask: 'a***' }, new: { hash: 'b', mask: 'b***' } }
    expect(entry({ addresses })).toMatchObject({ addresses })
  })

  it('passes over every other line', () => {
    const other = ['', 'REPORT', 'null', '[]', '{"message":"settings refused"}']
    const unmarked = '{"time":"2026-11-21T12:00:00.000Z","message":"request","status":200}'
    const timeless = '{"time":"then","record":"audit","status":200}'
    for (const text of [...other, unmarked, timeless]) expect(auditEntry(text)).toBeUndefined()
  })
})
