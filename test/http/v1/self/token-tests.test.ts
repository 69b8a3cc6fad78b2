import { beforeEach, describe, expect, it, vi } from 'vitest'
import { otherThan } from '../../../support/world.ts'
import type { Api } from '../api.ts'
import { createOwners, SERIAL, type Holder, MINUTE, PIN, problemType } from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let api: Api
let alice: Holder

beforeEach(async () => {
  ;({ api, alice } = await createOwners())
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
