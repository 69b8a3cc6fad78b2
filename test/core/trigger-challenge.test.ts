import { beforeEach, describe, expect, it } from 'vitest'
import { awaitDelivery } from '../../functions/core/await-delivery.ts'
import { DAY, HOUR, SETTLING } from '../../functions/core/budget.ts'
import type { Challenge } from '../../functions/core/challenge.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { planChallenges, triggerChallenge } from '../../functions/core/trigger-challenge.ts'
import { testAccount, testToken } from '../support/accounts.ts'
import { sentChallenge } from '../support/challenges.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

const NOW = 100 * DAY

describe('the plan of a trigger', () => {
  const account = testAccount(
    { pinFailures: 3 },
    testToken('EMONE'),
    testToken('EMTWO', { counter: 7 }),
  )
  const plan = (changes: Partial<Parameters<typeof planChallenges>[0]> = {}, raw = {}) =>
    planChallenges({
      account,
      serials: ['EMONE', 'EMTWO'],
      settings: parseSettings(raw).settings,
      now: NOW,
      transactionId: '42',
      pinProven: false,
      ...changes,
    })

  it('is one challenge per token under one transaction_id, on the next counter of each', () => {
    const { challenges, notSent, account: after } = plan()
    expect(challenges.map(({ serial, counter }) => [serial, counter])).toEqual([
      ['EMONE', 1],
      ['EMTWO', 8],
    ])
    expect(challenges.every(({ transactionId }) => transactionId === '42')).toBe(true)
    expect(notSent).toEqual({})
    expect(after.tokens.EMONE!.counter).toBe(1)
    expect(after.tokens.EMTWO!.counter).toBe(8)
  })

  it('opens a challenge that nothing can answer yet', () => {
    const [challenge] = plan({ serials: ['EMONE'] }).challenges
    expect(challenge).toEqual({
      transactionId: '42',
      serial: 'EMONE',
      account: account.key,
      counter: 1,
      createdAt: NOW,
      expiresAt: NOW + 120_000,
      maxAttempts: 5,
      attempts: 0,
      guessMac: '-',
      guessedBy: '-',
      delivery: 'queued',
    })
  })

  it('reserves for each challenge what it may cost', () => {
    const { challenges, account: after } = plan({}, { 'account.max_wrong_per_day': '9' })
    expect(challenges.map(({ maxAttempts }) => maxAttempts)).toEqual([3, 2])
    expect(after.open.map(({ attempts }) => attempts)).toEqual([3, 2])
  })

  it('replaces the older challenges of the same token, unless they may be concurrent', () => {
    const older = { transactionId: '1', counter: 1, expiresAt: NOW + 1, attempts: 5 }
    const open = [
      { ...older, serial: 'EMONE' },
      { ...older, serial: 'EMTWO' },
    ]
    const input = { account: { ...account, open }, serials: ['EMONE'] }
    const superseded = (raw: object) => plan(input, raw).account.open.map((one) => one.superseded)
    expect(superseded({})).toEqual([true, undefined, undefined])
    expect(superseded({ 'email.concurrent_challenges': 'true' })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('forgets what no limit looks at any more', () => {
    const one = { transactionId: '1', serial: 'EMONE', counter: 1, attempts: 1 }
    const open = [
      { ...one, expiresAt: NOW - SETTLING },
      { ...one, expiresAt: NOW - SETTLING + 1 },
    ]
    const wrong = [NOW - DAY, NOW - DAY + 1]
    const { account: after } = plan({ account: { ...account, open, wrong }, serials: ['EMTWO'] })
    expect(after.open).toHaveLength(2)
    expect(after.wrong).toEqual([NOW - DAY + 1])
  })

  it('forgives wrong PINs to who has proven the right one, mail or no mail', () => {
    expect(plan().account.pinFailures).toBe(3)
    expect(plan({ pinProven: true }).account.pinFailures).toBe(0)
    expect(plan({ pinProven: true, serials: [] }).account.pinFailures).toBe(0)
    expect(plan({ serials: [] }).account).toBe(account)
  })

  it.each([
    ['unusable', { serials: ['EMGONE'] }],
    ['unusable', { account: testAccount({}, testToken('EMONE', { enabled: false })) }],
    ['no_address', { account: testAccount({ email: undefined }, testToken('EMONE')) }],
    ['guess_budget', { account: testAccount({ consecutive: 100 }, testToken('EMONE')) }],
    [
      'guess_budget',
      { account: testAccount({ wrong: Array<number>(20).fill(NOW) }, testToken('EMONE')) },
    ],
    [
      'mail_limit',
      {
        account: testAccount(
          { mails: { 'alice@example.org': Array<number>(5).fill(NOW) } },
          testToken('EMONE'),
        ),
      },
    ],
  ])('says %s where that is the reason', (reason, input) => {
    const { notSent, challenges } = plan({ serials: ['EMONE'], ...input })
    expect(Object.values(notSent)).toEqual([reason])
    expect(challenges).toEqual([])
  })

  it('leaves out one token without holding up the others', () => {
    const mixed = testAccount({}, testToken('EMONE', { revoked: true }), testToken('EMTWO'))
    const { notSent, challenges } = plan({ account: mixed })
    expect(notSent).toEqual({ EMONE: 'unusable' })
    expect(challenges.map(({ serial }) => serial)).toEqual(['EMTWO'])
  })

  it('counts the mails of tokens that share an address', () => {
    const { notSent, account: after } = plan({}, { 'mail.per_hour': '1' })
    expect(notSent).toEqual({ EMTWO: 'mail_limit' })
    expect(after.mails).toEqual({ 'alice@example.org': [NOW] })
  })
})

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

describe('waiting for the mail', () => {
  const queued = sentChallenge({ delivery: 'queued' })

  /** A store whose answers are scripted, and a clock that only sleeping moves. */
  function script(...answers: (Challenge | undefined | Error)[]) {
    let time = 0
    let asked = 0
    const slept: number[] = []
    const get = async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)]
      if (answer instanceof Error) throw answer
      return answer
    }
    const sleep = async (ms: number) => {
      slept.push(ms)
      time += ms
    }
    const ports = { challenges: { get }, now: () => time, sleep } as unknown as Parameters<
      typeof awaitDelivery
    >[0]
    return {
      wait: (patience: number, challenges = [queued]) => awaitDelivery(ports, challenges, patience),
      slept,
      time: () => time,
      asked: () => asked,
    }
  }

  it('ends as soon as the mail is sent', async () => {
    const clock = script(
      queued,
      { ...queued, delivery: 'sending' },
      { ...queued, delivery: 'sent' },
    )
    const [seen] = await clock.wait(1500)
    expect(seen!.delivery).toBe('sent')
    expect(clock.slept).toEqual([40, 60, 90])
  })

  it('ends at once when the mail failed', async () => {
    const clock = script({ ...queued, delivery: 'failed' })
    expect((await clock.wait(1500))[0]!.delivery).toBe('failed')
    expect(clock.time()).toBe(40)
  })

  it('ends when the time is up, however slow the server', async () => {
    const clock = script({ ...queued, delivery: 'sending' })
    const [seen] = await clock.wait(1500)
    expect(seen!.delivery).toBe('sending')
    expect(clock.time()).toBe(1500)
    expect(Math.max(...clock.slept)).toBe(250)
  })

  it('does not happen where nobody wants to wait', async () => {
    const clock = script(queued)
    expect(await clock.wait(0)).toEqual([queued])
    expect(clock.asked()).toBe(0)
  })

  it('does not happen where there is nothing to wait for', async () => {
    const clock = script(queued)
    expect(await clock.wait(1500, [])).toEqual([])
    const sent = sentChallenge()
    expect(await clock.wait(1500, [sent])).toEqual([sent])
    expect(clock.slept).toEqual([])
  })

  it('goes on while the database is down, and gives what was known before', async () => {
    const clock = script(new Error('down'))
    expect(await clock.wait(1500)).toEqual([queued])
    expect(clock.time()).toBe(1500)
  })

  it('sees what the database says once it is back', async () => {
    const clock = script(new Error('down'), undefined, { ...queued, delivery: 'sent' })
    expect((await clock.wait(1500))[0]!.delivery).toBe('sent')
  })

  it('asks only for those that are not decided', async () => {
    const clock = script({ ...queued, delivery: 'sent' })
    await clock.wait(1500, [sentChallenge(), queued, sentChallenge({ delivery: 'failed' })])
    expect(clock.asked()).toBe(1)
  })
})
