import { beforeEach, describe, expect, it } from 'vitest'
import type { Send } from '../../support/http.ts'
import { type Api, createApi, signedIn } from './api.ts'

const OFFICE = { server: 'mail.x.example', tls: 'starttls', username: 'otp', password: 's3cret' }
const MASK = '__CENSORED__'

let api: Api
let headers: { authorization: string }
beforeEach(async () => {
  api = createApi()
  headers = await signedIn(api)
})
const call = (method: string, path: string, options: Send = {}) =>
  api.admin(path, { method, headers, ...options })
const put = (name: string, json: object) => call('PUT', `/v1/providers/${name}`, { json })

describe('/v1/providers', () => {
  it('adds a provider, shows it without its secrets, and makes the first one the default', async () => {
    const { status, json, text } = await put('office', OFFICE)
    expect(status).toBe(200)
    expect(json).toEqual({
      ...{ name: 'office', default: true, order: 1, used_by: ['email.identifier'], kind: 'smtp' },
      ...{ server: 'mail.x.example', port: 587, tls: 'starttls', username: 'otp', password: MASK },
      ...{ sender: '', subject: '', template: '', timeout: 10, description: '' },
      ...{ client_certificate: '', client_key: '', ca: '' },
    })
    expect(text).not.toContain('s3cret')
    expect(api.store.secrets['providers/office.password']!.value).toBe('s3cret')
    expect((await call('GET', '/v1/providers/office')).json).toEqual(json)
    expect((await call('GET', '/v1/providers')).json).toEqual({ providers: [json] })
  })

  it('takes back what it shows', async () => {
    const { json } = await put('office', OFFICE)
    const { name, order, used_by, ...shown } = json
    expect((await put('office', shown)).json).toEqual(json)
    expect(api.store.secrets['providers/office.password']!.version).toBe(1)
  })

  it("takes LinOTP's configuration in one text", async () => {
    const linotp = { SMTP_SERVER: 'mail.x.example', SMTP_PASSWORD: 'p', SMTP_USER: 'u' }
    const { json } = await put('old', { config: JSON.stringify(linotp), default: false })
    expect(json).toMatchObject({ subject: 'Your OTP', password: MASK, default: false })
  })

  it('may be SES', async () => {
    const { json } = await put('cloud', { kind: 'ses', sender: 'A <a@x.example>' })
    expect(json).toMatchObject({ kind: 'ses', sender: 'A <a@x.example>' })
    expect(json).not.toHaveProperty('server')
  })

  it.each<[object, string, RegExp]>([
    [{}, 'server', /server is missing/],
    [{ server: 'a b' }, 'server', /its server is neither/],
    [{ server: 'x', username: 'u' }, 'providers/new.password', /is missing/],
    [{ kind: 'pigeon' }, 'kind', /known: smtp, ses/],
    [{ server: 'x', port: 0 }, 'port', /whole number from 1/],
    [{ server: 'x', colour: 'red' }, 'colour', /not accepted here/],
    [{ config: '{}', server: 'x' }, 'server', /leave out server/],
    [{ config: "{'SMTP_PASSWORD': 's3cret'}" }, 'config', /line 1, column 2 \(offset 1\)/],
  ])('refuses %o', async (json, parameter, detail) => {
    const answer = await put('new', json)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ parameter, detail: expect.stringMatching(detail) })
    expect(answer.text).not.toContain('s3cret')
    expect(api.store.writes).toEqual([])
  })

  it('deletes one that nothing uses', async () => {
    await put('a', { server: 'x.example' })
    await put('b', { server: 'x.example' })
    const refused = await call('DELETE', '/v1/providers/a')
    expect([refused.status, refused.json.detail]).toEqual([409, 'It is used by email.identifier.'])
    expect((await call('DELETE', '/v1/providers/b')).status).toBe(204)
    expect((await call('DELETE', '/v1/providers/b')).status).toBe(404)
    expect((await call('GET', '/v1/providers/b')).status).toBe(404)
  })

  it('says when a change waits for others to be mended', async () => {
    api.store.values['email.port'] = 'abc'
    const { status, json } = await put('a', { server: 'x.example' })
    expect([status, json.detail]).toEqual([409, expect.stringContaining('email.port')])
    expect(api.store.values).toHaveProperty(['providers/a'])
  })

  it('needs the rights, also to look', async () => {
    const action = { smtpserver_read: true }
    api.world.set({ 'policies/admins': JSON.stringify({ scope: 'admin', action }) })
    expect((await call('GET', '/v1/providers')).status).toBe(200)
    expect((await put('a', OFFICE)).json.detail).toContain('smtpserver_write')
    const to = { json: { to: 'me@x.example' } }
    expect((await call('POST', '/v1/providers/a/test', to)).status).toBe(403)
    expect((await call('DELETE', '/v1/providers/a')).status).toBe(403)
    expect((await api.admin('/v1/providers')).status).toBe(401)
  })
})

describe('/v1/default-providers', () => {
  const setDefaults = (providers: string) =>
    call('PUT', '/v1/default-providers', { json: { providers } })

  it('names the default and its fallbacks, or none', async () => {
    for (const name of ['a', 'b']) await put(name, { server: 'x.example' })
    expect((await setDefaults('b, a')).status).toBe(204)
    const orders = async () =>
      (await call('GET', '/v1/providers')).json.providers.map(({ order }: any) => order)
    expect(await orders()).toEqual([2, 1])
    await setDefaults('')
    expect(await orders()).toEqual([0, 0])
    const unknown = await setDefaults('a, x')
    expect([unknown.status, unknown.json.detail]).toEqual([404, 'There is no provider x.'])
  })
})

describe('/v1/providers/{provider}/test', () => {
  const test = (name: string, json: object) =>
    call('POST', `/v1/providers/${name}/test`, { json: { to: 'me@x.example', ...json } })

  it('has one that is described send, and stores nothing', async () => {
    expect((await test('new', OFFICE)).json).toEqual({ sent: true, reply: '250 ok' })
    expect(api.testMails).toMatchObject([
      { identifier: 'new', to: 'me@x.example', password: 's3cret', provider: { port: 587 } },
    ])
    expect(api.store.writes).toEqual([])
  })

  it('leaves a masked password to who may read it', async () => {
    await test('office', { ...OFFICE, password: MASK })
    expect(api.testMails[0]).not.toHaveProperty('password')
  })

  it('has a stored one send, and tells how it went', async () => {
    api.world.set({ 'providers/office': '{"server": "mail.x.example"}' })
    api.testMailServer({ sent: false, failure: 'configuration', reply: '535 no' })
    expect((await test('office', {})).json).toEqual({ sent: false, reply: '535 no' })
    expect((await test('nope', {})).status).toBe(404)
  })
})
