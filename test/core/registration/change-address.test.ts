import { beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../../../functions/core/account.ts'
import { deliverySubject } from '../../../functions/core/delivery-subject.ts'
import { cancelAddress } from '../../../functions/core/registration.ts'
import { updateUser } from '../../../functions/core/users.ts'
import { createWorld, otherThan, type World } from '../../support/world.ts'
import { registering } from './registering.ts'

let world: World
const { asked, confirm } = registering(() => world)

beforeEach(() => {
  world = createWorld()
})

describe('another address', () => {
  let alice: Account
  beforeEach(async () => {
    alice = await world.addUser('alice')
    await world.enrol(alice, { serial: 'EM00000001', email: 'alice@example.org' })
    await world.enrol(alice, { serial: 'EM00000002', email: 'second@example.org' })
    await world.enrol(alice, { serial: 'EM00000003' })
  })

  it('R24 R28 takes the place of the old one at once, everywhere it was', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    expect(await world.account('alice')).toMatchObject({ email: 'alice@example.org' })
    expect(await confirm(transactionId, otp)).toMatchObject({
      reason: 'update',
      addresses: { old: { mask: 'al********@e****.org' }, new: { mask: 'n*********@e****.net' } },
    })
    const account = await world.account('alice')
    expect(account.email).toBe('new@example.net')
    expect(account.tokens.EM00000001!.email).toBe('new@example.net')
    expect(account.tokens.EM00000002!.email).toBe('second@example.org')
    expect(account.tokens.EM00000003!.email).toBeUndefined()
  })

  it('R28 ends open logins: a code that went to the old address is none any more', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const login = await world.triggered('alice')
    await confirm(transactionId, otp)
    const answer = { user: 'alice', pass: login.otp, transactionId: login.transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    expect(await world.check({ user: 'alice', pass: `1234${login.otp}` })).not.toMatchObject({
      outcome: 'accepted',
    })
  })

  it('R18 R27 its code logs in nowhere, and no login code confirms it', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const login = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'rejected',
      reason: 'unknown',
    })
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).not.toMatchObject({
      outcome: 'accepted',
    })
    const stolen = { user: 'alice', pass: otp, transactionId: login.transactionId }
    expect(await world.check(stolen)).toMatchObject({ outcome: 'rejected' })
    expect(await confirm(transactionId, login.otp)).toMatchObject({ reason: 'wrong' })
    expect(await confirm(login.transactionId, login.otp)).toMatchObject({ reason: 'gone' })
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: true })
  })

  it('a second request takes the place of the first, whose code dies and costs no budget', async () => {
    const first = await asked('first@example.net')
    const second = await asked('second@example.net')
    expect(await confirm(first.transactionId, first.otp)).toMatchObject({ reason: 'gone' })
    const { open, pending } = await world.account('alice')
    expect(pending?.address).toBe('second@example.net')
    const noted = open.filter(({ purpose }) => purpose === 'address')
    expect(noted.map(({ attempts }) => attempts)).toEqual([5])
    expect(await confirm(second.transactionId, second.otp)).toMatchObject({ confirmed: true })
    expect((await world.account('alice')).email).toBe('second@example.net')
  })

  it('R25 is no way to write to everybody: five codes an hour, whatever the addresses', async () => {
    for (let count = 0; count < 5; count++) await asked(`a${count}@example.net`)
    expect(world.mails).toHaveLength(5)
    expect(await asked('a6@example.net')).toMatchObject({ reason: 'limited' })
    expect(world.mails).toHaveLength(5)
    world.advance(3_600_001)
    expect(await asked('a6@example.net')).toMatchObject({ requested: true })
    world.set({ 'mail.per_hour': '1' })
    expect(await asked('a6@example.net')).toMatchObject({ reason: 'mail_limit' })
  })

  it('takes as many wrong codes as a challenge allows, from the budget of the account', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    for (let count = 0; count < 5; count++) {
      expect(await confirm(transactionId, otherThan(otp))).toMatchObject({ reason: 'wrong' })
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ reason: 'closed' })
    const account = await world.account('alice')
    expect(account.wrong).toHaveLength(5)
    expect(account).toMatchObject({ consecutive: 5, email: 'alice@example.org' })
    expect(account.tokens.EM00000001!.failcount).toBe(0)
  })

  it('proving one does not forgive wrong answers to logins', async () => {
    const login = await world.triggered('alice')
    const wrong = { user: 'alice', pass: otherThan(login.otp), transactionId: login.transactionId }
    await world.check(wrong)
    const before = await world.account('alice')
    const { transactionId, otp } = await asked('new@example.net')
    await confirm(transactionId, otp)
    const after = await world.account('alice')
    expect(after.consecutive).toBe(before.consecutive)
    expect(before.consecutive).toBeGreaterThan(0)
  })

  it('is not swapped in when it is given up while its code is looked at', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { challenges } = world.ports
    const { guess } = challenges
    challenges.guess = async (answer) => {
      await cancelAddress(world.ports, await world.account('alice'), transactionId)
      return guess(answer)
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false })
    expect((await world.account('alice')).email).toBe('alice@example.org')
  })

  it('is not swapped in when it is given up before it is written', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { accounts } = world.ports
    const { save } = accounts
    accounts.save = async (before, after) => {
      accounts.save = save
      await cancelAddress(world.ports, await world.account('alice'), transactionId)
      return save(before, after)
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false, reason: 'gone' })
    expect((await world.account('alice')).email).toBe('alice@example.org')
  })

  it('a fault between the code and the change costs nothing: the same code ends it, once', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { save } = world.ports.accounts
    world.ports.accounts.save = () => Promise.reject(new Error('table gone'))
    await expect(confirm(transactionId, otp)).rejects.toThrow('table gone')
    world.ports.accounts.save = save
    expect((await world.account('alice')).email).toBe('alice@example.org')
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: true })
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false })
  })

  it('is refused where it is the proven one already, in any spelling', async () => {
    const again = await asked('alice@example.org')
    expect(again).toMatchObject({ requested: true, pending: { reason: 'update' } })
    await confirm(again.transactionId, again.otp)
    expect((await world.account('alice')).former).toBeUndefined()
    expect(await asked('Alice@EXAMPLE.org')).toMatchObject({ reason: 'same_address' })
  })

  it('a profile with another address is not proven any more', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    await confirm(transactionId, otp)
    await updateUser(world.ports, 'demo', 'alice', { email: 'New@example.net' })
    expect((await world.account('alice')).emailVerified).toBeDefined()
    await updateUser(world.ports, 'demo', 'alice', { email: 'other@example.net' })
    expect((await world.account('alice')).emailVerified).toBeUndefined()
  })

  it('keeps what a code is derived from out of reach of whoever made it', async () => {
    const { transactionId } = await asked('new@example.net')
    const account = await world.account('alice')
    const challenge = (await world.ports.challenges.list(transactionId))[0]!
    expect(account.pending!.secret).toMatch(/^derived:/)
    expect(deliverySubject(account, challenge)).toMatchObject({ to: 'new@example.net' })
    expect(JSON.stringify([account, challenge])).not.toContain(world.lastCode())
  })
})
