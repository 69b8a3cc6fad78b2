import { beforeEach, describe, expect, it, vi } from 'vitest'
import { auditEntry } from '../../../functions/adapters/audit-line.ts'
import type { AuditEntry } from '../../../functions/core/audit.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let world: AdminWorld
let now: number
beforeEach(async () => {
  world = await createAdminWorld()
  now = world.now()
})

const seen = (minutesAgo: number, entry: Partial<AuditEntry> = {}) =>
  void world.auditEntries.push({
    at: now - minutesAgo * MINUTE,
    ms: 1500,
    action: 'POST /validate/check',
    success: true,
    serials: [],
    clientIp: '192.0.2.7',
    level: 'info',
    ...entry,
  })
const alice = { user: 'alice', realm: 'realm1' }
const bob = { user: 'bob', realm: 'realm1' }

const search = async (query = '') => valueOf(await world.call('GET', '/audit/', { query }))
const users = async (query = '') =>
  (await search(query)).auditdata.map(({ user }: { user: string }) => user)

describe('GET /audit/', () => {
  it('shows all that is known of a login, and claims no signature', async () => {
    seen(1, {
      ...alice,
      authentication: 'REJECT',
      success: false,
      reason: 'wrong_otp',
      serials: ['PIEM1', 'PIEM2'],
    })
    expect(await search()).toEqual({
      count: 1,
      current: 1,
      next: null,
      prev: null,
      auditcolumns: expect.arrayContaining(['number', 'action', 'success', 'sig_check']),
      auditdata: [
        {
          number: 1,
          action: 'POST /validate/check',
          success: 0,
          authentication: 'REJECT',
          serial: 'PIEM1,PIEM2',
          date: '2026-11-21T11:59:00+00:00',
          startdate: '2026-11-21T11:58:58+00:00',
          duration: 1.5,
          token_type: '',
          user: 'alice',
          realm: 'realm1',
          administrator: '',
          action_detail: '',
          info: 'wrong_otp',
          privacyidea_server: '',
          client: '192.0.2.7',
          user_agent: '',
          user_agent_version: '',
          log_level: 'INFO',
          policies: '',
          clearance_level: '',
          sig_check: '',
          missing_line: '',
          resolver: expect.any(String),
          thread_id: '',
          container_serial: '',
          container_type: '',
        },
      ],
    })
  })

  it('shows the newest first, or the oldest when asked to', async () => {
    seen(2, alice)
    seen(1, bob)
    expect(await users()).toEqual(['bob', 'alice'])
    expect(await users('sortorder=asc')).toEqual(['alice', 'bob'])
  })

  it('gives 15 to a page, or as many as page_size says', async () => {
    for (let minute = 1; minute <= 20; minute += 1) seen(minute, alice)
    expect(await search()).toMatchObject({ count: 20, current: 1, next: 2, prev: null })
    const second = await search('page=2&page_size=8')
    expect(second).toMatchObject({ count: 20, current: 2, next: 3, prev: 1 })
    expect(second.auditdata).toHaveLength(8)
    expect(second.auditdata[0]).toMatchObject({ number: 12 })
  })

  it.each([
    ['user=ali*', ['alice']],
    ['realm=REALM1', ['alice', 'bob']],
    ['serial=*B1', ['bob']],
    ['action=*/token/*', ['bob']],
    ['administrator=admin', ['bob']],
    ['client=198.51.100.*', ['alice']],
    ['success=1', ['bob']],
    ['success=0', ['alice']],
    ['user=*&success=*', ['alice', 'bob']],
    ['user=alice%22%20%7C%7C%20%22', []],
  ])('finds by %s', async (query, expected) => {
    seen(1, { ...alice, success: false, clientIp: '198.51.100.9' })
    seen(2, {
      ...bob,
      serials: ['PIEMB1'],
      action: 'POST /token/disable',
      administrator: 'admin',
    })
    expect(await users(query)).toEqual(expected)
  })

  it('looks back a day, or as far as timelimit says', async () => {
    seen(30, alice)
    seen((25 * HOUR) / MINUTE, bob)
    expect(await users()).toEqual(['alice'])
    expect(await users('timelimit=2d')).toEqual(['alice', 'bob'])
    expect(await users('timelimit=10m')).toEqual([])
    const refused = await world.call('GET', '/audit', { query: 'timelimit=soon' })
    expect(errorOf(refused)).toMatchObject({ status: 400, code: 905 })
  })

  it('needs a session', async () => {
    expect((await world.send('/audit/')).status).toBe(401)
  })

  it('shows users what is their own, whatever they ask for', async () => {
    seen(1, alice)
    seen(2, bob)
    seen(3)
    const session = await world.sessionOf('alice', 'alicepw')
    const get = world.callAs(session)
    for (const query of ['', 'user=bob', 'user=*&realm=*']) {
      const { auditdata } = valueOf(await get('GET', '/audit/', { query }))
      expect(auditdata).toEqual([expect.objectContaining({ user: 'alice' })])
    }
  })

  it('takes the right auditlog, and shows whom the policy is about', async () => {
    const policy = (action: string) => JSON.stringify({ scope: 'admin', action, realm: 'realm1' })
    seen(1, alice)
    seen(2, { user: 'zoe', realm: 'realm2' })
    seen(3)
    await world.configure({ 'policies/some': policy('auditlog') })
    expect(await users()).toEqual(['alice'])
    await world.configure({ 'policies/some': policy('tokenlist') })
    const refused = await world.call('GET', '/audit/')
    expect(errorOf(refused)).toMatchObject({ status: 403, code: 303 })
  })
})

describe('GET /audit/{file}', () => {
  it('gives the entries as CSV, a quote in a value doubled', async () => {
    seen(1, { user: "o'neil", realm: 'realm1' })
    const { text, headers } = await world.call('GET', '/audit/audit-2026.csv')
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename=audit-2026.csv',
    })
    expect(text).toMatch(/^'1','POST \/validate\/check','1',''.*,'o''neil','realm1',.*\n$/)
  })

  it('takes no other text into its headers', async () => {
    const { headers } = await world.call('GET', '/audit/a%0D%0Ab.csv')
    expect(headers['content-disposition']).toBe('attachment; filename=audit.csv')
  })
})

describe('the line of a request', () => {
  const lastEntry = () => {
    const line = world.lines.findLast(({ message }) => message === 'request')
    return auditEntry(JSON.stringify({ time: new Date(now).toISOString(), ...line }))
  }

  it('says which administrator acted on whose token', async () => {
    await world.init({ user: 'alice', dynamic_email: '1', serial: 'PIEMA1' })
    const about = { ...alice, administrator: 'admin', serials: ['PIEMA1'], success: true }
    expect(lastEntry()).toMatchObject({ action: 'POST /token/init', ...about })
    await world.call('POST', '/token/disable', { form: { serial: 'PIEMA1' } })
    expect(lastEntry()).toMatchObject({ action: 'POST /token/disable', ...about })
  })

  it('says to whom a token was given', async () => {
    await world.init({ email: 'free@x.example', serial: 'PIEMX' })
    await world.call('POST', '/token/assign', { form: { serial: 'PIEMX', user: 'bob' } })
    expect(lastEntry()).toMatchObject({ action: 'POST /token/assign', ...bob, serials: ['PIEMX'] })
  })

  it('says which user acted, and who signed in', async () => {
    const session = await world.sessionOf('alice', 'alicepw')
    expect(lastEntry()).toMatchObject({ action: 'POST /auth', ...alice, success: true })
    await world.callAs(session)('GET', '/token/')
    expect(lastEntry()).toMatchObject({ action: 'GET /token/', ...alice })
    expect(lastEntry()).not.toHaveProperty('administrator')
  })

  it('names nobody on the word of a request alone', async () => {
    await world.send('/auth', { form: { username: 'my secret', password: 'x' } })
    expect(lastEntry()).toMatchObject({ action: 'POST /auth', success: false, serials: [] })
    await world.call('POST', '/token/disable', { form: { serial: 'my secret' } })
    const forged = { authorization: 'e30.e30.e30' }
    await world.send('/token/', { headers: forged })
    expect(JSON.stringify(world.lines)).not.toContain('my secret')
    expect(lastEntry()).not.toHaveProperty('user')
  })
})
