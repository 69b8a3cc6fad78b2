import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.init({ user: 'alice', dynamic_email: '1', pin: 'pin', serial: 'PIEM0001' })
})
const post = (path: string, form: Record<string, string> = {}) => world.call('POST', path, { form })
const change = async (verb: string, form: Record<string, string> = { serial: 'PIEM0001' }) =>
  valueOf(await post(`/token/${verb}`, form))
const token = async (login = 'alice') => (await world.account(login)).tokens.PIEM0001!
const trigger = (user: string, pass = 'pin') => world.check({ user, pass })

describe('a token', () => {
  it('is disabled and enabled, by serial, path or user; the value counts what changed', async () => {
    expect(await change('disable')).toBe(1)
    expect(await change('disable')).toBe(0)
    expect(valueOf(await post('/token/enable/PIEM0001'))).toBe(1)
    expect(await change('enable')).toBe(0)
    expect(await change('disable', { user: 'alice', realm: 'realm1' })).toBe(1)
    expect((await token()).enabled).toBe(false)
    expect(await change('enable', { user: 'alice' })).toBe(1)
  })

  it('that is named by nobody, or that nobody has, is refused', async () => {
    expect(errorOf(await post('/token/enable', { serial: 'NOPE' }))).toEqual({
      status: 404,
      code: 601,
      message: 'No token found for serials: NOPE',
    })
    expect(errorOf(await post('/token/enable'))).toEqual({
      status: 400,
      code: 905,
      message: "ERR905: Missing parameter: 'serial' or 'serials'",
    })
    expect(errorOf(await post('/token/enable', { user: 'nobody' }))).toMatchObject({ code: 904 })
    const foreign = { serial: 'PIEM0001', user: 'bob' }
    expect(errorOf(await post('/token/enable', foreign))).toMatchObject({
      message: 'ERR905: Given serial does not belong to given user!',
    })
    expect(errorOf(await post('/token/enable', { serial: 'constructor' }))).toMatchObject({
      code: 601,
    })
  })

  it('is unlocked', async () => {
    const { key } = await world.account('alice')
    await world.ports.accounts.charge(key, { at: 5, evaluated: 3, serials: ['PIEM0001'] })
    expect(await change('reset')).toBe(1)
    expect((await token()).failcount).toBe(0)
    expect((await world.account('alice')).consecutive).toBe(0)
  })

  it('gets another PIN; without one nothing happens', async () => {
    const before = (await token()).pin
    expect(await change('setpin')).toBe(0)
    expect((await token()).pin).toEqual(before)
    expect(await change('setpin', { serial: 'PIEM0001', otppin: 'newpin' })).toBe(1)
    expect(await trigger('alice', 'newpin')).toMatchObject({ outcome: 'challenged' })
  })

  it('gets several at once, counted as recorded', async () => {
    const form = {
      ...{ serial: 'PIEM0001', max_failcount: '3', pin: 'pin', count_window: '5' },
      ...{ description: 'd', count_auth_max: '9', count_auth_success_max: '8', hashlib: 'sha1' },
    }
    expect(await change('set', form)).toBe(6)
    expect(await token()).toMatchObject({
      maxFailcount: 3,
      description: 'd',
      info: { count_auth_max: '9', count_auth_success_max: '8' },
    })
    expect(await change('description', { serial: 'PIEM0001', description: 'e' })).toBe(1)
    expect((await token()).description).toBe('e')
    expect(errorOf(await post('/token/set', { serial: 'PIEM0001', max_failcount: '0' }))).toEqual({
      status: 400,
      code: 905,
      message: 'ERR905: max_failcount is not a whole number from 1 to 100.',
    })
  })

  it('is revoked for good', async () => {
    expect(await change('revoke')).toBe(1)
    expect(errorOf(await post('/token/enable', { serial: 'PIEM0001' }))).toEqual({
      status: 400,
      code: 1007,
      message: 'ERR1007: This action is not possible, since the token is locked',
    })
  })

  it('is deleted once, and only by its serial', async () => {
    const gone = (path: string) => world.call('DELETE', path)
    expect(errorOf(await world.call('DELETE', '/token/', { query: 'user=alice' }))).toMatchObject({
      message: "ERR905: Missing parameter: 'serial' or 'serials'",
    })
    expect(valueOf(await gone('/token/PIEM0001'))).toBe(1)
    expect(errorOf(await gone('/token/PIEM0001'))).toMatchObject({ status: 404, code: 601 })
  })
})

describe('users', () => {
  let alice: ReturnType<AdminWorld['callAs']>
  const allow = (action: string) =>
    world.configure({ 'policies/users': JSON.stringify({ scope: 'user', action }) })
  beforeEach(async () => {
    alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    await world.init({ user: 'bob', dynamic_email: '1', serial: 'PIEMBOB' })
  })

  it('protect and describe their own tokens without a policy, and change no factor', async () => {
    const before = await token()
    for (const verb of ['setpin', 'enable', 'reset', 'revoke', 'unassign']) {
      const form = { serial: 'PIEM0001', otppin: 'mine' }
      expect((await alice('POST', `/token/${verb}`, { form })).status).toBe(403)
    }
    expect((await alice('DELETE', '/token/PIEM0001')).status).toBe(403)
    expect(await token()).toEqual(before)
    const form = { serial: 'PIEM0001', description: 'mine' }
    expect(valueOf(await alice('POST', '/token/description', { form }))).toBe(1)
    expect(valueOf(await alice('POST', '/token/disable', { form }))).toBe(1)
  })

  it('change their own tokens and find no others', async () => {
    await allow('*')
    const own = await alice('POST', '/token/disable', { form: { serial: 'PIEM0001' } })
    expect(valueOf(own)).toBe(1)
    const foreign = await alice('POST', '/token/disable', { form: { serial: 'PIEMBOB' } })
    expect(errorOf(foreign)).toEqual({
      status: 404,
      code: 601,
      message: 'The requested token could not be found.',
    })
    const named = await alice('POST', '/token/enable', { form: { user: 'bob' } })
    expect(valueOf(named)).toBe(1)
    expect((await token()).enabled).toBe(true)
  })

  it('end the lock of a token, not the run of wrong answers of their account', async () => {
    await allow('reset')
    const { key } = await world.account('alice')
    await world.ports.accounts.charge(key, { at: 5, evaluated: 3, serials: ['PIEM0001'] })
    await alice('POST', '/token/reset', { form: { serial: 'PIEM0001' } })
    expect((await token()).failcount).toBe(0)
    expect((await world.account('alice')).consecutive).toBe(3)
  })

  it('do what the policies allow', async () => {
    await allow('disable, enable, delete')
    const form = { serial: 'PIEM0001', otppin: 'x' }
    expect(errorOf(await alice('POST', '/token/setpin', { form }))).toEqual({
      status: 403,
      code: 303,
      message: 'User actions are defined, but the action setpin is not allowed!',
    })
    expect(valueOf(await alice('POST', '/token/disable', { form }))).toBe(1)
  })

  it.each(['set', 'assign', 'realm/PIEM0001', 'lost/PIEM0001', 'info/PIEM0001/email'])(
    'do not do what is for administrators: %s',
    async (verb) => {
      const answer = await alice('POST', `/token/${verb}`, { form: { serial: 'PIEM0001' } })
      expect(errorOf(answer)).toMatchObject({ status: 401, code: 4306 })
    },
  )
})

it('administrators do what the policies allow', async () => {
  await world.configure({
    'policies/admins': JSON.stringify({ scope: 'admin', action: 'enable', user: 'alice' }),
  })
  expect(errorOf(await post('/token/disable', { serial: 'PIEM0001' }))).toEqual({
    status: 403,
    code: 303,
    message: 'Admin actions are defined, but the action disable is not allowed!',
  })
  expect(await change('enable')).toBe(0)
})

describe('the owner', () => {
  it('is taken away with the PIN, and another is given', async () => {
    expect(await change('unassign')).toBe(1)
    expect(await change('unassign')).toBe(1)
    expect(await change('assign', { serial: 'PIEM0001', user: 'bob', realm: 'realm1' })).toBe(true)
    const moved = await token('bob')
    expect(moved.pin).toBeUndefined()
    expect(moved.info?.assignment_date).toBe('2026-11-21T12:00:00+00:00')
    expect((await world.account('alice')).tokens).toEqual({})
    expect(await change('setpin', { serial: 'PIEM0001', otppin: 'pin' })).toBe(1)
    expect(await trigger('bob')).toMatchObject({ outcome: 'challenged' })
    expect(world.mails.at(-1)!.to).toBe('bob@example.org')
  })

  it('is no way to another PIN for who may assign and not set PINs', async () => {
    const before = await token()
    const admin = (action: string) => JSON.stringify({ scope: 'admin', action })
    await world.configure({ 'policies/helpdesk': admin('assign, unassign') })
    const form = { serial: 'PIEM0001', user: 'alice', pin: 'mine' }
    expect(errorOf(await post('/token/assign', form))).toMatchObject({ status: 403, code: 303 })
    expect(await token()).toEqual(before)
    await world.configure({ 'policies/helpdesk': admin('assign, unassign, setpin') })
    expect(await change('assign', form)).toBe(true)
    expect((await token()).pin).not.toEqual(before.pin)
  })

  it('is not replaced without being taken away first', async () => {
    const form = { serial: 'PIEM0001', user: 'bob' }
    expect(errorOf(await post('/token/assign', form))).toEqual({
      status: 400,
      code: 1103,
      message:
        "ERR1103: Token already assigned to user User(login='alice', realm='realm1', " +
        "resolver='directory')",
    })
    expect(await change('assign', { serial: 'PIEM0001', user: 'alice' })).toBe(true)
    expect(errorOf(await post('/token/assign', { serial: 'PIEM0001' }))).toMatchObject({
      message: 'ERR905: Missing parameter: user',
    })
    expect(errorOf(await post('/token/assign', { ...form, serial: 'NOPE' }))).toMatchObject({
      code: 601,
    })
  })

  it('who has enough tokens gets no other', async () => {
    await change('unassign')
    await world.init({ user: 'bob', dynamic_email: '1' })
    await world.configure({
      'policies/limit': JSON.stringify({
        scope: 'enrollment',
        action: 'email_max_token_per_user=1',
      }),
    })
    const answer = await post('/token/assign', { serial: 'PIEM0001', user: 'bob' })
    expect(errorOf(answer)).toMatchObject({ status: 403, code: 303 })
  })

  it('who left cannot answer what was mailed before', async () => {
    const outcome = await trigger('alice')
    if (outcome.outcome !== 'challenged') throw new Error('no challenge')
    const { transactionId } = outcome.issued[0]!
    const otp = world.lastCode()
    await change('unassign')
    for (const subject of [{ serial: 'PIEM0001' }, { user: 'alice' }]) {
      const answer = await world.check({ ...subject, transactionId, pass: otp })
      expect(answer.outcome).toBe('rejected')
    }
  })

  it('tells the realm of a token', async () => {
    expect(valueOf(await post('/token/realm/PIEM0001', { realms: 'realm1' }))).toBe(true)
    expect(errorOf(await post('/token/realm/PIEM0001', { realms: 'other' }))).toMatchObject({
      status: 400,
      code: 905,
    })
  })
})

describe('a lost token', () => {
  it('is disabled, and a password stands in for ten days', async () => {
    const value = valueOf(await post('/token/lost/PIEM0001'))
    expect(value).toEqual({
      ...{ disable: 1, init: true, pin: false, user: true, valid_to: 'xxxx' },
      end_date: '2026-12-01T12:00+0000',
      password: expect.stringMatching(/^[A-Za-z2-9]{16}$/),
      serial: 'lostPIEM0001',
    })
    const { tokens } = await world.account('alice')
    expect(tokens.PIEM0001!.enabled).toBe(false)
    expect(tokens.lostPIEM0001).toMatchObject({
      type: 'spass',
      description: 'temporary replacement for PIEM0001',
      validUntil: world.now() + 10 * 86_400_000,
    })
    expect(JSON.stringify(tokens)).not.toContain(value.password)
  })
})

describe('the notes of a token', () => {
  it('are set and removed', async () => {
    const email = { value: 'changed@x.example' }
    expect(valueOf(await post('/token/info/PIEM0001/email', email))).toBe(true)
    expect(valueOf(await post('/token/info/PIEM0001/email.identifier', { value: 'sink' }))).toBe(
      true,
    )
    const [shown] = valueOf(await world.call('GET', '/token/', {})).tokens
    expect(shown.info).toMatchObject({
      ...{ dynamic_email: 'True', email: 'changed@x.example', 'email.identifier': 'sink' },
    })
    expect((await token()).identifier).toBe('sink')
    const removed = await world.call('DELETE', '/token/info/PIEM0001/email')
    expect(valueOf(removed)).toBe(true)
    expect((await token()).info).toBeUndefined()
  })

  it('do not overwrite what the token is made of', async () => {
    const answer = await post('/token/info/PIEM0001/hashlib', { value: 'sha256' })
    expect(errorOf(answer)).toEqual({
      status: 400,
      code: 905,
      message: 'ERR905: hashlib cannot be changed.',
    })
    const bad = await post('/token/info/PIEM0001/email', { value: 'nobody' })
    expect(errorOf(bad)).toMatchObject({ code: 905 })
  })
})

describe('challenges', () => {
  const list = async (path = '/token/challenges/', query = '') =>
    valueOf(await world.call('GET', path, { query }))
  const empty = {
    ...{ challenges: [], count: 0, current: 1, next: null, prev: null },
    redis_cache_enabled: false,
  }

  it('are listed while they are open, never with their code', async () => {
    expect(await list('/token/challenges/PIEM0001')).toEqual(empty)
    const outcome = await trigger('alice')
    if (outcome.outcome !== 'challenged') throw new Error('no challenge')
    const { transactionId } = outcome.issued[0]!
    const one = {
      challenge: '',
      data: {},
      expiration: 'Sat, 21 Nov 2026 12:02:00 GMT',
      otp_received: false,
      otp_valid: false,
      received_count: 0,
      serial: 'PIEM0001',
      timestamp: 'Sat, 21 Nov 2026 12:00:00 GMT',
      transaction_id: transactionId,
    }
    for (const listed of [
      await list('/token/challenges/PIEM0001'),
      await list(),
      await list('/token/challenges/', `transaction_id=${transactionId}`),
    ]) {
      expect(listed).toEqual({ ...empty, challenges: [one], count: 1 })
      expect(JSON.stringify(listed)).not.toContain(world.lastCode())
    }
    expect(await list('/token/challenges/', 'transaction_id=42')).toEqual(empty)
    await world.check({ user: 'alice', transactionId, pass: world.lastCode() })
    expect(await list()).toEqual(empty)
  })

  it('go with their token', async () => {
    await trigger('alice')
    await world.call('DELETE', '/token/PIEM0001')
    expect(await list()).toEqual(empty)
    const expired = await world.call('DELETE', '/token/challenges/expired')
    expect(valueOf(expired)).toEqual({ deleted: 0, status: true })
  })

  it('never tell whose a code is', async () => {
    await trigger('alice')
    const found = await world.call('GET', `/token/getserial/${world.lastCode()}`)
    expect(valueOf(found)).toEqual({ count: 0, serial: null })
  })
})
