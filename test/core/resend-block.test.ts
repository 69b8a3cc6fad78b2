import { beforeEach, describe, expect, it } from 'vitest'
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import { authenticate } from '../../functions/core/authenticate.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { blockingChallenges } from '../../functions/core/resend-block.ts'
import { triggerChallenge } from '../../functions/core/trigger-challenge.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

let world: World
let requests = 0
const trigger = (resendAfter = 60, user = 'alice') =>
  authenticate(world.ports, { user, pass: '1234', nonce: `r${++requests}`, resendAfter })

async function begin(options: Parameters<typeof createWorld>[0] = {}) {
  world = createWorld(options)
  await world.enrol(await world.addUser('alice'), { serial: 'A' })
}
beforeEach(() => begin())

describe('an open challenge that is younger than asked', () => {
  it('is told again, and nothing is mailed or taken from the account but the delay of PINs', async () => {
    const first = await trigger()
    await world.check({ user: 'alice', pass: 'wrong' })
    const before = await world.account('alice')
    const second = await trigger()
    expect(second).toMatchObject({
      outcome: 'challenged',
      earlier: true,
      issued: 'issued' in first ? [{ transactionId: first.issued[0]!.transactionId }] : [],
    })
    expect(first).not.toHaveProperty('earlier')
    expect(world.mails).toHaveLength(1)
    const after = await world.account('alice')
    expect(before.pinFailures).toBe(1)
    expect(after).toEqual({ ...before, rev: before.rev + 1, pinFailures: 0 })
  })

  it('by the setting, on every wire', async () => {
    world.set({ 'email.resend_after': '60' })
    await world.check({ user: 'alice', pass: '1234' })
    const again = await world.check({ user: 'alice', pass: '1234' })
    expect(again).toMatchObject({ outcome: 'challenged', earlier: true })
    world.advance(60_000)
    await world.check({ user: 'alice', pass: '1234' })
    expect(world.mails).toHaveLength(2)
  })

  it('by the longer of the two', async () => {
    world.set({ 'email.resend_after': '30' })
    await trigger(60)
    world.advance(40_000)
    expect(await trigger(60)).toMatchObject({ earlier: true })
    expect(await trigger(10)).not.toHaveProperty('earlier')
  })

  it('0 reads nothing', async () => {
    const challenges: ChallengeStore = {
      ...memoryChallenges(),
      getMany: () => Promise.reject(new Error('read')),
    }
    await begin({ challenges })
    await world.check({ user: 'alice', pass: '1234' })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('keeps back every mail but one of a burst', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => trigger()))
    expect(world.mails).toHaveLength(1)
    const ids = outcomes.flatMap((one) => ('issued' in one ? one.issued : []))
    expect(new Set(ids.map(({ transactionId }) => transactionId)).size).toBe(1)
    expect(ids).toHaveLength(20)
  })

  it('is a challenge of the same token; another one has its mail', async () => {
    await world.enrol(await world.account('alice'), { serial: 'B', pin: '5678' })
    await trigger()
    const other = await world.check({ user: 'alice', pass: '5678', resendAfter: 60 })
    expect(other).toMatchObject({ outcome: 'challenged', issued: [{ serial: 'B' }] })
    expect(other).not.toHaveProperty('earlier')
  })
})

describe('nobody has to wait for one that', () => {
  const triggered = async () => {
    const outcome = await trigger()
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    return { ...outcome.issued[0]!, otp: world.lastCode() }
  }
  const answer = (transactionId: string, pass: string) =>
    world.check({ user: 'alice', transactionId, pass })

  it('was answered', async () => {
    const { transactionId, otp } = await triggered()
    await answer(transactionId, otp)
    expect(await trigger()).not.toHaveProperty('earlier')
  })

  it('was answered by PIN and code in one', async () => {
    const { otp } = await triggered()
    await world.check({ user: 'alice', pass: `1234${otp}` })
    expect(await trigger()).not.toHaveProperty('earlier')
  })

  it('is used up', async () => {
    const { transactionId, otp } = await triggered()
    for (let tries = 0; tries < 5; tries++) await answer(transactionId, otherThan(otp))
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
    expect(world.mails).toHaveLength(2)
  })

  it('is over', async () => {
    world.set({ 'email.validtime': '10' })
    await triggered()
    world.advance(10_000)
    expect(await trigger()).not.toHaveProperty('earlier')
  })

  it('could not be mailed', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550' }))
    await trigger()
    world.mailServer(() => ({ sent: true, reply: '250' }))
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
    expect(world.mails).toHaveLength(1)
  })

  it('could not be queued', async () => {
    const { send } = world.ports.outbox
    world.ports.outbox.send = () => Promise.reject(new Error('down'))
    expect(await trigger()).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
    world.ports.outbox.send = send
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
    expect(world.mails).toHaveLength(1)
  })

  it('was noted but never written', async () => {
    const { put } = world.ports.challenges
    world.ports.challenges.put = () => Promise.reject(new Error('down'))
    await trigger()
    world.ports.challenges.put = put
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
    expect(world.mails).toHaveLength(1)
  })

  it('proves the address of a new token', async () => {
    const account = await world.account('alice')
    const options = { pinProven: false, purpose: 'enrolment' as const }
    await triggerChallenge(world.ports, account, ['A'], options)
    expect(await trigger()).not.toHaveProperty('earlier')
  })

  it('belongs to a token that cannot be used any more', async () => {
    await trigger()
    const account = await world.account('alice')
    const tokens = { A: { ...account.tokens.A!, enabled: false } }
    const wait = { seconds: 60, now: world.now() }
    const { ports } = world
    expect(await blockingChallenges(ports, account, ['A'], wait)).toHaveLength(1)
    expect(await blockingChallenges(ports, { ...account, tokens }, ['A'], wait)).toEqual([])
  })
})

describe('a code of the self-service', () => {
  const signIn = (transactionId?: string, pass = '1234') =>
    authenticate(world.ports, {
      ...{ user: 'alice', pass, transactionId, nonce: `s${++requests}`, purpose: 'self_service' },
    })
  beforeEach(() => world.set({ 'email.resend_after': '60' }))

  it('is kept back by an older one of its kind', async () => {
    await signIn()
    expect(await signIn()).toMatchObject({ outcome: 'challenged', earlier: true })
    expect(world.mails).toHaveLength(1)
  })

  it('neither keeps back the code of a login nor takes its place', async () => {
    const login = await world.triggered('alice')
    const own = await signIn()
    const otp = world.lastCode()
    const { transactionId } = login
    expect(await world.check({ user: 'alice', pass: login.otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
    const transaction = 'issued' in own ? own.issued[0]!.transactionId : ''
    expect(await signIn(transaction, otp)).toMatchObject({ outcome: 'accepted' })
    expect(await trigger()).not.toHaveProperty('earlier')
  })
})

it('delays that wrong PINs earned hold, whatever is open', async () => {
  await trigger()
  for (let tries = 0; tries < 5; tries++) await world.check({ user: 'alice', pass: `x${tries}` })
  expect(await trigger()).toMatchObject({ outcome: 'rejected', reason: 'pin_delayed' })
})
