import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../api.ts'
import {
  asks,
  createOwners,
  type Owners,
  type Holder,
  holding,
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
