import { beforeEach, describe, expect, it } from 'vitest'
import { issueSession } from '../../../functions/core/sign-in.ts'
import { V1_ADMIN_ROUTES } from '../../../functions/http/v1/admin-routes.ts'
import type { Send } from '../../support/http.ts'
import { type Api, createApi, PASSWORD, signedIn } from './api.ts'

let api: Api
let headers: { authorization: string }

beforeEach(async () => {
  api = createApi({ settings: { 'realms/other': 'directory' } })
  headers = await signedIn(api)
})

const call = (path: string, options: Send = {}) => api.admin(path, { headers, ...options })
const post = (path: string, json?: object) => call(path, { method: 'POST', json })
const patch = (path: string, json: object) => call(path, { method: 'PATCH', json })
const remove = (path: string) => call(path, { method: 'DELETE' })

describe('a session', () => {
  it('is had for name and password, and ends', async () => {
    const { status, json } = await post('/v1/sessions', { username: 'root', password: PASSWORD })

    expect(status).toBe(201)
    api.advance(Date.parse(json.expires_at) - api.now())
    const late = await call('/v1/users', { headers: { authorization: `Bearer ${json.token}` } })
    expect(late).toMatchObject({
      status: 401,
      json: { type: 'urn:otpost:problem:expired_session' },
    })
  })

  it.each([
    ['root', 'wrong'],
    ['nobody', PASSWORD],
  ])('is not had by %s with %s', async (username, password) => {
    const { status, json } = await post('/v1/sessions', { username, password })

    expect([status, json.type]).toEqual([401, 'urn:otpost:problem:credentials'])
  })

  it.each([
    ['no session', undefined, 401, 'no_session'],
    ['a made-up one', 'Bearer a.b.c', 401, 'bad_session'],
    ['rubbish', 'Basic cm9vdDpyb290', 401, 'bad_session'],
  ])('is needed: %s is not one', async (_, authorization, status, code) => {
    const sent = authorization ? { authorization } : {}

    const refused = await call('/v1/users', { headers: sent as Record<string, string> })

    expect(refused).toMatchObject({ status, json: { type: `urn:otpost:problem:${code}` } })
    expect(refused.headers['www-authenticate']).toBe('Bearer')
  })

  it('of another role is not enough', async () => {
    const key = await issueSession(api.ports, { username: 'alice', role: 'user', realm: 'demo' })

    const refused = await call('/v1/users', { headers: { authorization: `Bearer ${key}` } })

    expect(refused).toMatchObject({ status: 403, json: { type: 'urn:otpost:problem:role' } })
  })
})

describe('the rights that policies give', () => {
  const policy = (extra: object = {}) =>
    api.set({
      'policies/desk': JSON.stringify({ scope: 'admin', action: 'userlist, disable', ...extra }),
    })

  it('are all there are, once a policy names some', async () => {
    policy()
    expect((await call('/v1/users')).status).toBe(200)
    const refused = await post('/v1/users', { user: 'carol' })
    expect(refused).toMatchObject({ status: 403, json: { type: 'urn:otpost:problem:role' } })
    expect(refused.json.detail).toContain('adduser')
  })

  it('over some users are not enough here', async () => {
    policy({ realm: 'other' })
    expect((await call('/v1/users')).status).toBe(403)
  })

  it('are asked for by every operation of administration', () => {
    const without = V1_ADMIN_ROUTES.filter(({ access, rights }) => access === 'admin' && !rights)
    expect(without.map(({ id }) => id)).toEqual([])
  })
})

describe('a user', () => {
  const ALICE = { user: 'alice', realm: 'demo', email: 'alice@example.org' }

  it('is added, found, changed and removed', async () => {
    const made = await post('/v1/users', { user: 'alice', email: 'alice@example.org' })
    expect([made.status, made.json]).toEqual([201, { ...ALICE, tokens: [] }])
    const path = made.headers.location!
    expect(path).toBe('/v1/users/demo/alice')

    expect((await call(path)).json).toEqual({ ...ALICE, tokens: [] })

    const changed = await patch(path, { email: '', givenname: 'Alice' })
    expect(changed.json).toEqual({ user: 'alice', realm: 'demo', givenname: 'Alice', tokens: [] })

    expect((await remove(path)).status).toBe(204)
    expect((await call(path)).status).toBe(404)
    expect((await patch(path, {})).status).toBe(404)
    expect((await remove(path)).status).toBe(404)
  })

  it('is found whatever its name', async () => {
    const { headers: made } = await post('/v1/users', { user: 'ü/ {x}%', realm: 'other' })

    expect((await call(made.location!)).json).toMatchObject({ user: 'ü/ {x}%', realm: 'other' })
  })

  it('is added once to a realm, and to realms there are', async () => {
    await post('/v1/users', { user: 'alice' })

    expect((await post('/v1/users', { user: 'alice' })).status).toBe(409)
    expect((await post('/v1/users', { user: 'alice@demo' })).status).toBe(409)
    expect((await post('/v1/users', { user: 'alice@other' })).status).toBe(201)
    expect(await post('/v1/users', { user: 'alice', realm: 'nowhere' })).toMatchObject({
      status: 400,
      json: { parameter: 'realm' },
    })
  })

  it.each([
    'alice',
    'a@b@c.example',
    'Alice <alice@example.org>',
    'a@example.org\r\nBcc: b@x.example',
  ])('is not added with the address %j', async (email) => {
    const refused = await post('/v1/users', { user: 'alice', email })

    expect(refused).toMatchObject({ status: 400, json: { parameter: 'email' } })
  })

  it('is told what to do about an address, and has it in its normal form', async () => {
    const refused = await post('/v1/users', { user: 'alice', email: 'alice@localhost' })
    expect(refused.json.detail).toBe(
      'email is not one e-mail address like name@example.org. ' +
        'The domain after the @ is incomplete; it ends in something like .org.',
    )
    const made = await post('/v1/users', { user: 'alice', email: 'Alice@BÜCHER.example ' })
    expect(made.json.email).toBe('Alice@bücher.example')
  })

  it('is listed once, in pages', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `user${index}`)
    for (const user of names) await post('/v1/users', { user })
    await post('/v1/users', { user: 'stranger', realm: 'other' })
    const listed: string[] = []
    let query = 'realm=demo&limit=5'
    let pages = 0
    for (;;) {
      const { json } = await call('/v1/users', { query })
      listed.push(...json.users.map(({ user }: { user: string }) => user))
      pages++
      if (!json.next_cursor) break
      query = `realm=demo&limit=5&cursor=${json.next_cursor}`
    }

    expect(pages).toBe(5)
    expect(listed).toEqual(names.toSorted())
  })
})

describe('a token', () => {
  beforeEach(async () => {
    await api.addUser('alice')
  })
  const enrolled = async (more: object = {}) =>
    (await post('/v1/tokens', { user: 'alice', pin: '1234', ...more })).json.serial as string
  const login = async (pin: string) =>
    (await api.login('/v1/challenges', { json: { user: 'alice', pin } })).status

  it('is enrolled, and its secret told to nobody', async () => {
    const { status, json, headers } = await post('/v1/tokens', { user: 'alice', pin: '1234' })

    expect(status).toBe(201)
    expect(json).toEqual({
      serial: expect.stringMatching(/^EM[0-9A-F]{8}$/),
      user: 'alice',
      realm: 'demo',
      description: '',
      enabled: true,
      revoked: false,
      locked: false,
      failcount: 0,
      max_failcount: 10,
      pin_set: true,
      rollout: 'enrolled',
      digits: 6,
      algorithm: 'sha1',
      created_at: '2026-11-21T12:00:00.000Z',
    })
    expect(headers.location).toBe(`/v1/tokens/${json.serial}`)
    expect(await login('1234')).toBe(201)
  })

  it('may belong to nobody, with an address of its own', async () => {
    const made = await post('/v1/tokens', { serial: 'EM7', email: 'desk@example.org' })

    expect(made.json).toMatchObject({ serial: 'EM7', email: 'desk@example.org', pin_set: false })
    expect(made.json).not.toHaveProperty('user')
    expect((await api.login('/v1/challenges', { json: { serial: 'EM7' } })).status).toBe(201)
    expect((await remove('/v1/tokens/EM7')).status).toBe(204)
  })

  it('is not enrolled without an owner or address, or with what is another one’s', async () => {
    await api.addUser('bob', '')
    const serial = await enrolled()

    expect(await post('/v1/tokens', { user: 'nobody' })).toMatchObject({ status: 404 })
    expect(await post('/v1/tokens', { user: 'bob', serial, email: 'b@example.org' })).toMatchObject(
      {
        status: 409,
        json: { type: 'urn:otpost:problem:serial_taken' },
      },
    )
    expect(await post('/v1/tokens', { serial: 'EM8' })).toMatchObject({
      status: 400,
      json: { parameter: 'email' },
    })
  })

  it.each(['__proto__', 'constructor', 'a b', ''])('has no serial like %j', async (serial) => {
    const refused = await post('/v1/tokens', { user: 'alice', serial })

    expect(refused).toMatchObject({ status: 400, json: { parameter: 'serial' } })
  })

  it('is disabled, enabled, described and given a PIN', async () => {
    const path = `/v1/tokens/${await enrolled()}`

    const disabled = await patch(path, { enabled: false, description: 'on leave' })
    expect(disabled.json).toMatchObject({ enabled: false, description: 'on leave' })
    expect(await login('1234')).toBe(403)

    await patch(path, { enabled: true, pin: 'new' })
    expect(await login('1234')).toBe(403)
    expect(await login('new')).toBe(201)

    expect((await patch(path, { pin: '' })).json).toMatchObject({ pin_set: false })
    expect(await login('')).toBe(201)
  })

  it('is revoked for good', async () => {
    const path = `/v1/tokens/${await enrolled()}`

    expect((await post(`${path}/revoke`)).json).toMatchObject({ revoked: true, enabled: false })
    expect(await patch(path, { enabled: true })).toMatchObject({
      status: 409,
      json: { type: 'urn:otpost:problem:revoked' },
    })
    expect(await login('1234')).toBe(403)
  })

  it('is unlocked by a reset', async () => {
    const serial = await enrolled()
    const account = await api.account('alice')
    const tokens = { [serial]: { ...account.tokens[serial]!, failcount: 10 } }
    await api.ports.accounts.save(account, { ...account, tokens })
    expect((await call(`/v1/tokens/${serial}`)).json).toMatchObject({ locked: true })

    const reset = await post(`/v1/tokens/${serial}/reset`)

    expect(reset.json).toMatchObject({ locked: false, failcount: 0 })
    expect(await login('1234')).toBe(201)
  })

  it('is gone when it is deleted, and its code with it', async () => {
    const path = `/v1/tokens/${await enrolled()}`

    expect((await remove(path)).status).toBe(204)
    expect((await call(path)).status).toBe(404)
    expect((await patch(path, { enabled: false })).status).toBe(404)
    expect((await post(`${path}/reset`)).status).toBe(404)
    expect((await post(`${path}/revoke`)).status).toBe(404)
    expect((await remove(path)).status).toBe(404)
    expect(await login('1234')).toBe(403)
  })

  it('is listed by user, by serial, and in pages', async () => {
    await api.addUser('bob')
    for (const serial of ['EM3', 'EM1', 'EM2']) await enrolled({ serial })
    await post('/v1/tokens', { user: 'bob', serial: 'EX9' })
    const list = async (query: string) => {
      const { json } = await call('/v1/tokens', { query })
      const serials = json.tokens.map(({ serial }: { serial: string }) => serial)
      return { serials, next: json.next_cursor }
    }

    expect((await list('')).serials).toEqual(['EM1', 'EM2', 'EM3', 'EX9'])
    expect((await list('user=bob')).serials).toEqual(['EX9'])
    expect((await list('user=bob&realm=other')).serials).toEqual([])
    expect((await list('serial=EM2')).serials).toEqual(['EM2'])
    expect((await list('serial=EM*')).serials).toEqual(['EM1', 'EM2', 'EM3'])
    const first = await list('limit=3')
    expect(first.serials).toEqual(['EM1', 'EM2', 'EM3'])
    expect(await list(`limit=3&cursor=${first.next}`)).toEqual({
      serials: ['EX9'],
      next: undefined,
    })
    expect((await call('/v1/tokens', { query: 'realm=demo' })).status).toBe(400)
  })
})
