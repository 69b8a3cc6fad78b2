import { beforeEach, describe, expect, it } from 'vitest'
import { appendAudit } from '../../../functions/core/records/append-audit.ts'
import { entryOf } from '../../core/records/chain.ts'
import { type Api, createApi, signedIn } from './api.ts'

let api: Api
let headers: Record<string, string>
beforeEach(async () => {
  api = createApi()
  headers = await signedIn(api)
  const { ports, records } = api
  const key = await ports.keyring.key('audit')
  const entries = [
    { ...entryOf('a'), transactionId: '01234567890123456789' },
    { ...entryOf('b'), success: false, reason: 'wrong' },
    { ...entryOf('c'), user: 'bob', serials: ['EM1'] },
  ]
  await appendAudit(
    { ...ports, records, key, retentionDays: 365 },
    entries.map((entry) => ({ eventId: entry.action, entry })),
  )
  const at = ports.now()
  const step = { transactionId: '01234567890123456789', user: 'alice', realm: 'demo' }
  const sent = { ...step, at, provider: 'ses', reply: '250 ok', state: 'sent' } as const
  await records.addDelivery({ ...step, at: at - 5, eventId: '1', state: 'queued' }, 1)
  await records.addDelivery({ ...sent, eventId: '2' }, 1)
})

const get = (path: string, query = '') => api.admin(path, { query, headers })

describe('/v1/audit', () => {
  it.each([
    ['', ['c', 'b', 'a']],
    ['user=alice', ['b', 'a']],
    ['user=bob&realm=demo', ['c']],
    ['transaction_id=01234567890123456789', ['a']],
    ['success=false', ['b']],
    ['serial=E*', ['c']],
    ['action=*%2Fb', ['b']],
    ['client=198.51.100.1', []],
    ['from=2026-11-20&to=2026-11-21', []],
  ])('finds by %j', async (query, expected) => {
    const { status, json } = await get('/v1/audit', query)
    expect(status).toBe(200)
    expect(json.records.map(({ action }: any) => action.slice(6))).toEqual(expected)
  })

  it('says of each record whether its seal holds', async () => {
    const { json } = await get('/v1/audit', 'limit=1')
    expect(json.records).toMatchObject([{ seq: 3, sound: true, hash: expect.any(String) }])
  })

  it('goes on page by page', async () => {
    const first = (await get('/v1/audit', 'limit=2')).json
    const second = (await get('/v1/audit', `limit=2&cursor=${first.next_cursor}`)).json
    expect(second).toMatchObject({ records: [{ seq: 1 }] })
    expect(second).not.toHaveProperty('next_cursor')
  })

  it.each([
    ['realm=demo', 'user'],
    ['from=yesterday', 'from'],
    ['to=2026-13-01', 'to'],
    ['cursor=xxxx', 'cursor'],
    ['success=yes', 'success'],
  ])('refuses %s by name', async (query, parameter) => {
    const { status, json } = await get('/v1/audit', query)
    expect([status, json.parameter]).toEqual([400, parameter])
  })
})

describe('/v1/deliveries', () => {
  it.each([
    ['', ['sent', 'queued']],
    ['user=alice', ['sent', 'queued']],
    ['user=bob', []],
    ['transaction_id=01234567890123456789', ['sent', 'queued']],
    ['provider=ses', ['sent']],
    ['state=queued', ['queued']],
  ])('finds by %j', async (query, expected) => {
    const { status, json } = await get('/v1/deliveries', query)
    expect(status).toBe(200)
    expect(json.deliveries.map(({ state }: any) => state)).toEqual(expected)
  })
})

it.each(['/v1/audit', '/v1/deliveries'])(
  '%s needs a session with the right auditlog',
  async (path) => {
    expect((await api.admin(path)).status).toBe(401)
    const policy = JSON.stringify({ scope: 'admin', action: 'tokenlist' })
    api.set({ 'policies/some': policy })
    expect((await get(path)).status).toBe(403)
  },
)

describe('the line of a request', () => {
  const line = () => api.lines.findLast(({ message }) => message === 'request')!

  it('is of the audit when somebody acts, and says why somebody was refused', async () => {
    await get('/v1/tokens')
    expect(line()).toMatchObject({ record: 'audit', actor: { username: 'root' }, status: 200 })
    await api.admin('/v1/tokens')
    expect(line()).toMatchObject({ record: 'audit', status: 401, reason: 'no_session' })
  })

  it('says whose token or profile it was, and both addresses where one was changed', async () => {
    await api.enrol(await api.addUser('alice'), { serial: 'EM00000001' })
    await api.admin('/v1/tokens/EM00000001/reset', { method: 'POST', headers })
    const about = { user: 'alice', realm: 'demo' }
    expect(line()).toMatchObject({ ...about, serials: ['EM00000001'] })
    const change = { method: 'PATCH', headers, json: { email: 'new@example.com' } }
    await api.admin('/v1/users/demo/alice', change)
    const trace = { hash: expect.stringMatching(/^[0-9a-f]{16}$/), mask: expect.anything() }
    expect(line()).toMatchObject({ ...about, addresses: { old: trace, new: trace } })
    expect(JSON.stringify(api.lines)).not.toContain('new@example.com')
    await api.admin('/v1/users/demo/nobody', { headers })
    expect(line()).not.toHaveProperty('user')
  })

  it('is none of it when somebody looks whether the service is there', async () => {
    await api.login('/healthz')
    expect(line()).not.toHaveProperty('record')
    await api.admin('/v1/openapi.json')
    expect(line()).not.toHaveProperty('record')
  })

  it('has the transaction of an answer, right or wrong, and none that there is not', async () => {
    await api.enrol(await api.addUser('alice'))
    const asked = await api.login('/v1/challenges', { json: { user: 'alice', pin: '1234' } })
    const { transaction_id: id } = asked.json
    const answer = (to: string, otp: string) =>
      api.login(`/v1/challenges/${to}/answer`, { json: { user: 'alice', otp } })
    await answer(id, api.lastCode() === '000000' ? '000001' : '000000')
    expect(line()).toMatchObject({ reason: 'wrong', transaction_id: id, user: 'alice' })
    await answer('99999999999999999999', api.lastCode())
    expect(line()).not.toHaveProperty('transaction_id')
    await answer(id, api.lastCode())
    expect(line()).toMatchObject({
      outcome: 'accepted',
      transaction_id: id,
      serial: expect.any(String),
    })
  })

  it('is there for a request that could not be answered', async () => {
    api.ports.settings.current = async () => new Promise(() => {})
    const { status } = await new Promise<{ status: number }>((resolve) => {
      const context = { getRemainingTimeInMillis: () => 520 }
      void import('../../support/http.ts').then(async ({ httpClient }) => {
        const { application } = await import('../../../functions/http/application.ts')
        const { v1 } = await import('../../../functions/http/v1/wire.ts')
        const { V1_ADMIN_ROUTES } = await import('../../../functions/http/v1/admin-routes.ts')
        const handler = application(api.ports, [v1(V1_ADMIN_ROUTES, api.ports)], () => {
          throw new Error('no wire')
        }) as unknown as (event: unknown, context: unknown) => Promise<unknown>
        const call = httpClient((event: unknown) => handler(event, context))
        resolve(await call('/v1/tokens', { headers }))
      })
    })
    expect(status).toBe(503)
    expect(line()).toMatchObject({ record: 'audit', path: '/v1/tokens', status: 503 })
  })
})
