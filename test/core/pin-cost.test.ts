/** The derivation is by far the costliest step of a login, so each is counted. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, type World } from '../support/world.ts'

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
