/** The derivation is by far the costliest step of a login, so each is counted. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { confirmAddress, requestAddress } from '../../functions/core/registration.ts'
import { authentication } from '../support/policies.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

const derived = vi.hoisted(() => [] as string[])
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  const argon2: typeof crypto.argon2 = (algorithm, parameters, callback) => {
    derived.push(Buffer.from(parameters.message as Uint8Array).toString())
    crypto.argon2(algorithm, parameters, callback)
  }
  return { ...crypto, argon2 }
})

let world: World
beforeEach(async () => {
  world = createWorld()
  const alice = await world.addUser('alice')
  await world.enrol(alice, { serial: 'EMONE', pin: '1234' })
  await world.enrol(await world.account('alice'), { serial: 'EMTWO', pin: '1234' })
  await world.enrol(await world.account('alice'), { serial: 'EMTHREE', pin: 'other' })
  await world.enrol(await world.addUser('bob'), { serial: 'EMBOB', pin: '' })
  derived.length = 0
})

describe('a login request derives', () => {
  it('the PIN once, however many tokens there are', async () => {
    await world.check({ user: 'alice', pass: '1234' })
    expect(derived).toEqual(['1234'])
  })

  it('a PIN and a code once as a whole and once without the code', async () => {
    const { otp } = await world.triggered('alice')
    derived.length = 0
    await world.check({ user: 'alice', pass: `1234${otp}` })
    expect(derived).toEqual([`1234${otp}`, '1234'])
  })

  it('the PIN for one more length of codes at most than tokens ask for, whatever waits', async () => {
    world.set({
      ...{ 'email.concurrent_challenges': 'true', 'mail.per_hour': '0' },
      'account.max_wrong_per_day': '100',
    })
    const asks = async (digits: number, serial?: string) => {
      world.set(authentication(`email_otplen=${digits}`))
      await world.check({ user: 'alice', serial, pass: '1234' })
    }
    for (const digits of [10, 8, 6]) await asks(digits)
    derived.length = 0
    await world.check({ user: 'alice', pass: 'wrong123456789012' })
    expect(derived).toEqual(['wrong123456789012', 'wrong123456', 'wrong1234'])
    for (const digits of [10, 9]) await asks(digits, 'EMTWO')
    derived.length = 0
    await world.check({ user: 'alice', pass: 'wrong123456789012' })
    expect(derived).toHaveLength(4)
  })

  it('what does not end in a code once', async () => {
    await world.check({ user: 'alice', pass: 'wrong' })
    expect(derived).toEqual(['wrong'])
  })

  it('nothing where no PIN is set', async () => {
    const { otp } = await world.triggered('bob', '')
    await world.check({ user: 'bob', pass: otp })
    expect(derived).toEqual([])
  })

  it('nothing when it answers by transaction_id', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    derived.length = 0
    await world.check({ user: 'alice', transactionId, pass: otp })
    expect(derived).toEqual([])
  })

  it('nothing while wrong PINs are delayed', async () => {
    for (let time = 0; time < 5; time++) await world.check({ user: 'alice', pass: 'wrong' })
    derived.length = 0
    await world.check({ user: 'alice', pass: '1234' })
    expect(derived).toEqual([])
  })
})

describe('the confirmation of a first address', () => {
  it('derives the PIN of the token for who has the code, and nothing for who guesses', async () => {
    const caller = { clientIp: '192.0.2.1' }
    const carol = await world.addUser('carol', '')
    const asked = await requestAddress(world.ports, carol, 'c@new.example', { by: 'self', caller })
    if (!asked.requested) throw new Error(asked.reason)
    const otp = world.lastCode()
    const confirm = async (code: string, nonce: string) => {
      const proof = { transactionId: asked.pending.transactionId, code, nonce, caller, pin: '4711' }
      return confirmAddress(world.ports, await world.account('carol'), proof)
    }
    for (const nonce of ['n1', 'n2']) {
      expect(await confirm(otherThan(otp), nonce)).toMatchObject({ reason: 'wrong' })
    }
    expect(derived).toEqual([])
    expect(await confirm(otp, 'n3')).toMatchObject({ confirmed: true })
    expect(derived).toEqual(['4711'])
    expect(await confirm(otp, 'n4')).toMatchObject({ reason: 'gone' })
    expect(derived).toEqual(['4711'])
    expect(await world.check({ user: 'carol', pass: '4711' })).toMatchObject({
      outcome: 'challenged',
    })
  })
})
