import { beforeEach, describe, expect, it } from 'vitest'
import { addAlice, type Api, createApi, signedIn } from './api.ts'

const PATH = '/v1/challenges'
let api: Api

beforeEach(async () => {
  api = createApi()
  await addAlice(api.world)
})

describe('a body', () => {
  const malformed: [string, string, string | undefined][] = [
    ['no JSON', '{"user":', undefined],
    ['a list', '[]', undefined],
    ['null', 'null', undefined],
    ['a number for a string', '{"user": 1}', 'user'],
    ['null for a string', '{"user": null}', 'user'],
    ['a list for a string', '{"user": ["alice"]}', 'user'],
    ['an object for a string', '{"user": "alice", "pin": {}}', 'pin'],
    ['an unknown member', '{"user": "alice", "password": "1234"}', 'password'],
    ['a member named __proto__', '{"user": "alice", "__proto__": {"pin": "1234"}}', '__proto__'],
    ['a member named constructor', '{"user": "alice", "constructor": "x"}', 'constructor'],
    ['nobody named', '{"pin": "1234"}', 'user'],
    ['an empty name', '{"user": ""}', 'user'],
    ['too long a name', JSON.stringify({ user: 'a'.repeat(256) }), 'user'],
    ['a line break in a name', JSON.stringify({ user: 'a\nb' }), 'user'],
    ['half a character', '{"user": "\\ud800"}', 'user'],
    ['a serial with a slash', '{"serial": "EM/1"}', 'serial'],
  ]
  it.each(malformed)('with %s is refused', async (_, body, parameter) => {
    const headers = { 'content-type': 'application/json' }

    const { status, json } = await api.login(PATH, { body, headers })

    expect(status).toBe(400)
    expect(json).toMatchObject({ type: 'urn:otpost:problem:malformed' })
    expect(json.parameter).toBe(parameter)
    expect(api.mails).toEqual([])
  })

  it('that is not UTF-8 is refused', async () => {
    const body = Buffer.from('{"user": "\xff"}', 'latin1')

    const refused = await api.login(PATH, { body, headers: { 'content-type': 'application/json' } })

    expect(refused.status).toBe(400)
  })

  it('of another type is refused, also when it looks like JSON', async () => {
    const body = '{"user": "alice", "pin": "1234"}'

    const form = await api.login(PATH, { form: { user: 'alice', pin: '1234' } })
    const text = await api.login(PATH, { body, headers: { 'content-type': 'text/plain' } })
    const none = await api.login(PATH, { body })

    expect([form.status, text.status, none.status]).toEqual([415, 415, 415])
  })

  it('may state its character set', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const body = '{"user": "alice", "pin": "1234"}'

    expect((await api.login(PATH, { body, headers })).status).toBe(201)
  })

  it('is refused where none is read', async () => {
    const headers = await signedIn(api)
    const path = '/v1/tokens/EM00000001/revoke'

    expect((await api.admin(path, { headers, json: {} })).status).toBe(400)
    expect((await api.admin(path, { headers, method: 'POST' })).status).toBe(200)
  })

  it('never shows in the problem it causes', async () => {
    const { text } = await api.login(PATH, { json: { user: 'alice', pin: ['sesame'] } })

    expect(text).not.toContain('sesame')
  })
})

describe('a query', () => {
  const look = (query: string) => api.login(`/v1/challenges/${'0'.repeat(20)}`, { query })

  it.each([
    ['user=alice&user=bob', 'user'],
    ['user=alice&pin=1234', 'pin'],
    ['user=alice&__proto__=x', '__proto__'],
    ['realm=demo', 'user'],
  ])('%s is refused', async (query, parameter) => {
    const { status, json } = await look(query)

    expect(status).toBe(400)
    expect(json.parameter).toBe(parameter)
  })

  it('has whole numbers where they belong', async () => {
    const headers = await signedIn(api)
    const list = async (query: string) => (await api.admin('/v1/users', { headers, query })).status

    expect(await list('limit=10')).toBe(200)
    expect(await list('limit=0')).toBe(400)
    expect(await list('limit=1001')).toBe(400)
    expect(await list('limit=1e1')).toBe(400)
    expect(await list('limit=')).toBe(400)
    expect(await list('cursor=%00')).toBe(400)
  })
})

describe('a path', () => {
  it.each(['/v1', '/v1/', '/v1/nothing', '/v1/challenges/', '/v1/challenges/%zz/answer'])(
    '%s is not found',
    async (path) => {
      const { status, json } = await api.login(path)

      expect(status).toBe(404)
      expect(json.type).toBe('urn:otpost:problem:not_found')
    },
  )

  it('that can name nothing is not found', async () => {
    const json = { user: 'alice', otp: '123456' }

    for (const id of ['1', '1'.repeat(21), 'x'.repeat(20), '%2e%2e']) {
      expect((await api.login(`${PATH}/${id}/answer`, { json })).status).toBe(404)
    }
  })

  it('says which methods it has', async () => {
    const { status, headers } = await api.login(PATH, { method: 'PUT' })
    const look = await api.login(`${PATH}/${'0'.repeat(20)}`, { method: 'DELETE' })

    expect([status, headers.allow]).toEqual([405, 'POST'])
    expect([look.status, look.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it('is asked by HEAD as by GET', async () => {
    const { status, text } = await api.login('/healthz', { method: 'HEAD' })

    expect([status, text]).toEqual([200, ''])
  })
})

it('lets nothing be cached, and tells no content type but its own', async () => {
  const { headers } = await api.login(PATH, { json: { user: 'alice', pin: 'wrong' } })

  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
  })
})
