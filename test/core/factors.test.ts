import { beforeEach, describe, expect, it } from 'vitest'
import { setAddress } from '../../functions/core/registration.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'))
})

describe('the factors people may log in with', () => {
  it('R14, N14: without emailOtp refuse mailed codes and keep addresses and tokens', async () => {
    const before = await world.triggered('alice')
    const account = await world.account('alice')
    world.set({ 'allowed.auth.factors': 'password, smsOtp' })
    const answer = { user: 'alice', pass: before.otp, transactionId: before.transactionId }
    for (const attempt of [{ user: 'alice', pass: '1234' }, answer]) {
      expect(await world.check(attempt)).toMatchObject({ reason: 'factor_off' })
    }
    expect(await world.check({ user: 'alice', pass: 'wrong' })).toMatchObject({
      reason: 'factor_off',
    })
    expect(world.mails).toHaveLength(1)
    expect(await world.account('alice')).toEqual(account)
    world.set({ 'allowed.auth.factors': 'emailOtp' })
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
  })

  it('leave a token that mails nothing alone', async () => {
    await world.enrol(await world.account('alice'), { type: 'spass', pin: '9999' })
    world.set({ 'allowed.auth.factors': 'password' })
    expect(await world.check({ user: 'alice', pass: '9999' })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('X33 are read in any case, with the names of their siblings and no other', () => {
    const read = (text: string) => parseSettings({ 'allowed.auth.factors': text })
    const { settings, problems } = read('EMAILOTP, rememberMe,smsOtp,securityQA')
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(settings['allowed.auth.factors']).toEqual([
      'emailOtp',
      'rememberMe',
      'smsOtp',
      'securityQA',
    ])
    const wrong = read('emailOtp, emailOpt')
    expect(wrong.problems).toContainEqual(
      expect.objectContaining({ name: 'allowed.auth.factors', severity: 'error' }),
    )
    // a mistyped restriction must not open what it was meant to close
    expect(wrong.settings['allowed.auth.factors']).toEqual(['password'])
    expect(parseSettings({}).settings['allowed.auth.factors']).toEqual(['emailOtp'])
  })
})

describe('email.require_verified', () => {
  it('R02 mails codes only to the address that has been proven', async () => {
    world.set({ 'email.require_verified': 'true' })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'address_unverified',
    })
    expect(world.mails).toEqual([])
    await setAddress(world.ports, await world.account('alice'), 'alice@example.org')
    const { transactionId, otp } = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('does not trust another address that a token has of its own', async () => {
    await setAddress(world.ports, await world.account('alice'), 'alice@example.org')
    const { serial } = await world.enrol(await world.account('alice'), { email: 'b@example.org' })
    world.set({ 'email.require_verified': 'true' })
    expect(await world.check({ serial, pass: '1234' })).toMatchObject({
      reason: 'address_unverified',
    })
  })
})

describe('registering at a login', () => {
  const login = { otppin: 'userstore', passthru: 'userstore', enroll_via_multichallenge: 'EMAIL' }
  const policies = (action: object) => ({
    'policies/p': JSON.stringify({ scope: 'authentication', action: { ...login, ...action } }),
  })

  it('R15 is refused by name while registration is off, unless the person may decline', async () => {
    const { hashPin } = await import('../../functions/core/pin.ts')
    const password = await hashPin(await world.ports.keyring.key('pin'), 'pw', world.ports.random)
    const bob = await world.addUser('bob', '')
    await world.ports.accounts.save(bob, { ...bob, password })
    const attempt = { user: 'bob', pass: 'pw' }
    world.set({ ...policies({}), 'allowed.reg.factors': 'password' })
    expect(await world.check(attempt)).toMatchObject({
      reason: 'registration_off',
      message: 'Registration of e-mail addresses is switched off.',
    })
    world.set(policies({ enroll_via_multichallenge_optional: true }))
    expect(await world.check(attempt)).toMatchObject({ outcome: 'passed' })

    world.set({ ...policies({}), 'allowed.reg.factors': 'emailOtp' })
    const asked = await world.check(attempt)
    if (asked.outcome !== 'asked') throw new Error(JSON.stringify(asked))
    const { transactionId } = asked
    const typed = { user: 'bob', pass: 'bob@new.example', transactionId }
    const sent = await world.check(typed)
    if (sent.outcome !== 'challenged') throw new Error(JSON.stringify(sent))
    const proof = { pass: world.lastCode(), transactionId: sent.issued[0]!.transactionId }
    expect(await world.check({ user: 'bob', ...proof })).toMatchObject({ outcome: 'accepted' })
    expect(await world.account('bob')).toMatchObject({
      email: 'bob@new.example',
      emailVerified: { method: 'login' },
    })
  })
})

describe('a user without an address', () => {
  it('R06 X32 gets no mail, and the log alone says why', async () => {
    const carol = await world.addUser('carol', '')
    await world.enrol(carol, { dynamic: true })
    expect(await world.check({ user: 'carol', pass: '1234' })).toMatchObject({
      reason: 'no_address',
    })
    expect(world.mails).toEqual([])
  })
})
