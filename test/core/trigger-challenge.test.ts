import { beforeEach, describe, expect, it } from 'vitest'
import { HOUR } from '../../functions/core/spans.ts'
import { triggerChallenge } from '../../functions/core/trigger-challenge.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

describe('a trigger', () => {
  let world: World
  beforeEach(async () => {
    world = createWorld()
    await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '' })
  })
  const trigger = async () => world.check({ user: 'alice', pass: '' })
  const down = async () => {
    throw new Error('down')
  }

  it('says so when the queue is down, and the next one works', async () => {
    const { send } = world.ports.outbox
    world.ports.outbox.send = down
    expect(await trigger()).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'challenge not queued' }),
    )
    world.ports.outbox.send = send
    const { transactionId, otp } = await world.triggered('alice', '')
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('queues nothing when the challenge could not be kept', async () => {
    world.ports.challenges.put = down
    expect(await trigger()).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
    expect(world.mails).toEqual([])
  })

  it('never uses a counter twice, whatever failed', async () => {
    const { put } = world.ports.challenges
    world.ports.challenges.put = down
    await trigger()
    world.ports.challenges.put = put
    await trigger()
    expect((await world.account('alice')).tokens.EMALICE!.counter).toBe(2)
  })

  it('throws, and sends nothing, when the account cannot be written', async () => {
    world.ports.accounts.save = down
    await expect(trigger()).rejects.toThrow('down')
    expect(world.mails).toEqual([])
  })

  it('tells of a mail that failed at once', async () => {
    world.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no such user' }))
    expect(await trigger()).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
  })

  it('tells of the mails that went out when another failed', async () => {
    await world.enrol(await world.account('alice'), {
      serial: 'EMOTHER',
      email: 'other@example.org',
      pin: '',
    })
    world.mailServer(({ to }) =>
      to === 'other@example.org'
        ? { sent: false, failure: 'address', reply: '550' }
        : { sent: true, reply: '250' },
    )
    const account = await world.account('alice')
    const options = { pinProven: false }
    const result = await triggerChallenge(world.ports, account, ['EMALICE', 'EMOTHER'], options)
    expect(result).toMatchObject({
      issued: [{ serial: 'EMALICE', delivery: 'sent' }],
      notSent: { EMOTHER: 'mail_failed' },
    })
    expect(Object.keys(result!.notSent)).toEqual(['EMOTHER'])
  })

  it('in parallel makes as many challenges, each on a counter of its own', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const outcomes = await Promise.all([trigger(), trigger(), trigger(), trigger()])
    const counters = outcomes.flatMap((one) =>
      one.outcome === 'challenged' ? one.issued.map(({ counter }) => counter) : [],
    )
    expect(counters.sort()).toEqual([1, 2, 3, 4])
  })

  it('in parallel keeps to the mail limit', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const outcomes = await Promise.all(Array.from({ length: 20 }, trigger))
    expect(outcomes.filter(({ outcome }) => outcome === 'challenged')).toHaveLength(5)
    expect(world.mails).toHaveLength(5)
    world.advance(HOUR)
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
  })

  it('writes nothing, and asks for nothing, where no mail may go', async () => {
    world.set({ 'mail.per_hour': '1' })
    await trigger()
    const { rev } = await world.account('alice')
    expect(await trigger()).toMatchObject({ reason: 'mail_limit' })
    expect((await world.account('alice')).rev).toBe(rev)
    expect(world.waiting).toEqual([])
  })

  it('does not look at other challenges while guesses are plenty', async () => {
    world.ports.challenges.getMany = down
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
    expect(await trigger()).toMatchObject({ outcome: 'challenged' })
  })

  it('does nothing where it is not admitted', async () => {
    const before = await world.account('alice')
    const options = { pinProven: true, admit: () => false }
    expect(await triggerChallenge(world.ports, before, ['EMALICE'], options)).toBeUndefined()
    expect(await world.account('alice')).toEqual(before)
  })

  it('does nothing when the account is gone', async () => {
    const before = await world.account('alice')
    await world.ports.accounts.remove(before)
    const options = { pinProven: false }
    expect(await triggerChallenge(world.ports, before, ['EMALICE'], options)).toBeUndefined()
    expect(world.mails).toEqual([])
  })

  it('gets back what answered challenges do not need, when guesses are scarce', async () => {
    world.set({ 'mail.per_hour': '0', 'mail.per_day': '0' })
    const shares: number[] = []
    for (let login = 0; login < 30; login++) {
      const { transactionId, otp } = await world.triggered('alice', '')
      shares.push((await world.account('alice')).open.at(-1)!.attempts)
      await world.check({ user: 'alice', transactionId, pass: otp })
    }
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(3)
    expect((await world.account('alice')).open.length).toBeLessThan(5)
  })

  it('does not get back the wrong guesses of an answered challenge', async () => {
    world.set({ 'account.max_wrong_per_day': '5' })
    const { transactionId, otp } = await world.triggered('alice', '')
    world.ports.accounts.charge = async () => {}
    await world.check({ user: 'alice', transactionId, pass: otherThan(otp) })
    await world.check({ user: 'alice', transactionId, pass: otp })
    await trigger()
    // of five: one was guessed wrongly and is not charged yet; four are free, a third of them is two
    expect((await world.account('alice')).open.map(({ attempts }) => attempts)).toEqual([1, 2])
  })
})
