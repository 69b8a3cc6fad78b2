import { beforeEach, describe, expect, it } from 'vitest'
import { authentication } from '../../support/policies.ts'
import type { World } from '../../support/world.ts'
import { createLogins, type Logins } from './logins.ts'

let world: World
let check: Logins['check']

beforeEach(async () => {
  ;({ world, check } = await createLogins())
})

describe('a user who has to choose a PIN', () => {
  it('is told before and asked after the code', async () => {
    world.set(authentication('change_pin_via_validate'))
    await world.enrol(await world.addUser('carl'), { serial: 'EMCARL', changePin: true })
    const challenge = await check({ user: 'carl', pass: '1234' })
    expect(challenge.json.detail).toMatchObject({
      next_pin_change: '2026-11-21T12:00+0000',
      pin_change: true,
      multi_challenge: [{ pin_change: true }],
    })
    const { transaction_id } = challenge.json.detail
    const asked = await check({ user: 'carl', pass: world.lastCode(), transaction_id })
    expect(asked.json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: false })
    const id = asked.json.detail.transaction_id
    expect(asked.json.detail).toEqual({
      message: 'Please enter a new PIN',
      messages: ['Please enter a new PIN'],
      multi_challenge: [
        {
          attributes: null,
          client_mode: 'interactive',
          message: 'Please enter a new PIN',
          serial: 'EMCARL',
          transaction_id: id,
          type: 'email',
        },
      ],
      preferred_client_mode: 'interactive',
      threadid: 1,
      transaction_id: id,
      transaction_ids: [id],
    })
  })
})

describe('a user who adds an address', () => {
  beforeEach(async () => {
    world.set(authentication('enroll_via_multichallenge=EMAIL, enroll_via_multichallenge_optional'))
    const dave = await world.account('dave')
    await world.enrol(dave, { serial: 'SPDAVE', type: 'spass', pin: 'spass' })
  })
  const ask = async () => (await check({ user: 'dave', pass: 'spass' })).json.detail

  it('is asked as recorded', async () => {
    const detail = await ask()
    const challenge = {
      client_mode: 'interactive',
      image: null,
      message: 'Please enter your new email address!',
      serial: detail.serial,
      transaction_id: detail.transaction_id,
      type: 'email',
    }
    expect(detail).toEqual({
      ...challenge,
      enroll_via_multichallenge: true,
      enroll_via_multichallenge_optional: true,
      multi_challenge: [challenge],
      otplen: 6,
      threadid: 1,
      transaction_ids: [detail.transaction_id],
    })
  })

  it('may give none that is not one', async () => {
    const { transaction_id } = await ask()
    const { status, json } = await check({ user: 'dave', pass: 'nope', transaction_id })
    expect(status).toBe(400)
    expect(json.result.error).toEqual({
      code: 401,
      message: 'ERR401: The email address is not valid!',
    })
  })

  it('may decline, by the transaction alone', async () => {
    const { transaction_id } = await ask()
    const cancel = () => check({ cancel_enrollment: '1', transaction_id })
    const first = await cancel()
    expect(first.json.result.authentication).toBe('ACCEPT')
    expect(first.json.detail.message).toBe('Cancelled enrollment via multichallenge')
    const second = await cancel()
    expect(second.json.result.authentication).toBe('REJECT')
    expect(second.json.detail.message).toBe('Failed to cancel enrollment via multichallenge')
    expect((await check({ cancel_enrollment: '1' })).json.result.error.message).toBe(
      'ERR905: Missing parameter: transaction_id',
    )
  })
})
