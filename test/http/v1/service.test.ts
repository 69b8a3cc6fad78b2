import { apiKeyIn } from '../../support/api-keys.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { addAlice, type Api, createApi } from './api.ts'

const LOGIN = { user: 'alice', pin: '1234' }
let api: Api

beforeEach(async () => {
  api = createApi()
  await addAlice(api.world)
})

const trigger = () => api.login('/v1/challenges', { json: LOGIN })

describe('a caller', () => {
  it('outside the networks is not admitted', async () => {
    api.set({ 'validate.clients': '10.0.0.0/8' })

    const refused = await trigger()

    expect(refused).toMatchObject({ status: 403, json: { type: 'urn:otpost:problem:client' } })
    expect(api.mails).toEqual([])
  })

  it('needs an API key where one is asked for', async () => {
    api.set({ api_key_required: 'true' })
    const token = await apiKeyIn(api.ports, api.set)

    const without = await api.login('/v1/challenges', { json: LOGIN })
    const headers = { authorization: `Bearer ${token}` }
    const withKey = await api.login('/v1/challenges', { json: LOGIN, headers })

    expect(without).toMatchObject({ status: 401, json: { type: 'urn:otpost:problem:api_key' } })
    expect(without.headers['www-authenticate']).toBe('Bearer')
    expect(withKey.status).toBe(201)
  })
})

describe('health', () => {
  it('is fine while the settings can be read', async () => {
    const { status, json } = await api.login('/healthz')

    expect([status, json]).toEqual([200, { status: 'ok' }])
  })

  it('is told as unavailable while they cannot', async () => {
    api.ports.settings.current = () => Promise.reject(new Error('table is down'))

    const { status, headers, text } = await api.login('/healthz')

    expect(status).toBe(503)
    expect(headers['retry-after']).toBe('1')
    expect(text).not.toContain('table')
  })
})

it('answers a fault of a part with a defined answer, and lets nobody in', async () => {
  const { json } = await trigger()
  const path = `/v1/challenges/${json.transaction_id}/answer`
  api.ports.challenges.guess = () => Promise.reject(new Error('table is down'))

  expect(await api.login(path, { json: { user: 'alice', otp: api.lastCode() } })).toMatchObject({
    status: 503,
    json: { type: 'urn:otpost:problem:unavailable' },
  })
})
