import { beforeEach, describe, expect, it } from 'vitest'
import type { Send } from '../../support/http.ts'
import { type Api, createApi, signedIn } from './api.ts'

const HEADER = 'Subject: Your code\nContent-Type: text/plain; charset=utf-8\n\n'
const SOURCE = `${HEADER}Your code, Grüße:\n\n\${otp}\n`

let api: Api
let headers: { authorization: string }
beforeEach(async () => {
  api = createApi()
  headers = await signedIn(api)
})
const call = (method: string, path: string, options: Send = {}) =>
  api.admin(`/v1/templates${path}`, { method, headers, ...options })
const put = (name: string, source: string) => call('PUT', `/${name}`, { json: { source } })

describe('/v1/templates', () => {
  it('stores a mail under its name, shows it, lists it and deletes it', async () => {
    const { status, json } = await put('login', SOURCE)
    expect({ status, findings: json.findings }).toEqual({ status: 200, findings: [] })
    const shown = (await call('GET', '/login')).json
    expect(shown).toMatchObject({
      ...{ name: 'login', subject: 'Your code', used_by: [], inline: [] },
      text: 'Your code, Grüße:\n\n${otp}\n',
    })
    const { name, subject, saved_at, used_by } = shown
    const summary = { name, subject, saved_at, used_by }
    expect((await call('GET', '')).json).toEqual({ templates: [summary] })
    expect((await call('DELETE', '/login')).status).toBe(204)
    expect((await call('GET', '/login')).status).toBe(404)
    expect((await call('DELETE', '/login')).status).toBe(404)
  })

  it('is the same with and without .eml', async () => {
    await put('login.eml', SOURCE)
    expect((await call('GET', '/login')).json.name).toBe('login')
  })

  it('tells what should be better', async () => {
    const { json } = await put('login', `${HEADER}\${otp}\n\${nonsense}\n`)
    expect(json.findings).toMatchObject([{ rule: 'tag', severity: 'warning', line: 5 }])
  })

  it.each([
    ['without a code', `${HEADER}Hello\n`, /The code is not in the text/],
    ['without a header', 'Hello ${otp}', /does not begin with a header/],
  ])('refuses one %s and keeps the one before', async (_, source, why) => {
    await put('login', SOURCE)
    const { status, json } = await put('login', source)
    expect(status).toBe(400)
    expect(json).toMatchObject({ parameter: 'source', detail: expect.stringMatching(why) })
    expect((await call('GET', '/login')).json.text).toContain('Grüße')
  })

  it.each(['.', 'a%2Fb', '%2e%2e', 'a b', 'x'.repeat(65)])('has no %s', async (name) => {
    expect((await put(name, SOURCE)).status).toBe(404)
  })

  it('keeps what a provider uses', async () => {
    await put('login', SOURCE)
    const settings = await api.ports.settings.current()
    const office = { template: 'file://login.eml' } as never
    api.ports.settings.current = async () => ({
      ...settings,
      providers: new Map([['office', office]]),
    })
    const { status, json } = await call('DELETE', '/login')
    expect({ status, detail: json.detail }).toEqual({
      status: 409,
      detail: 'Used by the provider office.',
    })
    expect((await call('GET', '')).json.templates).toMatchObject([{ used_by: ['office'] }])
  })

  it('is open to nobody else', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/login'],
      ['PUT', '/login'],
      ['DELETE', '/login'],
    ] as const) {
      expect((await api.admin(`/v1/templates${path}`, { method })).status).toBe(401)
    }
  })

  it('asks for the rights of the configuration', async () => {
    api = createApi({
      settings: {
        'policies/helpdesk': '{"scope": "admin", "action": "configread", "adminuser": ["root"]}',
      },
    })
    headers = await signedIn(api)
    expect((await call('GET', '')).status).toBe(200)
    expect((await put('login', SOURCE)).status).toBe(403)
    expect((await call('DELETE', '/login')).status).toBe(403)
  })
})
