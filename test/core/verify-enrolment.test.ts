import { beforeEach, describe, expect, it } from 'vitest'
import {
  awaitsVerification,
  mailVerification,
  verifyEnrolment,
} from '../../functions/core/verify-enrolment.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

const caller = { clientIp: '192.0.2.1' }
let world: World
let nonces = 0

beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', verify: true })
})

const account = () => world.account('alice')
const mail = async () => mailVerification(world.ports, await account(), 'EMALICE', caller)
const verify = async (otp: string) =>
  verifyEnrolment(world.ports, await account(), 'EMALICE', { otp, nonce: `verify-${nonces++}` })

describe('a token that is to be verified', () => {
  it('can be used once the code from its address was entered', async () => {
    expect(await mail()).toEqual({ sent: true })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'not_enrolled',
    })
    expect(await verify(world.lastCode())).toBe(true)
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('says the same when it is verified again, and changes nothing', async () => {
    await mail()
    await verify(world.lastCode())
    const before = await account()
    expect(await verify('000000')).toBe(true)
    expect(await account()).toEqual(before)
  })

  it('stays unusable after a wrong code, which counts on the account and not on the token', async () => {
    await mail()
    expect(await verify(otherThan(world.lastCode()))).toBe(false)
    const { wrong, tokens } = await account()
    expect(wrong).toHaveLength(1)
    expect(tokens.EMALICE).toMatchObject({ failcount: 0, rollout: 'verify' })
  })

  it('takes no more codes than a challenge has attempts', async () => {
    await mail()
    for (let attempt = 0; attempt < 5; attempt++) await verify(otherThan(world.lastCode()))
    expect(await verify(world.lastCode())).toBe(false)
  })

  it('may be enrolled anew when its code has expired', async () => {
    await mail()
    expect(awaitsVerification(await account(), 'EMALICE', world.now())).toBe(true)
    world.advance(120_000)
    expect(awaitsVerification(await account(), 'EMALICE', world.now())).toBe(false)
    expect(await verify(world.lastCode())).toBe(false)
  })

  it('is not let in by its code at a login, not even after it was verified', async () => {
    await mail()
    const otp = world.lastCode()
    const { transactionId } = (await account()).open[0]!
    const login = () => world.check({ user: 'alice', transactionId, pass: otp })
    expect(await login()).toMatchObject({ outcome: 'rejected' })
    await verify(otp)
    expect(await login()).toMatchObject({ outcome: 'rejected' })
  })

  it('is not let in by the code of a second mail either, with the PIN before it', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    await mail()
    const unused = world.lastCode()
    await mail()
    await verify(world.lastCode())
    expect(await world.check({ user: 'alice', pass: `1234${unused}` })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('tells when no mail could be sent, and stays unusable', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    expect(await mail()).toEqual({ sent: false, reason: 'mail_failed' })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'not_enrolled',
    })
  })
})
