import { beforeEach, describe, expect, it, vi } from 'vitest'
import { restoreAddress, setAddress } from '../../../../functions/core/registration.ts'
import { otherThan } from '../../../support/world.ts'
import type { Api } from '../api.ts'
import {
  asks,
  createSelf,
  type Holder,
  holding,
  MINUTE,
  PIN,
  policy,
  problemType,
  reauthenticates,
  signsIn,
} from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const SERIAL = 'EM00000001'
const OTHER = 'EM0000000B'
let api: Api
let alice: Holder

beforeEach(async () => {
  api = await createSelf()
  await api.enrol(await api.addUser('bob'), { serial: OTHER, pin: 'bob' })
  alice = await signsIn(api)
})

const logsIn = (user: string, pin: string) => api.login('/v1/challenges', { json: { user, pin } })

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

describe('a test code (N15)', () => {
  const starts = async () => (await alice.post(`/tokens/${SERIAL}/test`)).json.transaction_id
  const tries = async (id: string, otp: string) =>
    (await alice.post(`/tokens/${SERIAL}/test/${id}`, { otp })).json

  it('is mailed, and passes once', async () => {
    const asked = await alice.post(`/tokens/${SERIAL}/test`)
    expect(asked).toMatchObject({
      status: 202,
      json: { challenges: [{ address: 'al********@e****.org' }] },
    })
    const otp = api.lastCode()
    const spaced = `${otp.slice(0, 3)} ${otp.slice(3)}`
    expect(await tries(asked.json.transaction_id, spaced)).toEqual({ passed: true })
    expect(await tries(asked.json.transaction_id, otp)).toEqual({ passed: false })
  })

  it('fails when it is wrong or late, and locks no token', async () => {
    const id = await starts()
    const otp = api.lastCode()
    for (let guess = 0; guess < 5; guess++) {
      expect(await tries(id, otherThan(otp))).toEqual({ passed: false })
    }
    expect(await tries(id, otp)).toEqual({ passed: false })
    const { tokens, wrong } = await api.account('alice')
    expect([tokens[SERIAL]!.failcount, wrong.length]).toEqual([0, 5])

    const late = await starts()
    api.advance(2 * MINUTE)
    expect(await tries(late, api.lastCode())).toEqual({ passed: false })
  })

  it('lets nobody in, on no wire', async () => {
    const id = await starts()
    const otp = api.lastCode()
    const path = `/v1/challenges/${id}/answer`
    expect((await api.login(path, { json: { user: 'alice', otp } })).status).toBe(403)
    const combined = { user: 'alice', pass: PIN + otp }
    expect((await api.login('/v1/authentications', { json: combined })).status).toBe(403)
    const step = { user: 'alice', transaction_id: id, otp }
    expect((await api.self('/v1/self/sessions', { json: step })).status).toBe(403)
    const again = { transaction_id: id, otp }
    expect((await alice.post('/reauthentications', again)).status).toBe(403)
    expect((await alice.post('/address/confirmations', again)).status).toBe(403)
    expect(await tries(id, otp)).toEqual({ passed: true })
  })

  it('is told when it cannot be sent', async () => {
    api.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no such user' }))
    const refused = await alice.post(`/tokens/${SERIAL}/test`)
    expect(refused).toMatchObject({ status: 422, json: { type: problemType('not_sent') } })
  })
})

describe('my PIN', () => {
  it('is changed, and only the new session goes on', async () => {
    const elsewhere = await signsIn(api)
    const { status, json } = await alice.put('/pin', { old: PIN, new: '9999' })

    expect(status).toBe(201)
    expect([(await alice.get('')).status, (await elsewhere.get('')).status]).toEqual([401, 401])
    expect((await holding(api, json.session).get('')).status).toBe(200)
    expect((await logsIn('alice', PIN)).status).toBe(403)
    expect((await logsIn('alice', '9999')).status).toBe(201)
  })

  it('makes nothing fresher: the new session stands on the same sign-in', async () => {
    api.advance(3 * MINUTE)
    const { json } = await alice.put('/pin', { new: '9999' })
    expect(json).toMatchObject({ reauthenticate_in: 120, expires_in: 27 * 60 })
    const next = holding(api, json.session)
    api.advance(2 * MINUTE)
    expect((await next.put('/pin', { new: '8888' })).json.type).toBe(
      problemType('reauthentication_required'),
    )
    api.advance(25 * MINUTE)
    expect((await next.get('')).status).toBe(401)
  })

  it('takes along what stood on the old one: codes that wait for their answer', async () => {
    const { json } = await asks(api)
    const otp = api.lastCode()
    await alice.put('/pin', { new: '9999' })
    const step = { user: 'alice', transaction_id: json.transaction_id, otp }
    expect((await api.self('/v1/self/sessions', { json: step })).status).toBe(403)
  })

  it('is not changed by a wrong old one, and that counts', async () => {
    for (let tries = 0; tries < 8; tries++) {
      const refused = await alice.put('/pin', { old: 'wrong', new: '9999' })
      expect(refused).toMatchObject({ status: 403, json: { type: problemType('wrong_pin') } })
    }
    expect((await alice.put('/pin', { old: PIN, new: '9999' })).status).toBe(403)
    expect((await alice.get('')).status).toBe(200)
  })

  it.each([
    ['is empty', '', {}],
    [
      'is too short for the policies',
      '12',
      { 'policies/p': policy('setpin, otp_pin_minlength=4') },
    ],
  ])('is refused where it %s', async (_, pin, settings) => {
    api.set(settings)
    const { status, json } = await alice.put('/pin', { new: pin })
    expect([status, json.parameter]).toEqual([400, 'new'])
    expect((await logsIn('alice', PIN)).status).toBe(201)
  })

  it('is no business of a token that has nothing else', async () => {
    await api.enrol(await api.account('alice'), {
      ...{ serial: 'SP00000001', type: 'spass', pin: 'pass' },
    })
    await alice.put('/pin', { new: '9999' })
    expect((await logsIn('alice', 'pass')).status).toBe(200)
  })
})

describe('my address', () => {
  const NEW = 'alice@new.example'
  const asksFor = (address: string) => alice.post('/address', { address })
  const confirms = (transaction_id: string, otp: string) =>
    alice.post('/address/confirmations', { transaction_id, otp })

  it('is another one when the code from there has come back (R22, R24)', async () => {
    const { status, json } = await asksFor('  Alice@NEW.example ')
    expect([status, json]).toEqual([
      202,
      { ...json, address: expect.stringMatching(/^alice@new\.example$/i), reason: 'update' },
    ])
    const otp = api.lastCode()
    expect((await alice.get('')).json).toMatchObject({
      email: 'alice@example.org',
      pending: { reason: 'update' },
    })
    await logsIn('alice', PIN)
    expect(api.mails.at(-1)!.to).toBe('alice@example.org')

    expect((await confirms(json.transaction_id, otp)).status).toBe(200)
    expect((await alice.get('')).json).toMatchObject({ email_verified: true })
    await logsIn('alice', PIN)
    expect(api.mails.at(-1)!.to.toLowerCase()).toBe(NEW)
  })

  it('stays as it is by a wrong code, of which it says so', async () => {
    const { json } = await asksFor(NEW)
    const otp = api.lastCode()
    const wrong = await confirms(json.transaction_id, otherThan(otp))
    expect(wrong).toMatchObject({
      status: 403,
      json: { type: problemType('wrong_code'), reason: 'wrong' },
    })
    expect((await confirms(json.transaction_id, otp)).status).toBe(200)
  })

  it('lets nobody in by its code, on no wire', async () => {
    const { json } = await asksFor(NEW)
    const otp = api.lastCode()
    const step = { user: 'alice', transaction_id: json.transaction_id, otp }
    const path = `/v1/challenges/${json.transaction_id}/answer`
    expect((await api.login(path, { json: { user: 'alice', otp } })).status).toBe(403)
    expect((await api.self('/v1/self/sessions', { json: step })).status).toBe(403)
    const combined = { user: 'alice', pass: PIN + otp }
    expect((await api.login('/v1/authentications', { json: combined })).status).toBe(403)
  })

  it("is not confirmed by somebody else's session, nor theirs by mine", async () => {
    const bob = await signsIn(api, 'bob', 'bob')
    const { json } = await asksFor(NEW)
    const proof = { transaction_id: json.transaction_id, otp: api.lastCode() }
    expect((await bob.post('/address/confirmations', proof)).status).toBe(403)
    expect((await bob.remove('/address/pending')).status).toBe(404)
    expect((await api.account('bob')).email).toBe('bob@example.org')
    expect((await alice.post('/address/confirmations', proof)).status).toBe(200)
  })

  it('is forgotten while it is pending', async () => {
    const { json } = await asksFor(NEW)
    expect((await alice.remove('/address/pending')).status).toBe(204)
    expect((await confirms(json.transaction_id, api.lastCode())).status).toBe(403)
    expect((await alice.remove('/address/pending')).status).toBe(404)
  })

  it.each([
    ['no address', {}, 'malformed'],
    ['registration_off', { 'allowed.reg.factors': '' }, 'registration_off'],
    ['no right', { 'policies/own': policy('setpin') }, 'role'],
  ])('is refused: %s', async (what, settings, code) => {
    api.set(settings)
    const { json } = await asksFor(what === 'no address' ? 'nobody' : NEW)
    expect(json.type).toBe(problemType(code))
    expect(api.mails.filter(({ to }) => to === NEW)).toEqual([])
  })

  it('is that of the directory where edit_email is off (X22)', async () => {
    api.set({ 'policies/own': policy('enrollEMAIL, edit_email=0') })
    expect(await asksFor(NEW)).toMatchObject({ status: 403, json: { type: problemType('role') } })
    expect((await asksFor('Alice@Example.org')).status).toBe(202)
  })

  it('is disputed by whoever reads the one before, which ends every session', async () => {
    api.set({ 'selfservice.url': 'https://otp.example.org/self' })
    const { json } = await asksFor(NEW)
    await confirms(json.transaction_id, api.lastCode())
    const notice = api.mails.findLast(({ to }) => to === 'alice@example.org')!
    const [, reference] = /([0-9]{20})/.exec(notice.text)!
    const [, code] = /((?:[2-9A-Z]{4}-){3}[2-9A-Z]{4})/.exec(notice.text)!
    const says = (code: string) => api.self('/v1/self/disputes', { json: { reference, code } })

    expect((await says('2222-2222-2222-2222')).status).toBe(403)
    expect((await says(code!.toLowerCase())).status).toBe(204)
    expect((await alice.get('')).status).toBe(401)
    expect((await logsIn('alice', PIN)).status).toBe(403)
    expect((await says(code!)).status).toBe(403)
  })

  it('is changed by an administrator, which ends sessions that the one before began', async () => {
    await setAddress(api.ports, await api.account('alice'), NEW)
    expect((await alice.get('')).status).toBe(401)
    const later = await signsIn(api)
    await restoreAddress(api.ports, await api.account('alice'))
    expect((await later.get('')).status).toBe(401)
  })

  it('is changed in the name of its owner only, as the log tells', async () => {
    await asksFor(NEW)
    expect(api.lines.findLast(({ message }) => message === 'request')).toMatchObject({
      path: '/v1/self/address',
      actor: { username: 'alice', role: 'user' },
      user: 'alice',
      realm: 'demo',
    })
    expect(JSON.stringify(api.lines)).not.toContain(NEW)
  })
})

describe('one re-authentication (X34)', () => {
  it('is enough for several changes', async () => {
    api.advance(10 * MINUTE)
    const fresh = await reauthenticates(api, alice)
    expect((await fresh.post('/address', { address: 'one@new.example' })).status).toBe(202)
    expect((await fresh.post('/tokens', { pin: '4711' })).status).toBe(201)
    expect((await fresh.put('/pin', { new: '9999' })).status).toBe(201)
  })
})
