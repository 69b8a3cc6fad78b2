import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../api.ts'
import {
  createOwners,
  OTHER,
  type Owners,
  SERIAL,
  type Holder,
  MINUTE,
  PIN,
  policy,
  problemType,
  signsIn,
} from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let api: Api
let alice: Holder
let logsIn: Owners['logsIn']

beforeEach(async () => {
  ;({ api, alice, logsIn } = await createOwners())
})

describe('my tokens', () => {
  it('are listed without what is secret', async () => {
    const { json, text } = await alice.get('/tokens')
    expect(json.tokens).toMatchObject([{ serial: SERIAL, enabled: true, pin_set: true }])
    expect(text).not.toMatch(/secret|salt|mac"/)
  })

  it('are disabled at once, and enabled by another one that I have', async () => {
    expect((await alice.post(`/tokens/${SERIAL}/disable`)).json.enabled).toBe(false)
    expect((await alice.get('')).status).toBe(401)
    expect((await logsIn('alice', PIN)).status).toBe(403)

    await api.enrol(await api.account('alice'), { serial: 'EM00000002' })
    const other = await signsIn(api)
    expect((await other.post(`/tokens/${SERIAL}/enable`)).json.enabled).toBe(true)
  })

  it('are revoked for good', async () => {
    await api.enrol(await api.account('alice'), { serial: 'EM00000002' })
    expect((await alice.post('/tokens/EM00000002/revoke')).json.revoked).toBe(true)
    const refused = await alice.post('/tokens/EM00000002/enable')
    expect(refused).toMatchObject({ status: 409, json: { type: problemType('revoked') } })
  })

  it.each(['enable', 'revoke'])('need a fresh session to %s', async (act) => {
    api.advance(6 * MINUTE)
    const { json } = await alice.post(`/tokens/${SERIAL}/${act}`)
    expect(json.type).toBe(problemType('reauthentication_required'))
  })

  it.each(['enable', 'disable', 'revoke'])('are not to %s where policies say so', async (act) => {
    api.set({ 'policies/own': policy('auditlog') })
    const { status, json } = await alice.post(`/tokens/${SERIAL}/${act}`)
    expect([status, json.type]).toEqual([403, problemType('role')])
  })

  it('can be more: with a PIN, and a secret that nobody here can read', async () => {
    const keys = vi.spyOn(api.ports.keyring, 'key')
    const { status, json } = await alice.post('/tokens', { pin: '4711', description: 'office' })

    expect([status, json.description]).toEqual([201, 'office'])
    expect(keys.mock.calls.flat()).not.toContain('secret')
    expect((await signsIn(api, 'alice', '4711')).session).toBeTruthy()
  })

  it('are as many as policies want', async () => {
    const scope = { scope: 'enrollment', action: 'email_max_token_per_user=1' }
    api.set({ 'policies/limit': JSON.stringify(scope) })
    expect((await alice.post('/tokens', { pin: '4711' })).status).toBe(409)
  })

  it('have no spass among those that can be tested', async () => {
    await api.enrol(await api.account('alice'), { serial: 'SP00000001', type: 'spass' })
    expect((await alice.post('/tokens/SP00000001/test')).status).toBe(404)
  })
})

describe("somebody else's token", () => {
  it.each(['test', 'enable', 'disable', 'revoke'])('is not there to %s', async (act) => {
    expect((await alice.post(`/tokens/${OTHER}/${act}`)).status).toBe(404)
    expect((await alice.post(`/tokens/__proto__/${act}`)).status).toBe(404)
    expect((await api.account('bob')).tokens[OTHER]).toMatchObject({
      enabled: true,
      revoked: false,
    })
    expect(api.mails.filter(({ to }) => to === 'bob@example.org')).toEqual([])
  })

  it('keeps its PIN', async () => {
    expect((await alice.put('/pin', { new: '9999', serial: OTHER })).status).toBe(409)
    expect((await logsIn('bob', 'bob')).status).toBe(201)
  })

  it('is not tested by its code either', async () => {
    const bob = await signsIn(api, 'bob', 'bob')
    const { json } = await bob.post(`/tokens/${OTHER}/test`)
    const path = `test/${json.transaction_id}`
    const otp = api.lastCode()
    expect((await alice.post(`/tokens/${OTHER}/${path}`, { otp })).status).toBe(404)
    expect((await alice.post(`/tokens/${SERIAL}/${path}`, { otp })).status).toBe(404)
    expect((await bob.post(`/tokens/${OTHER}/${path}`, { otp })).json).toEqual({ passed: true })
  })
})
