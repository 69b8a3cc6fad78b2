import { beforeEach, describe, expect, it, vi } from 'vitest'
import { changePin, type PinChange } from '../../../functions/core/self/change-pin.ts'
import { issueSelfSession, readSelfSession } from '../../../functions/core/self/session.ts'
import { authentication } from '../../support/policies.ts'
import { createWorld, type World } from '../../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const CALLER = { clientIp: '192.0.2.1' }
let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
})

const account = () => world.account('alice')
const change = async (given: Partial<PinChange>) =>
  changePin(world.ports, await account(), { new: '9999', caller: CALLER, ...given })
const outcomeOf = async (pass: string) => (await world.check({ user: 'alice', pass })).outcome

describe('a new PIN', () => {
  it('is for every token that mails codes, and the old one is none any more', async () => {
    await world.enrol(await account(), { serial: 'EMOTHER', pin: '5678' })
    expect(await change({ old: '1234' })).toMatchObject({
      changed: true,
      serials: ['EMALICE', 'EMOTHER'],
    })
    expect([await outcomeOf('1234'), await outcomeOf('5678')]).toEqual(['rejected', 'rejected'])
    expect(await outcomeOf('9999')).toBe('challenged')
  })

  it('is for one token where one is named', async () => {
    await world.enrol(await account(), { serial: 'EMOTHER', pin: '5678' })
    expect(await change({ serial: 'EMOTHER' })).toMatchObject({ serials: ['EMOTHER'] })
    expect([await outcomeOf('1234'), await outcomeOf('9999')]).toEqual(['challenged', 'challenged'])
    expect(await outcomeOf('5678')).toBe('rejected')
  })

  it('ends sessions and codes in the one write that sets it', async () => {
    const start = { account: await account(), serial: 'EMALICE' }
    const { token } = await issueSelfSession(world.ports, start)
    const { transactionId, otp } = await world.triggered('alice')
    const save = vi.spyOn(world.ports.accounts, 'save')
    const result = await change({ old: '1234' })
    expect(save).toHaveBeenCalledTimes(1)
    const { rev: _rev, ...after } = await account()
    expect(result).toMatchObject({ changed: true, account: after })
    expect(await readSelfSession(world.ports, token)).toBe('ended')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('is what a login asked for: it asks no more', async () => {
    world.set(authentication('change_pin_via_validate'))
    await world.enrol(await world.addUser('bob'), { serial: 'EMBOB', changePin: true })
    const bob = await world.account('bob')
    expect(bob.tokens.EMBOB!.pinChangeDue).toBeDefined()
    await changePin(world.ports, bob, { new: '9999', caller: CALLER })
    expect((await world.account('bob')).tokens.EMBOB).not.toHaveProperty('pinChangeDue')
    const { transactionId, otp } = await world.triggered('bob', '9999')
    expect(await world.check({ user: 'bob', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })
})

describe('no new PIN', () => {
  it.each(['0000', ''])('is set by the wrong old one %j, which counts', async (old) => {
    expect(await change({ old })).toEqual({ changed: false, reason: 'wrong_pin' })
    expect((await account()).pinFailures).toBe(1)
    expect(await outcomeOf('1234')).toBe('challenged')
  })

  it('is had by guessing: after some wrong ones the right one must wait', async () => {
    for (let tries = 0; tries < 8; tries++) await change({ old: '0000' })
    expect(await change({ old: '1234' })).toEqual({ changed: false, reason: 'wrong_pin' })
    world.advance(3_600_000)
    expect(await change({ old: '1234' })).toMatchObject({ changed: true })
  })

  it('is had by a burst of guesses, of which one is right', async () => {
    const before = await account()
    const wrong = Array.from({ length: 30 }, () =>
      changePin(world.ports, before, { old: '0000', new: '9999', caller: CALLER }),
    )
    await Promise.all(wrong)
    // decided on the state before the burst, written on the one after it
    const late = await changePin(world.ports, before, { old: '1234', new: '9999', caller: CALLER })
    expect(late).toEqual({ changed: false, reason: 'wrong_pin' })
  })

  it.each([
    ['for somebody without a token', undefined],
    ["for a token that is not the user's", 'EMBOB'],
  ])('is set %s', async (_whom, serial) => {
    await world.enrol(await world.addUser('bob'), { serial: 'EMBOB' })
    const whose = serial ? await account() : await world.addUser('carol')
    const result = await changePin(world.ports, whose, { new: '9999', serial, caller: CALLER })
    expect(result).toEqual({ changed: false, reason: 'no_token' })
  })

  it('is set for a token that mails nothing, or is revoked', async () => {
    const { revoke } = await import('../../../functions/core/manage-tokens.ts')
    await world.enrol(await account(), { serial: 'SPALICE', type: 'spass', pin: '5678' })
    await revoke(world.ports, await account(), 'EMALICE')
    for (const serial of ['SPALICE', 'EMALICE', undefined]) {
      expect(await change({ serial })).toEqual({ changed: false, reason: 'no_token' })
    }
  })
})
