import { beforeEach, describe, expect, it } from 'vitest'
import type { Send } from '../../support/http.ts'
import { type Api, createApi, signedIn } from './api.ts'

const managed = 'kept by the mail team'
const OFFICE = { server: 'mail.x.example', tls: 'starttls', username: 'otp', password: 's3cret' }

let api: Api
let headers: Record<string, string>
beforeEach(async () => {
  api = createApi()
  headers = await signedIn(api)
  const { status, json } = await call('PUT', '/v1/providers/office', {
    json: { ...OFFICE, managed, default: true },
  })
  expect({ status, json }).toEqual({ status: 200, json: VIEW })
  api.world.ports.settings.current = async () => api.store.settings()
  api.ports.settings.current = async () => api.store.settings()
})
const VIEW = {
  ...{ name: 'office', default: true, order: 1, used_by: ['email.identifier'] },
  ...{ managed: true, kind: 'smtp', timeout: 10 },
}
const call = (method: string, path: string, options: Send = {}) =>
  api.admin(path, { method, ...options, headers: { ...headers, ...options.headers } })

describe('X28: a managed provider on /v1', () => {
  it('is shown by name, place, kind and time-out', async () => {
    expect((await call('GET', '/v1/providers/office')).json).toEqual(VIEW)
    expect((await call('GET', '/v1/providers')).json).toEqual({ providers: [VIEW] })
    const sender = await call('GET', '/v1/mail-sender')
    expect(sender.json).toEqual({
      ...{ provider: 'office', kind: 'smtp', timeout: 10, managed: true },
      ...{ recipient_mask: 'ex********@t****.com', version: expect.any(String) },
    })
    expect(sender.text).not.toContain('mail.x.example')
  })

  it('is changed, tested and deleted with its password only', async () => {
    const json = { ...OFFICE, server: 'new.x.example' }
    const test = { to: 'me@x.example' }
    const path = '/v1/providers/office'
    const acts = [
      () => call('PUT', path, { json }),
      () => call('POST', `${path}/test`, { json: test }),
      () => call('DELETE', path),
      () => call('DELETE', path, { headers: { 'otpost-managed': 'not the password' } }),
      () => call('PUT', '/v1/mail-sender', { json: { host: 'new.x.example' } }),
      () => call('POST', '/v1/mail-sender/test', { json: test }),
    ]
    const before = { ...api.store.values }
    for (const act of acts) {
      const { status, json: told } = await act()
      expect([status, told.detail]).toEqual([
        400,
        expect.stringMatching(/^managed is (missing|not)/),
      ])
    }
    expect([api.store.values, api.testMails]).toEqual([before, []])

    const changed = await call('PUT', path, { json: { ...json, managed } })
    expect(changed.json).toEqual(VIEW)
    expect(api.store.values['providers/office']).toContain('new.x.example')
    const sender = { subject: 'Your code', managed }
    expect((await call('PUT', '/v1/mail-sender', { json: sender })).status).toBe(200)
    expect(api.store.values['providers/office']).toContain('Your code')
    expect((await call('POST', `${path}/test`, { json: { ...test, managed } })).status).toBe(200)
    const own = await call('POST', '/v1/mail-sender/test', { json: { ...test, managed } })
    expect(own.json).toMatchObject({ sent: true })
    const gone = await call('DELETE', path, { headers: { 'otpost-managed': managed } })
    expect(gone.status).toBe(204)
    expect(Object.keys(api.store.values).filter((name) => name.startsWith('providers/'))).toEqual(
      [],
    )
  })

  it('is what only a provider with a name can become', async () => {
    await call('DELETE', '/v1/providers/office', { headers: { 'otpost-managed': managed } })
    const answer = await call('PUT', '/v1/mail-sender', {
      json: { sender: 'a@x.example', managed },
    })
    expect(answer).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/^managed/) },
    })
  })

  it.each(['office.managed', 'office.password', 'office.client_key', 'office%2Emanaged'])(
    'is not opened by deleting %s',
    async (name) => {
      api.store.secrets['providers/office.client_key'] = { value: 'PEM', version: 1 }
      const before = stored()
      expect((await call('DELETE', `/v1/providers/${name}`)).status).toBe(404)
      expect((await call('PUT', `/v1/providers/${name}`, { json: OFFICE })).status).toBe(400)
      expect(stored()).toEqual(before)
      expect((await call('PUT', '/v1/providers/office', { json: OFFICE })).status).toBe(400)
    },
  )

  it('stays closed where its hash was stored as a secret by mistake', async () => {
    const [name] = Object.keys(api.store.values).filter((each) => each.endsWith('.managed'))
    api.store.secrets[name!] = { value: api.store.values[name!]!, version: 1 }
    delete api.store.values[name!]
    const before = stored()
    const json = { ...OFFICE, server: 'evil.x.example' }
    const answers = [
      await call('PUT', '/v1/providers/office', { json }),
      await call('PUT', '/v1/providers/office', { json: { ...json, managed } }),
      await call('PUT', '/v1/mail-sender', { json: { host: 'evil.x.example' } }),
      await call('POST', '/v1/providers/office/test', { json: { to: 'me@x.example' } }),
      await call('DELETE', '/v1/providers/office'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
    expect([stored(), api.testMails]).toEqual([before, []])
    expect((await call('GET', '/v1/providers/office')).json).toEqual(VIEW)
  })
})

describe('the header that opens a managed provider', () => {
  const drop = (value: string, name = 'office') =>
    call('DELETE', `/v1/providers/${name}`, { headers: { 'otpost-managed': value } })

  it.each([
    ' with blanks around ',
    'Schlüssel für die Post',
    '密码密码密码密码',
    '100% & %41 sure',
  ])('carries the password %j', async (password) => {
    await call('PUT', '/v1/providers/other', { json: { ...OFFICE, managed: password } })
    expect((await drop(encodeURIComponent(password), 'other')).status).toBe(204)
  })

  it.each(['%', 'a%4', '%zz', '%ff%fe', 'Schlüssel', 'a\tb', 'x'.repeat(201)])(
    'is refused as %j, and no try is counted',
    async (value) => {
      for (let more = 0; more < 6; more++) {
        const { status, json } = await drop(value)
        expect([status, json.detail]).toEqual([400, expect.stringMatching(/^otpost-managed /)])
      }
      expect((await drop(encodeURIComponent(managed))).status).toBe(204)
    },
  )
})

const stored = () => structuredClone([api.store.values, api.store.secrets])
