import { beforeEach, describe, expect, it } from 'vitest'
import type { Send } from '../../support/http.ts'
import { type Api, createApi, signedIn } from './api.ts'

const PATH = '/v1/mail-sender'
const MASK = '__CENSORED__'
const RELAY = {
  ...{ kind: 'smtp', host: 'smtp.x.example', port: 465, tls: 'implicit' },
  ...{ authentication_required: true, username: 'noreply', password: 's3cret' },
  ...{ sender: 'otp@x.example' },
}

let api: Api
let headers: Record<string, string>
beforeEach(async () => {
  api = createApi()
  headers = await signedIn(api)
})
const call = (method: string, path: string, options: Send = {}) =>
  api.admin(path, { method, ...options, headers: { ...headers, ...options.headers } })
const read = async () => (await call('GET', PATH)).json
const put = (json: object, more: Record<string, string> = {}) =>
  call('PUT', PATH, { json, headers: more })

describe('N01, P08: the mail sender is one resource', () => {
  it('is changed and shown in one place, its password masked', async () => {
    const { status, json, text } = await put({ ...RELAY, recipient_mask: 'e***e@t***.com' })
    expect(status).toBe(200)
    const { version, ...shown } = json
    expect(shown).toEqual({
      ...RELAY,
      ...{ provider: '', password: MASK, subject: '', timeout: 10 },
      recipient_mask: 'e***e@t***.com',
    })
    expect(text).not.toContain('s3cret')
    expect(await read()).toEqual(json)
    expect(api.store.values).toMatchObject({
      'mail.provider': 'smtp',
      'email.mailserver': 'smtp.x.example',
      'email.tls': 'implicit',
      'mask.address': 'e***e@t***.com',
    })
    expect(api.store.secrets['email.password']!.value).toBe('s3cret')
    expect(version).toMatch(/^[0-9a-f]{16}$/)
  })

  it('is the default provider where there is one', async () => {
    const provider = { server: 'mail.x.example', sender: 'A <a@x.example>' }
    await call('PUT', '/v1/providers/office', { json: provider })
    expect(await read()).toMatchObject({ provider: 'office', host: 'mail.x.example', port: 25 })
    await put({ host: 'new.x.example', tls: 'starttls' })
    expect((await call('GET', '/v1/providers/office')).json).toMatchObject({
      ...{ server: 'new.x.example', port: 587, tls: 'starttls', sender: 'A <a@x.example>' },
    })
    expect(api.store.values).not.toHaveProperty(['email.mailserver'])
  })

  it('may be SES, which has no server', async () => {
    const { json } = await put({ kind: 'ses', sender: 'otp@x.example' })
    expect(json).toMatchObject({ kind: 'ses', sender: 'otp@x.example' })
    expect(json).not.toHaveProperty('host')
  })

  it('takes back what it shows', async () => {
    const { json } = await put(RELAY)
    const { provider, version, ...shown } = json
    expect((await put(shown)).json).toEqual(json)
    expect(api.store.secrets['email.password']!.version).toBe(1)
  })

  it('needs the rights, also to look', async () => {
    const action = { smtpserver_read: true }
    api.world.set({ 'policies/admins': JSON.stringify({ scope: 'admin', action }) })
    expect((await call('GET', PATH)).status).toBe(200)
    expect((await put({ port: 26 })).json.detail).toContain('smtpserver_write')
    expect((await call('POST', `${PATH}/test`, { json: { to: 'a@x.example' } })).status).toBe(403)
    expect((await api.admin(PATH)).status).toBe(401)
  })
})

describe('N02, N03, N05, N07, N09: its members', () => {
  it.each(['noreply', 'noreply@company.com'])('takes the user name %s', async (username) => {
    expect((await put({ ...RELAY, username })).json.username).toBe(username)
  })

  it.each([
    ['none', 25],
    ['starttls', 587],
    ['implicit', 465],
  ])('has the usual port with the encryption %s', async (tls, port) => {
    const { port: _port, ...relay } = RELAY
    expect((await put({ ...relay, tls })).json).toMatchObject({ tls, port })
  })

  it.each<[object, string]>([
    [{ host: 'a b' }, 'host'],
    [{ port: 0 }, 'port'],
    [{ port: '465' }, 'port'],
    [{ tls: 'ssl3' }, 'tls'],
    [{ sender: 'a@x.example, b@x.example' }, 'sender'],
    [{ timeout: 26 }, 'timeout'],
    [{ recipient_mask: 'no mask' }, 'mask.address'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses %o, by name, and changes nothing', async (change, parameter) => {
    const { status, json } = await put({ ...RELAY, ...change })
    expect([status, json.parameter]).toEqual([400, parameter])
    expect(api.store.writes).toEqual([])
  })

  it('has no name beside the address unless a provider has it', async () => {
    expect((await put({ ...RELAY, sender: 'Me <me@x.example>' })).json.parameter).toBe('sender')
  })
})

describe('N04, N06: authentication required', () => {
  it('is not saved without a password', async () => {
    const { password, ...without } = RELAY
    for (const change of [without, { ...without, password: '' }, { ...without, password: MASK }]) {
      const { status, json } = await put(change)
      expect([status, json.parameter]).toEqual([400, 'password'])
    }
    expect(api.store.writes).toEqual([])
  })

  it('is not saved without a user', async () => {
    const { username, ...without } = RELAY
    expect((await put(without)).json.parameter).toBe('username')
    expect((await put({ ...RELAY, username: '' })).json.parameter).toBe('username')
  })

  it('is off though a user is stored, and on again with the password that was kept', async () => {
    await put(RELAY)
    const off = await put({ authentication_required: false })
    expect(off.json).toMatchObject({ authentication_required: false, username: 'noreply' })
    expect(api.store.settings()['email.authentication_required']).toBe(false)
    const on = await put({ authentication_required: true })
    expect(on.json).toMatchObject({ authentication_required: true, password: MASK })
  })

  it('is off for a provider too', async () => {
    await call('PUT', '/v1/providers/office', { json: { server: 'mail.x.example' } })
    const off = await put({ username: 'noreply', authentication_required: false })
    expect(off.json).toMatchObject({ authentication_required: false, username: 'noreply' })
    expect(api.store.settings().providers.get('office')).toMatchObject({ anonymous: true })
  })

  it('never takes the stored password to another server', async () => {
    await put(RELAY)
    const { status, json } = await put({ host: 'evil.example' })
    expect([status, json.parameter]).toEqual([400, 'password'])
    expect(api.store.settings()['email.mailserver']).toBe('smtp.x.example')
  })
})

describe('N11: it is versioned', () => {
  it('is not changed by who has not seen the last change', async () => {
    const first = await put(RELAY)
    const etag = first.headers.etag!
    expect(etag).toBe(`"${first.json.version}"`)
    const second = await put({ timeout: 5 }, { 'if-match': etag })
    expect(second.json.version).not.toBe(first.json.version)
    const late = await put({ timeout: 6 }, { 'if-match': etag })
    expect([late.status, late.json.detail]).toEqual([
      412,
      `The version in place is ${second.json.version}.`,
    ])
    expect((await read()).timeout).toBe(5)
  })

  it('has another version after a change of nothing but the password', async () => {
    const first = await put(RELAY)
    const second = await put({ ...RELAY, password: 'another' })
    expect(second.json.version).not.toBe(first.json.version)
  })
})

describe('N10: the test message', () => {
  const test = (json: object) =>
    call('POST', `${PATH}/test`, { json: { to: 'me@x.example', ...json } })

  it("is sent with settings that are not saved, and returns the server's own words", async () => {
    api.testMailServer({ sent: false, failure: 'configuration', reply: '535 5.7.8 no' })
    const { json } = await test({ ...RELAY, text: 'Hello' })
    expect(json).toEqual({ sent: false, reply: '535 5.7.8 no' })
    expect(api.testMails).toMatchObject([
      {
        ...{ identifier: '', to: 'me@x.example', text: 'Hello', password: 's3cret' },
        provider: { kind: 'smtp', server: 'smtp.x.example', port: 465, tls: 'implicit' },
      },
    ])
    expect(api.store.writes).toEqual([])
  })

  it('is sent with the saved ones where none are given', async () => {
    api.world.set({ 'mail.provider': 'smtp', 'email.mailserver': 'in.force.example' })
    expect((await test({})).json).toEqual({ sent: true, reply: '250 ok' })
    expect(api.testMails[0]).toMatchObject({ provider: { server: 'in.force.example' } })
    expect(api.testMails[0]).not.toHaveProperty('password')
  })

  it.each<[object, string]>([
    [{ text: 'x'.repeat(2001) }, 'text'],
    [{ to: 'a@x.example, b@x.example' }, 'to'],
    [{ host: 'a b', kind: 'smtp' }, 'host'],
  ])('is not sent with %o', async (change, parameter) => {
    const { status, json } = await test(change)
    expect([status, json.parameter]).toEqual([400, parameter])
    expect(api.testMails).toEqual([])
  })
})
