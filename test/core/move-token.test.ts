import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ownerlessKey } from '../../functions/core/account.ts'
import { AccountBusyError } from '../../functions/core/change-account.ts'
import { assignToken, unassignToken } from '../../functions/core/move-token.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EM1' })
  await world.addUser('bob')
})
const allowed = () => undefined
const assign = async (login: string, forbid: () => string | undefined = allowed) =>
  assignToken(world.ports, 'EM1', await world.account(login), forbid)
const holder = () => world.ports.accounts.findSerial('EM1')

describe('a token', () => {
  it('goes from its owner to nobody and from there to another', async () => {
    expect(await unassignToken(world.ports, 'EM1')).toBe(true)
    expect(await holder()).toBe(ownerlessKey('EM1'))
    expect(await assign('bob')).toEqual({ assigned: true })
    expect(await holder()).toBe('account/demo/bob')
    expect(await world.ports.accounts.get(ownerlessKey('EM1'))).toBeUndefined()
  })

  it('has no PIN without an owner', async () => {
    await unassignToken(world.ports, 'EM1')
    const account = (await world.ports.accounts.get(ownerlessKey('EM1')))!
    expect(account.tokens.EM1!.pin).toBeUndefined()
    expect(account.tokens.EM1!.enabled).toBe(true)
  })

  it('that asks for nothing but its PIN is disabled without one', async () => {
    await world.enrol(await world.account('alice'), { serial: 'SP1', type: 'spass', pin: 'x' })
    await unassignToken(world.ports, 'SP1')
    const account = (await world.ports.accounts.get(ownerlessKey('SP1')))!
    expect(account.tokens.SP1).toMatchObject({ enabled: false })
  })

  it('leaves the guesses of its challenges reserved, and nothing to answer', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await unassignToken(world.ports, 'EM1')
    const { open } = await world.account('alice')
    expect(open).toMatchObject([{ transactionId, superseded: true, attempts: 5 }])
    for (const subject of [{ user: 'alice' }, { serial: 'EM1' }]) {
      const outcome = await world.check({ ...subject, transactionId, pass: otp })
      expect(outcome.outcome).toBe('rejected')
    }
  })

  it('is not taken from an owner, nor given to who may not have it', async () => {
    expect(await assign('bob')).toMatchObject({ assigned: false, reason: 'owned' })
    expect(await assign('alice')).toEqual({ assigned: true })
    await unassignToken(world.ports, 'EM1')
    const message = 'enough'
    expect(await assign('bob', () => message)).toEqual({
      ...{ assigned: false, reason: 'forbidden', message },
    })
    expect(await holder()).toBe(ownerlessKey('EM1'))
  })

  it('given to two at once has one owner', async () => {
    await unassignToken(world.ports, 'EM1')
    const results = await Promise.all([assign('alice'), assign('bob')])
    expect(results.filter(({ assigned }) => assigned)).toHaveLength(1)
    const held = await Promise.all(['alice', 'bob'].map((login) => world.account(login)))
    expect(held.filter(({ tokens }) => tokens.EM1)).toHaveLength(1)
  })

  it('moves while its account is busy', async () => {
    const { key } = await world.account('alice')
    const charge = () => world.ports.accounts.charge(key, { at: 1, evaluated: 1, serials: [] })
    await Promise.all([charge(), unassignToken(world.ports, 'EM1'), charge()])
    expect((await world.account('alice')).consecutive).toBe(2)
    expect((await world.account('alice')).tokens).toEqual({})
  })

  it('stays when somebody else is always first', async () => {
    world.ports.accounts.moveToken = async () => false
    await expect(unassignToken(world.ports, 'EM1')).rejects.toThrow(AccountBusyError)
    expect(await holder()).toBe('account/demo/alice')
  })

  it('that nobody knows is not moved', async () => {
    expect(await unassignToken(world.ports, 'EM2')).toBe(false)
    const bob = await world.account('bob')
    expect(await assignToken(world.ports, 'EM2', bob, allowed)).toMatchObject({
      reason: 'unknown_serial',
    })
  })
})
