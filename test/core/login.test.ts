import { beforeEach, describe, expect, it } from 'vitest'
import { createWorld, otherThan, type World } from '../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
})

describe('a login in two steps', () => {
  it('mails one code for the PIN and lets nobody in yet', async () => {
    const outcome = await world.check({ user: 'alice', pass: '1234' })
    expect(outcome.outcome).toBe('challenged')
    expect(world.mails.map(({ to }) => to)).toEqual(['alice@example.org'])
  })

  it('lets in by transaction_id and code, once', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const answer = { user: 'alice', transactionId, pass: otp }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted', serial: 'EMALICE' })
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'replayed' })
  })

  it('lets in by PIN and code together, once', async () => {
    const { otp } = await world.triggered('alice')
    const answer = { user: 'alice', pass: `1234${otp}` }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted', by: 'pin_otp' })
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'previous_otp' })
  })

  it('mails nothing for a wrong PIN', async () => {
    expect(await world.check({ user: 'alice', pass: '9999' })).toMatchObject({
      reason: 'wrong_pin',
    })
    expect(await world.check({ user: 'alice', pass: '' })).toMatchObject({ reason: 'wrong_pin' })
    expect(world.mails).toEqual([])
  })

  it('does not take a code of one challenge for another', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const first = await world.triggered('alice')
    const second = await world.triggered('alice')
    const crossed = { user: 'alice', transactionId: first.transactionId, pass: second.otp }
    expect(await world.check(crossed)).toMatchObject({ outcome: 'rejected', reason: 'wrong' })
  })

  it('does not take the code of somebody else', async () => {
    await world.enrol(await world.addUser('bob'))
    const bobs = await world.triggered('bob')
    const answer = { user: 'alice', transactionId: bobs.transactionId, pass: bobs.otp }
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'unknown' })
  })
})

describe('the life of a challenge', () => {
  it('is two minutes', async () => {
    const asked = world.now()
    expect((await world.triggered('alice')).expiresAt).toBe(asked + 120_000)
  })

  it.each([
    [1, { outcome: 'accepted' }],
    [0, { outcome: 'rejected', reason: 'closed' }],
  ])('%i ms before its end: %o', async (before, expected) => {
    const { transactionId, otp, expiresAt } = await world.triggered('alice')
    world.advance(expiresAt - before - world.now())
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject(expected)
  })

  it.each([
    [1, { outcome: 'accepted' }],
    [0, { outcome: 'rejected', reason: 'wrong_otp' }],
  ])('with PIN+OTP %i ms before its end: %o', async (before, expected) => {
    const { otp, expiresAt } = await world.triggered('alice')
    world.advance(expiresAt - before - world.now())
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).toMatchObject(expected)
  })

  it('ends with the next one where challenges are not concurrent', async () => {
    const first = await world.triggered('alice')
    const second = await world.triggered('alice')
    const old = { user: 'alice', transactionId: first.transactionId, pass: first.otp }
    expect(await world.check(old)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    const newest = { user: 'alice', transactionId: second.transactionId, pass: second.otp }
    expect(await world.check(newest)).toMatchObject({ outcome: 'accepted' })
  })

  it('takes concurrent challenges in any order, each once', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const first = await world.triggered('alice')
    const second = await world.triggered('alice')
    for (const { transactionId, otp } of [second, first]) {
      const answer = { user: 'alice', transactionId, pass: otp }
      expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
      expect(await world.check(answer)).toMatchObject({ outcome: 'rejected' })
    }
  })

  it('stops listening after the last attempt, even to the right code', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    for (let attempt = 0; attempt < 5; attempt++) {
      const wrong = { user: 'alice', transactionId, pass: otherThan(otp) }
      expect(await world.check(wrong)).toMatchObject({ reason: 'wrong' })
    }
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      reason: 'closed',
    })
  })

  it('survives disabling and is answered after enabling', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { setEnabled } = await import('../../functions/core/manage-tokens.ts')
    await setEnabled(world.ports, await world.account('alice'), 'EMALICE', false)
    const answer = { user: 'alice', transactionId, pass: otp }
    expect(await world.check(answer)).toMatchObject({ reason: 'disabled' })
    await setEnabled(world.ports, await world.account('alice'), 'EMALICE', true)
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('several tokens of one user', () => {
  beforeEach(async () => {
    await world.enrol(await world.account('alice'), { serial: 'EMOTHER', email: 'a2@example.org' })
  })

  it('are challenged under one transaction_id, a mail each', async () => {
    const outcome = await world.check({ user: 'alice', pass: '1234' })
    if (outcome.outcome !== 'challenged') throw new Error('no challenge')
    expect(new Set(outcome.issued.map(({ transactionId }) => transactionId)).size).toBe(1)
    expect(world.mails.map(({ to }) => to).sort()).toEqual(['a2@example.org', 'alice@example.org'])
  })

  it('close together: after one answer the code of the other is worth nothing', async () => {
    const { transactionId } = await world.triggered('alice')
    const codes = world.mails.map(({ text }) => /^\s*([0-9]{6})\s*$/m.exec(text)![1]!)
    const answer = (pass: string) => world.check({ user: 'alice', transactionId, pass })
    expect(await answer(codes[0]!)).toMatchObject({ outcome: 'accepted' })
    expect(await answer(codes[1]!)).toMatchObject({ outcome: 'rejected' })
  })

  it('are told apart by their PINs', async () => {
    const { setPin } = await import('../../functions/core/manage-tokens.ts')
    await setPin(world.ports, await world.account('alice'), 'EMOTHER', 'other')
    await world.triggered('alice', 'other')
    expect(world.mails.map(({ to }) => to)).toEqual(['a2@example.org'])
  })
})
