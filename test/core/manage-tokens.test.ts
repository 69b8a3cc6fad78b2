import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Account, newAccount, ownerlessKey } from '../../functions/core/account.ts'
import { AccountBusyError, changeAccount } from '../../functions/core/change-account.ts'
import {
  deleteToken,
  resetFailures,
  revoke,
  setEnabled,
  setPin,
} from '../../functions/core/manage-tokens.ts'
import { issueSelfSession, readSelfSession } from '../../functions/core/self/session.ts'
import { removeUser } from '../../functions/core/users.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const SERIAL = 'EMALICE'
let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: SERIAL })
})

const account = () => world.account('alice')
const token = async () => (await account()).tokens[SERIAL]!
const login = (pass = '1234') => world.check({ user: 'alice', pass })

describe('a token', () => {
  it('is disabled and enabled, and tells whether that changed anything', async () => {
    expect(await setEnabled(world.ports, await account(), SERIAL, true)).toBe(false)
    expect(await setEnabled(world.ports, await account(), SERIAL, false)).toBe(true)
    expect(await login()).toMatchObject({ reason: 'disabled' })
    expect(await setEnabled(world.ports, await account(), SERIAL, false)).toBe(false)
    expect(await setEnabled(world.ports, await account(), SERIAL, true)).toBe(true)
    expect(await login()).toMatchObject({ outcome: 'challenged' })
  })

  it('is revoked for good', async () => {
    expect(await revoke(world.ports, await account(), SERIAL)).toBe(true)
    expect(await login()).toMatchObject({ reason: 'revoked' })
    expect(await revoke(world.ports, await account(), SERIAL)).toBe(false)
    expect(await setEnabled(world.ports, await account(), SERIAL, true)).toBe(false)
    expect(await token()).toMatchObject({ revoked: true, enabled: false })
  })

  it.each(['9999', ''])('that gets the PIN %j ends the sessions of its user', async (pin) => {
    const start = { account: await account(), serial: SERIAL }
    const { token: before } = await issueSelfSession(world.ports, start)
    expect(await setPin(world.ports, await account(), SERIAL, pin)).toBe(true)
    expect(await readSelfSession(world.ports, before)).toBe('ended')
    const next = { ...start, account: await account() }
    const { token: after } = await issueSelfSession(world.ports, next)
    expect(await readSelfSession(world.ports, after)).toMatchObject({ session: { serial: SERIAL } })
  })

  it('that is not there gets no PIN, and ends no session', async () => {
    const start = { account: await account(), serial: SERIAL }
    const { token: session } = await issueSelfSession(world.ports, start)
    expect(await setPin(world.ports, await account(), 'EMNOBODY', '9999')).toBe(false)
    expect(await readSelfSession(world.ports, session)).toMatchObject({ session: {} })
  })

  it('is unlocked: failures, wrong PINs and the run of wrong answers start anew', async () => {
    const { key } = await account()
    for (let time = 0; time < 10; time++) {
      await world.ports.accounts.charge(key, { at: world.now(), evaluated: 1, serials: [SERIAL] })
    }
    expect(await login()).toMatchObject({ reason: 'locked' })
    expect(await resetFailures(world.ports, await account(), SERIAL)).toBe(true)
    expect(await token()).toMatchObject({ failcount: 0 })
    const { consecutive, pinFailures, wrong } = await account()
    expect({ consecutive, pinFailures }).toEqual({ consecutive: 0, pinFailures: 0 })
    expect(wrong).toHaveLength(10)
    expect(await login()).toMatchObject({ outcome: 'challenged' })
  })

  it('gets another PIN, and none by the empty one', async () => {
    await setPin(world.ports, await account(), SERIAL, '5678')
    expect(await login('1234')).toMatchObject({ reason: 'wrong_pin' })
    expect(await login('5678')).toMatchObject({ outcome: 'challenged' })
    await setPin(world.ports, await account(), SERIAL, '')
    expect((await token()).pin).toBeUndefined()
    expect(await login('')).toMatchObject({ outcome: 'challenged' })
  })

  it('that does not exist is not changed', async () => {
    const before = await account()
    expect(await setEnabled(world.ports, before, 'EMGONE', false)).toBe(false)
    expect(await revoke(world.ports, before, 'EMGONE')).toBe(false)
    expect(await resetFailures(world.ports, before, 'EMGONE')).toBe(false)
    expect(await setPin(world.ports, before, 'EMGONE', '1')).toBe(false)
    expect(await deleteToken(world.ports, before, 'EMGONE')).toBe(false)
    expect(await account()).toEqual(before)
  })

  it('of a user who is gone is not changed', async () => {
    const before = await account()
    await world.ports.accounts.remove(before)
    expect(await setEnabled(world.ports, before, SERIAL, false)).toBe(false)
    expect(await resetFailures(world.ports, before, SERIAL)).toBe(false)
    expect(await deleteToken(world.ports, before, SERIAL)).toBe(false)
  })

  it('is changed by several at the same time as if one came after the other', async () => {
    const before = await account()
    await Promise.all([
      setEnabled(world.ports, before, SERIAL, false),
      setPin(world.ports, before, SERIAL, ''),
      world.ports.accounts.charge(before.key, { at: 1, evaluated: 1, serials: [SERIAL] }),
    ])
    expect(await token()).toMatchObject({ enabled: false, failcount: 1 })
    expect((await token()).pin).toBeUndefined()
  })
})

describe('deleting a token', () => {
  it('frees its serial and ends its challenges', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    expect(await deleteToken(world.ports, await account(), SERIAL)).toBe(true)
    expect(await world.ports.accounts.findSerial(SERIAL)).toBeUndefined()
    await world.enrol(await account(), { serial: SERIAL })
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('leaves the other tokens and their challenges', async () => {
    await world.enrol(await account(), { serial: 'EMOTHER', email: 'other@example.org' })
    const { transactionId } = await world.triggered('alice')
    await deleteToken(world.ports, await account(), SERIAL)
    const answer = { user: 'alice', transactionId, pass: world.lastCode() }
    expect(world.mails.at(-1)!.to).toBe('other@example.org')
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted', serial: 'EMOTHER' })
  })

  it('works on what is stored now, not on what was read before', async () => {
    const before = await account()
    await world.ports.accounts.charge(before.key, { at: 1, evaluated: 1, serials: [] })
    expect(await deleteToken(world.ports, before, SERIAL)).toBe(true)
    expect(await account()).toMatchObject({ tokens: {}, wrong: [1] })
  })

  it('of nobody works on what is stored now, too', async () => {
    const { accounts } = world.ports
    const free = newAccount(ownerlessKey('EMFREE'), 'demo')
    await accounts.create(free)
    await world.enrol(free, { serial: 'EMFREE', email: 'free@example.org' })
    const before = (await accounts.get(free.key))!
    await accounts.charge(free.key, { at: 1, evaluated: 1, serials: [] })
    expect(await deleteToken(world.ports, before, 'EMFREE')).toBe(true)
    expect(await accounts.findSerial('EMFREE')).toBeUndefined()
    expect(await accounts.get(free.key)).toBeUndefined()
  })

  it('twice at the same time succeeds once', async () => {
    const before = await account()
    const deleted = await Promise.all([
      deleteToken(world.ports, before, SERIAL),
      deleteToken(world.ports, before, SERIAL),
    ])
    expect(deleted.filter(Boolean)).toHaveLength(1)
  })
})

describe('removing a user', () => {
  it('takes a token that was added while the user was read', async () => {
    const { accounts } = world.ports
    let added = false
    const racing = {
      ...accounts,
      async remove(read: Account) {
        if (!added) await world.enrol(read, { serial: 'EMLATE', email: 'late@example.org' })
        added = true
        return accounts.remove(read)
      },
    }
    expect(await removeUser({ ...world.ports, accounts: racing }, 'demo', 'alice')).toBe(true)
    expect(await account()).toBeUndefined()
    expect(await accounts.findSerial(SERIAL)).toBeUndefined()
    expect(await accounts.findSerial('EMLATE')).toBeUndefined()
  })

  it('tells when there was none', async () => {
    expect(await removeUser(world.ports, 'demo', 'nobody')).toBe(false)
  })
})

describe('changing an account', () => {
  const bump = () => async () =>
    changeAccount(world.ports, await account(), (current) => ({
      after: { ...current, consecutive: current.consecutive + 1 },
      result: current.consecutive,
    }))

  it('loses no change of fifty at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, bump()))
    expect((await account()).consecutive).toBe(50)
    expect(results.toSorted((a, b) => a! - b!)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })

  it('writes nothing where there is nothing to write', async () => {
    const before = await account()
    expect(await changeAccount(world.ports, before, () => ({ result: 'seen' }))).toBe('seen')
    expect(await account()).toEqual(before)
  })

  it('gives up when it never comes first', async () => {
    const before = await account()
    let tries = 0
    world.ports.accounts.save = async () => {
      tries += 1
      return { saved: false, current: before }
    }
    await expect(bump()()).rejects.toThrow(AccountBusyError)
    expect(tries).toBe(64)
  })
})
