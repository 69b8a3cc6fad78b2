import { beforeEach, describe, expect, it } from 'vitest'
import { otherThan, type World } from '../../support/world.ts'
import { createLogins, type Logins } from './logins.ts'

let world: World
let check: Logins['check']

beforeEach(async () => {
  ;({ world, check } = await createLogins())
})

describe('the answers clients decide on', () => {
  it('a challenge: not let in, with everything a plugin looks for', async () => {
    const { status, json } = await check({ user: 'alice', pass: '1234' })
    expect(status).toBe(200)
    expect(json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: false })
    const { detail } = json
    expect(detail.transaction_id).toMatch(/^[0-9]{20}$/)
    expect(detail).toMatchObject({
      attributes: { state: null, valid_until: '2026-11-21 12:02:00.000000' },
      client_mode: 'interactive',
      message: 'Enter the OTP from the Email',
      messages: ['Enter the OTP from the Email'],
      multi_challenge: [
        { transaction_id: detail.transaction_id, type: 'email', serial: 'EMALICE' },
      ],
      preferred_client_mode: 'interactive',
      serial: 'EMALICE',
      transaction_ids: [detail.transaction_id],
      type: 'email',
    })
    expect(JSON.stringify(json)).not.toContain(world.lastCode())
  })

  it('the right code: let in, and the second time not', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const form = { user: 'alice', transaction_id: transactionId, pass: otp }
    const first = await check(form)
    expect(first.json.result).toEqual({ authentication: 'ACCEPT', status: true, value: true })
    expect(first.json.detail).toMatchObject({
      message: 'Found matching challenge',
      serial: 'EMALICE',
    })
    const second = await check(form)
    expect(second.json.result).toEqual({ authentication: 'REJECT', status: true, value: false })
    expect(second.json.detail).toEqual({ message: 'wrong otp pin', threadid: 1 })
  })

  it('takes the id as `state` too', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { json } = await check({ user: 'alice', state: transactionId, pass: otp })
    expect(json.result.authentication).toBe('ACCEPT')
  })

  it('PIN and code in one', async () => {
    const { otp } = await world.triggered('alice')
    const { json } = await check({ user: 'alice', pass: `1234${otp}` })
    expect(json.detail).toMatchObject({ message: 'matching 1 tokens', otplen: 6, type: 'email' })
  })

  it('a wrong code carries no transaction_id, or FreeRADIUS would ask again', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { json } = await check({
      user: 'alice',
      transaction_id: transactionId,
      pass: otherThan(otp),
    })
    expect(json.detail).toEqual({
      message: 'Response did not match the challenge.',
      serial: 'EMALICE',
      threadid: 1,
      type: 'email',
    })
  })

  it.each([
    [{ user: 'nobody', pass: 'x' }, 400, 904, 'ERR904: User <nobody@demo> does not exist.'],
    [
      { user: 'alice', realm: 'nope', pass: 'x' },
      400,
      904,
      'ERR904: User <alice@nope> does not exist.',
    ],
    [{ pass: 'x' }, 400, 905, 'ERR905: You need to specify a serial, user or credential_id.'],
    [
      { user: '', pass: 'x' },
      400,
      905,
      'ERR905: You need to specify a serial, user or credential_id.',
    ],
    [{ user: 'alice' }, 400, 905, 'ERR905: Missing parameter: pass'],
    [{ serial: 'NOPE', pass: 'x' }, 404, 601, 'The requested token could not be found.'],
    [{ serial: 'EM*', pass: 'x' }, 400, 905, 'ERR905: Invalid serial number.'],
    [
      { serial: 'EMALICE', user: 'dave', pass: 'x' },
      400,
      905,
      'ERR905: Given serial does not belong to given user!',
    ],
  ])('%o → %i %i', async (form, status, code, message) => {
    const reply = await check(form as Record<string, string>)
    expect(reply.status).toBe(status)
    expect(reply.json.result).toEqual({ status: false, error: { code, message } })
  })

  it('a user without a token', async () => {
    const { json } = await check({ user: 'dave', pass: 'x' })
    expect(json.detail.message).toBe('The user has no tokens assigned')
  })

  it('tells a mail that could not be sent from a wrong PIN', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.result.authentication).toBe('REJECT')
    expect(json.detail).toMatchObject({
      message: 'The PIN was correct, but the EMail could not be sent!',
      multi_challenge: [],
      transaction_ids: [],
    })
  })

  it('echoes the nonce', async () => {
    expect((await check({ user: 'alice', pass: 'x', nonce: 'abc' })).json.nonce).toBe('abc')
  })
})

it('writes no PIN, code or unknown name into the log', async () => {
  const { transactionId, otp } = await world.triggered('alice')
  await check({ user: 'alice', pass: 'hunter2' })
  await check({ user: 'hunter2', pass: '1234' })
  await check({ user: 'alice', transaction_id: transactionId, pass: otp })
  const text = JSON.stringify(world.lines)
  expect(world.lines.length).toBeGreaterThan(3)
  for (const secret of ['hunter2', '1234', otp]) expect(text).not.toContain(`"${secret}`)
})
