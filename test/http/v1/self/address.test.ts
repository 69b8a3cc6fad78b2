import { beforeEach, describe, expect, it, vi } from 'vitest'
import { restoreAddress, setAddress } from '../../../../functions/core/registration.ts'
import { otherThan } from '../../../support/world.ts'
import type { Api } from '../api.ts'
import {
  createOwners,
  type Owners,
  type Holder,
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

describe('my address', () => {
  const NEW = 'alice@new.example'
  const asksFor = (address: string) => alice.post('/address', { address })
  const confirms = (transaction_id: string, otp: string) =>
    alice.post('/address/confirmations', { transaction_id, otp })

  it('is another one when the code from there has come back (R22, R24; X30: not before)', async () => {
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
