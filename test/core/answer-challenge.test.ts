import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setEnabled } from '../../functions/core/manage-tokens.ts'
import { codeIn, createWorld, otherThan, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '1234' })
})

const answer = (transactionId: string, pass: string, nonce?: string) =>
  world.check({ user: 'alice', transactionId, pass, ...(nonce ? { nonce } : {}) })
const failcount = async (serial = 'EMALICE') =>
  (await world.account('alice')).tokens[serial]!.failcount

describe('an answer', () => {
  it('that is wrong costs a guess of the account and a failure of the token', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otherThan(otp))
    expect(await world.account('alice')).toMatchObject({ wrong: [world.now()], consecutive: 1 })
    expect(await failcount()).toBe(1)
  })

  it('that is right clears failures, but not the guesses of the day', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otherThan(otp))
    await answer(transactionId, otp)
    const { wrong, consecutive } = await world.account('alice')
    expect({ wrong: wrong.length, consecutive }).toEqual({ wrong: 1, consecutive: 0 })
    expect(await failcount()).toBe(0)
  })

  it('that comes twice with one nonce is one answer', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    expect(await answer(transactionId, otp, 'same')).toMatchObject({ outcome: 'accepted' })
    expect(await answer(transactionId, otp, 'same')).toMatchObject({ outcome: 'accepted' })
    expect(await answer(transactionId, otp, 'other')).toMatchObject({ reason: 'replayed' })
  })

  it('to an answered challenge is told apart: the same code or another', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otp)
    const serials = ['EMALICE']
    expect(await answer(transactionId, otp)).toMatchObject({ reason: 'replayed', serials })
    expect(await answer(transactionId, otherThan(otp))).toMatchObject({ reason: 'used', serials })
    expect(await world.account('alice')).toMatchObject({ wrong: [], consecutive: 0 })
    expect(await failcount()).toBe(0)
  })

  it('that is not evaluated writes nothing to the account', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otp)
    const { rev } = await world.account('alice')
    await answer(transactionId, otp)
    await answer(transactionId, otherThan(otp))
    await answer('1', otp)
    expect((await world.account('alice')).rev).toBe(rev)
  })

  it.each(['', '0', '12345', '1234567', 'abcdef', '123 456', ' 123456', '１２３４５６', '\0'])(
    'that is no code is wrong: %j',
    async (pass) => {
      const { transactionId } = await world.triggered('alice')
      expect(await answer(transactionId, pass)).toMatchObject({
        outcome: 'rejected',
        reason: 'wrong',
      })
    },
  )

  it('to a transaction nobody knows is not evaluated', async () => {
    await world.triggered('alice')
    for (const id of ['00000000000000000000', '1', "' OR 1=1", '__proto__']) {
      expect(await answer(id, '123456')).toMatchObject({ reason: 'unknown' })
    }
    expect(await failcount()).toBe(0)
  })

  it('to a used-up challenge costs a failure but no guess', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    for (let guess = 0; guess < 7; guess++) await answer(transactionId, otherThan(otp))
    expect((await world.account('alice')).wrong).toHaveLength(5)
    expect(await failcount()).toBe(7)
  })

  it('locks the token after too many failures', async () => {
    world.set({ 'token.max_failcount': '3' })
    await world.ports.accounts.remove(await world.account('alice'))
    await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '1234' })
    const { transactionId, otp } = await world.triggered('alice')
    for (let guess = 0; guess < 3; guess++) await answer(transactionId, otherThan(otp))
    expect(await answer(transactionId, otp)).toMatchObject({
      outcome: 'rejected',
      reason: 'locked',
    })
  })

  it('is let in though the failures could not be cleared afterwards', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otherThan(otp))
    world.ports.accounts.save = async () => {
      throw new Error('down')
    }
    expect(await answer(transactionId, otp)).toMatchObject({ outcome: 'accepted' })
    expect(world.lines).toContainEqual(expect.objectContaining({ message: 'reset after success' }))
  })

  it.each(['accounts.get', 'challenges.guess', 'keyring.key', 'settings.current'])(
    'is not accepted while %s fails',
    async (part) => {
      const { transactionId, otp } = await world.triggered('alice')
      const [port, operation] = part.split('.') as ['accounts', 'get']
      const working = world.ports[port][operation]
      world.ports[port][operation] = () => Promise.reject(new Error('down'))
      await expect(answer(transactionId, otp)).rejects.toThrow('down')
      world.ports[port][operation] = working
      expect(await answer(transactionId, otp)).toMatchObject({ outcome: 'accepted' })
    },
  )

  it('writes nothing more when there is nothing to clear', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { rev } = await world.account('alice')
    await answer(transactionId, otp)
    expect((await world.account('alice')).rev).toBe(rev)
  })
})

describe('one transaction of two tokens', () => {
  let transactionId: string
  let codes: Record<string, string>
  beforeEach(async () => {
    const other = { serial: 'EMOTHER', pin: '1234', email: 'other@example.org' }
    await world.enrol(await world.account('alice'), other)
    ;({ transactionId } = await world.triggered('alice'))
    codes = Object.fromEntries(world.mails.map((mail) => [mail.to, codeIn(mail)]))
  })

  it('takes the code of either', async () => {
    expect(await answer(transactionId, codes['other@example.org']!)).toMatchObject({
      outcome: 'accepted',
      serial: 'EMOTHER',
    })
  })

  it('charges a wrong answer once per challenge that was evaluated', async () => {
    const wrong = ['000000', '000001', '000002'].find(
      (code) => !Object.values(codes).includes(code),
    )!
    await answer(transactionId, wrong)
    expect((await world.account('alice')).wrong).toHaveLength(2)
    expect([await failcount(), await failcount('EMOTHER')]).toEqual([1, 1])
  })

  it('tells a replay though the sibling was closed with it', async () => {
    const code = codes['alice@example.org']!
    await answer(transactionId, code)
    expect(await answer(transactionId, code)).toMatchObject({ reason: 'replayed' })
  })

  it('does not evaluate the token that is disabled', async () => {
    await setEnabled(world.ports, await world.account('alice'), 'EMOTHER', false)
    expect(await answer(transactionId, codes['other@example.org']!)).toMatchObject({
      outcome: 'rejected',
    })
    expect((await world.account('alice')).wrong).toHaveLength(1)
  })

  it('answered by both codes at the same time lets in, and nobody afterwards', async () => {
    const both = Object.values(codes)
    const outcomes = await Promise.all(both.map((code) => answer(transactionId, code)))
    expect(outcomes.some(({ outcome }) => outcome === 'accepted')).toBe(true)
    for (const code of both) {
      expect(await answer(transactionId, code)).toMatchObject({ outcome: 'rejected' })
    }
  })
})

describe('right answers at the same time', () => {
  it('let in once, and PIN+OTP does not let in beside them', async () => {
    for (let round = 0; round < 5; round++) {
      const { transactionId, otp } = await world.triggered('alice')
      const outcomes = await Promise.all([
        ...Array.from({ length: 10 }, () => answer(transactionId, otp)),
        ...Array.from({ length: 10 }, () => world.check({ user: 'alice', pass: otp })),
      ])
      expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
      world.advance(24 * 3_600_000)
      const { resetFailures } = await import('../../functions/core/manage-tokens.ts')
      await resetFailures(world.ports, await world.account('alice'), 'EMALICE')
    }
  })
})
