import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ownerlessKey } from '../../functions/core/account.ts'
import { AccountBusyError } from '../../functions/core/change-account.ts'
import { type Enrolment, enrolToken } from '../../functions/core/enrol-token.ts'
import { revoke, setEnabled } from '../../functions/core/manage-tokens.ts'
import { hotp } from '../../functions/core/otp.ts'
import { pinMatcher } from '../../functions/core/pin.ts'
import { open } from '../../functions/core/seal.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.addUser('alice')
  await world.addUser('bob')
})

const enrol = async (login: string | undefined, enrolment: Omit<Enrolment, 'account'> = {}) => {
  const account = login === undefined ? undefined : await world.account(login)
  return enrolToken(world.ports, { account, ...enrolment })
}
const token = async (login: string, serial: string) => (await world.account(login)).tokens[serial]!

describe('enrolling', () => {
  it('makes up a serial and the settings fill in the rest', async () => {
    world.set({ 'otp.length': '8', 'token.max_failcount': '7' })
    const result = await enrol('alice')
    if (!result.enrolled) throw new Error(result.reason)
    expect(result.token).toMatchObject({
      counter: 0,
      digits: 8,
      algorithm: 'sha1',
      maxFailcount: 7,
      enabled: true,
      revoked: false,
      failcount: 0,
      rollout: 'enrolled',
      createdAt: world.now(),
    })
    expect(result.token.serial).toMatch(/^EM[0-9A-F]{8}$/)
    expect(await token('alice', result.token.serial)).toEqual(result.token)
  })

  it('takes what it is given', async () => {
    const given = { digits: 10, algorithm: 'sha512', description: 'phone', email: 'x@example.org' }
    const result = await enrol('alice', { serial: 'EMX', ...given } as Enrolment)
    expect(result).toMatchObject({ enrolled: true, token: { serial: 'EMX', ...given } })
  })

  it('has the first code derived from counter 1 of the secret it was given', async () => {
    const secret = randomBytes(20)
    await enrol('alice', { serial: 'EMX', secret })
    const { otp } = await world.triggered('alice', '')
    expect(otp).toBe(hotp({ secret, counter: 1, digits: 6, algorithm: 'sha1' }))
  })

  it('makes a random secret of 160 bits and seals it to the serial', async () => {
    await enrol('alice', { serial: 'EMONE' })
    await enrol('alice', { serial: 'EMTWO' })
    const key = await world.ports.keyring.key('secret')
    const one = (await token('alice', 'EMONE')).secret
    const two = (await token('alice', 'EMTWO')).secret
    expect(open(key, one, 'EMONE')).toHaveLength(20)
    expect(open(key, one, 'EMONE')).not.toEqual(open(key, two, 'EMTWO'))
    expect(() => open(key, one, 'EMTWO')).toThrow()
  })

  it('keeps no PIN and no secret in clear', async () => {
    const secret = randomBytes(20)
    await enrol('alice', { serial: 'EMX', pin: 'correct horse', secret })
    const stored = JSON.stringify(await world.account('alice'))
    for (const text of ['correct horse', secret.toString('base64'), secret.toString('hex')]) {
      expect(stored).not.toContain(text)
    }
  })

  it('gives the tokens of an account one salt, so that checking them costs one derivation', async () => {
    await enrol('alice', { serial: 'EMONE', pin: '1' })
    await enrol('alice', { serial: 'EMTWO', pin: '2' })
    await enrol('bob', { serial: 'EMBOB', pin: '1' })
    const { salt } = (await token('alice', 'EMONE')).pin!
    expect((await token('alice', 'EMTWO')).pin!.salt).toBe(salt)
    expect((await token('bob', 'EMBOB')).pin!.salt).not.toBe(salt)
  })

  it.each(['constructor', '__proto__', 'toString'])(
    'refuses %s, which every object has',
    async (serial) => {
      expect(await enrol('alice', { serial })).toMatchObject({
        enrolled: false,
        reason: 'bad_serial',
      })
      expect((await world.account('alice')).tokens).toEqual({})
    },
  )

  it('refuses a serial that is somebody else’s', async () => {
    await enrol('bob', { serial: 'EMX' })
    expect(await enrol('alice', { serial: 'EMX' })).toEqual({
      enrolled: false,
      reason: 'serial_of_other',
    })
    expect((await world.account('alice')).tokens).toEqual({})
  })

  it('of one serial by two at the same time succeeds once', async () => {
    const results = await Promise.all([
      enrol('alice', { serial: 'EMX' }),
      enrol('bob', { serial: 'EMX' }),
    ])
    expect(results.filter(({ enrolled }) => enrolled)).toHaveLength(1)
    expect(results).toContainEqual({ enrolled: false, reason: 'serial_of_other' })
  })

  it('of several tokens of one user at the same time succeeds', async () => {
    const serials = ['EMA', 'EMB', 'EMC', 'EMD']
    const results = await Promise.all(serials.map((serial) => enrol('alice', { serial })))
    expect(results.every(({ enrolled }) => enrolled)).toBe(true)
    expect(Object.keys((await world.account('alice')).tokens).sort()).toEqual(serials)
  })

  it('refuses a token that no mail could reach', async () => {
    await world.addUser('carol', '')
    expect(await enrol('carol')).toEqual({ enrolled: false, reason: 'no_address' })
    expect(await enrol('carol', { email: 'c@example.org' })).toMatchObject({ enrolled: true })
  })

  it('refuses the fifty-first token of a user', async () => {
    for (let index = 0; index < 50; index++) {
      expect(await enrol('alice', { serial: `EM${index}` })).toMatchObject({ enrolled: true })
    }
    expect(await enrol('alice', { serial: 'EM50' })).toEqual({
      enrolled: false,
      reason: 'too_many',
    })
    expect(await enrol('alice', { serial: 'EM49' })).toMatchObject({ enrolled: true })
  })

  it('gives up, and changes nothing, when somebody else is always first', async () => {
    const before = await world.account('alice')
    world.ports.accounts.addToken = async () => ({ saved: false, current: before })
    await expect(enrol('alice', { serial: 'EMX' })).rejects.toThrow(AccountBusyError)
    expect(await world.account('alice')).toEqual(before)
  })
})

it('gives the account as it is stored, so that the next write needs no second try', async () => {
  for (const more of [{}, { pin: 'another' }]) {
    const result = await enrol('alice', { serial: 'EM1', pin: '1234', ...more })
    if (!result.enrolled) throw new Error(result.reason)
    expect(result.account).toEqual(await world.account('alice'))
  }
})

describe('enrolling anew', () => {
  beforeEach(() => enrol('alice', { serial: 'EMX', pin: '1234', email: 'old@example.org' }))

  it('makes a new secret and ends the open challenges', async () => {
    const before = await token('alice', 'EMX')
    const { transactionId, otp } = await world.triggered('alice')
    await enrol('alice', { serial: 'EMX' })
    expect((await token('alice', 'EMX')).secret).not.toBe(before.secret)
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('keeps the PIN unless there is a new one', async () => {
    await enrol('alice', { serial: 'EMX' })
    const matches = pinMatcher(await world.ports.keyring.key('pin'))
    expect(await matches('1234', (await token('alice', 'EMX')).pin)).toBe(true)
    await enrol('alice', { serial: 'EMX', pin: '5678' })
    expect(await matches('1234', (await token('alice', 'EMX')).pin)).toBe(false)
    expect(await matches('5678', (await token('alice', 'EMX')).pin)).toBe(true)
  })

  it('keeps its lock, what was noted about it, and that it is disabled', async () => {
    const notes = { identifier: 'sink', validUntil: world.now() + 5, info: { a: '1' } }
    await enrol('alice', { serial: 'EMX', description: 'desk', ...notes })
    const { key } = await world.account('alice')
    await world.ports.accounts.charge(key, { at: 5, evaluated: 0, serials: ['EMX'] })
    await setEnabled(world.ports, await world.account('alice'), 'EMX', false)
    await enrol('alice', { serial: 'EMX', info: { b: '2' } })
    expect(await token('alice', 'EMX')).toMatchObject({
      ...{ ...notes, description: 'desk', failcount: 1, enabled: false },
      info: { a: '1', b: '2' },
    })
  })

  it('does not bring a revoked one back, nor change the type', async () => {
    expect(await enrol('alice', { serial: 'EMX', type: 'spass', pin: '1' })).toMatchObject({
      reason: 'other_type',
    })
    await revoke(world.ports, await world.account('alice'), 'EMX')
    expect(await enrol('alice', { serial: 'EMX' })).toMatchObject({ reason: 'revoked' })
  })

  it('leaves the budgets of the account as they are', async () => {
    await world.ports.accounts.charge('account/demo/alice', { at: 5, evaluated: 3, serials: [] })
    await enrol('alice', { serial: 'EMX' })
    expect(await world.account('alice')).toMatchObject({ wrong: [5, 5, 5], consecutive: 3 })
  })
})

describe('a token that belongs to nobody', () => {
  it('has an account of its own, and is used by its serial', async () => {
    await enrol(undefined, { serial: 'EMX', email: 'x@example.org' })
    expect(await world.check({ serial: 'EMX', pass: '' })).toMatchObject({ outcome: 'challenged' })
    expect(await world.ports.accounts.findSerial('EMX')).toBe(ownerlessKey('EMX'))
  })

  it('is enrolled anew by its serial', async () => {
    await enrol(undefined, { serial: 'EMX', email: 'x@example.org' })
    expect(await enrol(undefined, { serial: 'EMX', email: 'y@example.org' })).toMatchObject({
      enrolled: true,
      token: { email: 'y@example.org' },
    })
  })

  it('leaves nothing behind when it has no address', async () => {
    expect(await enrol(undefined, { serial: 'EMX' })).toEqual({
      enrolled: false,
      reason: 'no_address',
    })
    expect(await world.ports.accounts.get(ownerlessKey('EMX'))).toBeUndefined()
  })
})
