/** However guesses are spread and mixed, an account gives away no more of them than its budget. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SETTLING } from '../../functions/core/budget.ts'
import { DAY } from '../../functions/core/spans.ts'
import { resetFailures, setPin } from '../../functions/core/manage-tokens.ts'
import { createBudgetWorld, mostWithin } from '../support/budget-world.ts'
import { otherThan } from '../support/world.ts'

const SERIAL = 'EMALICE'
const UNLIMITED = { 'mail.per_hour': '0', 'mail.per_day': '0', 'token.max_failcount': '100' }

type BudgetWorld = Awaited<ReturnType<typeof createAlice>>

/** Alice has a token without a PIN, so that whoever knows her name can ask for codes. */
async function createAlice(settings: Record<string, string> = {}) {
  const { world, evaluated } = createBudgetWorld({ settings: { ...UNLIMITED, ...settings } })
  await world.enrol(await world.addUser('alice'), { serial: SERIAL, pin: '' })
  const known: { transactionId: string; otp: string }[] = []

  return {
    world,
    evaluated,
    known,
    async trigger() {
      const outcome = await world.check({ user: 'alice', pass: '' })
      const challenge = outcome.outcome === 'challenged' ? outcome.issued[0] : undefined
      if (challenge) known.push({ transactionId: challenge.transactionId, otp: world.lastCode() })
      return challenge
    },
    async wrong(index: number) {
      const challenge = known.at(-1 - index)
      if (!challenge) return
      const pass = otherThan(challenge.otp)
      return world.check({ user: 'alice', transactionId: challenge.transactionId, pass })
    },
    async wrongWithPin(index: number) {
      const challenge = known.at(-1 - index)
      return challenge && world.check({ user: 'alice', pass: otherThan(challenge.otp) })
    },
    async right(index: number) {
      const challenge = known.at(-1 - index)
      if (!challenge) return
      return world.check({
        user: 'alice',
        transactionId: challenge.transactionId,
        pass: challenge.otp,
      })
    },
    async reset() {
      await resetFailures(world.ports, await world.account('alice'), SERIAL)
    },
  }
}

const index = fc.nat({ max: 6 })
const single = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('trigger' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wrong' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wrongWithPin' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('right' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const) }) },
)
const MINUTE = 60_000
const wait = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof(
    fc.nat({ max: 3 * MINUTE }),
    fc.constantFrom(1, 119_999, 120_000, 120_001, 12 * 60 * MINUTE, DAY - 1, DAY),
  ),
})
const change = fc.record({
  do: fc.constant('change' as const),
  settings: fc.constantFrom<Record<string, string>[]>(
    { 'email.concurrent_challenges': 'true' },
    { 'email.concurrent_challenges': 'false' },
    { 'challenge.max_attempts': '10' },
    { 'challenge.max_attempts': '1' },
    { 'email.validtime': '86400' },
    { 'email.validtime': '10' },
  ),
})
const batch = fc.record({
  do: fc.constant('batch' as const),
  steps: fc.array(single, { minLength: 2, maxLength: 30 }),
})
const sequence = fc.array(fc.oneof({ weight: 8, arbitrary: single }, wait, change, batch), {
  minLength: 10,
  maxLength: 80,
})
type Step = typeof sequence extends fc.Arbitrary<(infer One)[]> ? One : never

async function perform(alice: BudgetWorld, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'trigger':
      return alice.trigger()
    case 'reset':
      return alice.reset()
    case 'wait':
      return alice.world.advance(step.ms)
    case 'change':
      return alice.world.set(step.settings)
    case 'batch':
      return Promise.all(step.steps.map((one) => perform(alice, one)))
    default:
      return alice[step.do](step.index)
  }
}

describe('the budget of guesses', () => {
  it(
    'holds in every rolling day, whatever is done in whatever order',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(sequence, async (steps) => {
          const alice = await createAlice()
          for (const step of steps) await perform(alice, step)
          expect(mostWithin(alice.evaluated, DAY)).toBeLessThanOrEqual(20)
        }),
        { numRuns: 1000 },
      )
    },
  )

  it('can be used up, and no further, by somebody who does nothing else', async () => {
    const alice = await createAlice({ 'email.concurrent_challenges': 'true' })
    while (await alice.trigger()) {
      await Promise.all(Array.from({ length: 6 }, () => alice.wrong(0)))
      alice.world.advance(200_000)
    }
    expect(alice.evaluated).toHaveLength(20)
    alice.world.advance(DAY)
    await alice.trigger()
    await alice.wrong(0)
    expect(alice.evaluated).toHaveLength(21)
  })

  it.each<[string, (alice: BudgetWorld) => Promise<unknown>]>([
    ['a new challenge', (alice) => alice.trigger()],
    ['a reset by an administrator', (alice) => alice.reset()],
    [
      'a new PIN',
      async ({ world }) => {
        await setPin(world.ports, await world.account('alice'), SERIAL, '1234')
        await setPin(world.ports, await world.account('alice'), SERIAL, '')
      },
    ],
    [
      'enrolling the token anew',
      async ({ world }) => world.enrol(await world.account('alice'), { serial: SERIAL, pin: '' }),
    ],
    [
      'another setting',
      async ({ world }) => world.set({ 'email.concurrent_challenges': 'true', 'otp.length': '8' }),
    ],
  ])('is not given back by %s', async (_what, act) => {
    const alice = await createAlice()
    await useUp(alice)
    await act(alice)
    alice.world.advance(200_000)
    expect(await alice.trigger()).toBeUndefined()
    expect(alice.evaluated).toHaveLength(20)
  })

  it('is not given back by success', async () => {
    const alice = await createAlice()
    await alice.trigger()
    for (let guess = 0; guess < 4; guess++) await alice.wrong(0)
    expect(await alice.right(0)).toMatchObject({ outcome: 'accepted' })
    await useUp(alice)
    expect(alice.evaluated).toHaveLength(20)
  })

  it('keeps what a challenge may still cost while its last answers are being written down', async () => {
    const alice = await createAlice()
    const { world } = alice
    await useUp(alice, 15)
    const challenge = (await alice.trigger())!
    const { charge } = world.ports.accounts
    const late: (() => Promise<void>)[] = []
    world.ports.accounts.charge = async (...charged) => {
      late.push(() => charge(...charged))
    }
    world.advance(challenge.expiresAt - 1 - world.now())
    const guesses = challenge.maxAttempts
    for (let guess = 0; guess < guesses; guess++) await alice.wrong(0)

    world.advance(SETTLING)
    const next = await alice.trigger()
    world.ports.accounts.charge = charge
    for (const write of late) await write()
    for (let guess = 0; guess < 10; guess++) await alice.wrong(0)
    expect(next).toBeDefined()
    await useUp(alice)
    expect(alice.evaluated).toHaveLength(20)
  })

  it('keeps what is still being written down when the right answer comes in between', async () => {
    const alice = await createAlice()
    const { charge } = alice.world.ports.accounts
    await useUp(alice, 4)
    await alice.trigger()
    const late: (() => Promise<void>)[] = []
    alice.world.ports.accounts.charge = async (...charged) => {
      late.push(() => charge(...charged))
    }
    for (let guess = 0; guess < 4; guess++) await alice.wrong(0)
    await alice.right(0)
    for (let challenge = 0; challenge < 12; challenge++) {
      await alice.trigger()
      for (let guess = 0; guess < 5; guess++) await alice.wrong(0)
    }
    for (const write of late) await write()
    expect(alice.evaluated.length).toBeLessThanOrEqual(20)
    alice.world.ports.accounts.charge = charge
  })
})

describe('after the last wrong answer in a row', () => {
  const SETTINGS = { 'account.max_consecutive_wrong': '7', 'account.max_wrong_per_day': '100' }

  it('nothing is evaluated until an administrator resets it', async () => {
    const alice = await createAlice(SETTINGS)
    await useUp(alice)
    expect(alice.evaluated).toHaveLength(7)
    expect(await alice.trigger()).toBeUndefined()
    alice.world.advance(10 * DAY)
    expect(await alice.trigger()).toBeUndefined()

    await alice.reset()
    expect(await alice.trigger()).toBeDefined()
    expect(await alice.right(0)).toMatchObject({ outcome: 'accepted' })
  })

  it('open challenges are not evaluated either, not even for the right answer', async () => {
    const alice = await createAlice({ ...SETTINGS, 'email.concurrent_challenges': 'true' })
    await alice.trigger()
    await alice.trigger()
    alice.world.set({ 'account.max_consecutive_wrong': '1' })
    await alice.wrong(0)
    const before = alice.evaluated.length
    expect(await alice.right(1)).toMatchObject({ outcome: 'rejected', reason: 'guess_budget' })
    expect(await alice.wrong(1)).toMatchObject({ reason: 'guess_budget' })
    expect(alice.evaluated).toHaveLength(before)
  })

  it('and never more than those in a row, whatever is done in parallel', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 40 }), { maxLength: 12 }), async (bursts) => {
        const alice = await createAlice({ ...SETTINGS, 'email.concurrent_challenges': 'true' })
        for (const burst of bursts) {
          await Promise.all([alice.trigger(), alice.trigger()])
          await Promise.all(Array.from({ length: burst }, (_, guess) => alice.wrong(guess % 3)))
          alice.world.advance(60_000)
        }
        expect(alice.evaluated.length).toBeLessThanOrEqual(7)
      }),
      { numRuns: 100 },
    )
  })

  it('a right answer in time starts the count anew', async () => {
    const alice = await createAlice(SETTINGS)
    await alice.trigger()
    await alice.wrong(0)
    await alice.right(0)
    expect((await alice.world.account('alice')).consecutive).toBe(0)
  })
})

/** Guesses wrongly, challenge after challenge, until none comes any more or so many were made. */
async function useUp(alice: BudgetWorld, most = Infinity): Promise<void> {
  while (alice.evaluated.length < most && (await alice.trigger())) {
    for (let guess = 0; guess < 5 && alice.evaluated.length < most; guess++) await alice.wrong(0)
    alice.world.advance(200_000)
  }
}
