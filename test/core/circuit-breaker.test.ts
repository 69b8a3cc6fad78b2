import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BreakerState,
  circuitBreaker,
  FAULTS_TO_OPEN,
  FIRST_OPEN_MS,
  LONGEST_OPEN_MS,
  type Pass,
  PROBE_LOST_MS,
  type Verdict,
} from '../../functions/core/circuit-breaker.ts'

function breakerAt() {
  const world = { now: 1000 }
  const changes: [BreakerState, number?][] = []
  const breaker = circuitBreaker({
    clock: () => world.now,
    changed: (...change) => void changes.push(change),
  })
  const tries = (...verdicts: Verdict[]) => {
    for (const verdict of verdicts) breaker.admit()!.end(verdict)
  }
  const pass = (ms: number) => void (world.now += ms)
  return { breaker, changes, tries, pass, world }
}
const FAULTS: Verdict[] = Array.from({ length: FAULTS_TO_OPEN }, () => 'fault')

describe('a closed breaker', () => {
  it('opens after faults in a row', () => {
    const { breaker, tries, changes } = breakerAt()
    tries(...FAULTS.slice(1))
    expect(breaker.state()).toBe('closed')
    tries('fault')
    expect(breaker.state()).toBe('open')
    expect(breaker.admit()).toBeUndefined()
    expect(breaker.openedAt()).toBe(1000)
    expect(changes).toEqual([['open', FIRST_OPEN_MS]])
  })

  it('starts to count anew after a success', () => {
    const { breaker, tries } = breakerAt()
    tries(...FAULTS.slice(1), 'sound', ...FAULTS.slice(1))
    expect(breaker.state()).toBe('closed')
  })

  it('opens at once when the other side says that it is down', () => {
    const { breaker, tries } = breakerAt()
    tries('down')
    expect(breaker.state()).toBe('open')
  })

  it('does not count a try that was not made', () => {
    const { breaker } = breakerAt()
    for (let tries = 0; tries < 10; tries++) breaker.admit()!.drop()
    expect(breaker.state()).toBe('closed')
  })
})

function opened() {
  const world = breakerAt()
  world.tries(...FAULTS)
  world.changes.length = 0
  return world
}

describe('an open breaker', () => {
  it.each([
    [FIRST_OPEN_MS - 1, 'open'],
    [FIRST_OPEN_MS, 'half_open'],
  ] as const)('is %i ms later %s', (ms, state) => {
    const { breaker, pass } = opened()
    pass(ms)
    expect(breaker.state()).toBe(state)
  })

  it('lets one probe through, and closes when it succeeds', () => {
    const { breaker, pass, changes } = opened()
    pass(FIRST_OPEN_MS)
    const probe = breaker.admit()!
    expect(breaker.state()).toBe('open')
    expect(breaker.admit()).toBeUndefined()
    probe.end('sound')
    expect(breaker.state()).toBe('closed')
    expect(breaker.openedAt()).toBeUndefined()
    expect(changes).toEqual([['half_open'], ['closed']])
  })

  it('stays open twice as long after each probe that fails, up to a limit', () => {
    const { breaker, pass, changes } = opened()
    let openMs = FIRST_OPEN_MS
    for (const verdict of ['fault', 'down', 'fault', 'fault', 'fault'] as const) {
      pass(openMs - 1)
      expect(breaker.admit()).toBeUndefined()
      pass(1)
      breaker.admit()!.end(verdict)
      openMs = Math.min(2 * openMs, LONGEST_OPEN_MS)
      expect(changes.at(-1)).toEqual(['open', openMs])
    }
    expect(openMs).toBe(LONGEST_OPEN_MS)
  })

  it('starts with the short time again once it was closed', () => {
    const { breaker, pass, tries, changes } = opened()
    pass(FIRST_OPEN_MS)
    tries('fault')
    pass(2 * FIRST_OPEN_MS)
    tries('sound', ...FAULTS)
    expect(changes.at(-1)).toEqual(['open', FIRST_OPEN_MS])
    expect(breaker.state()).toBe('open')
  })

  it('lets the next probe through when one was not made, or is never heard of again', () => {
    const { breaker, pass } = opened()
    pass(FIRST_OPEN_MS)
    breaker.admit()!.drop()
    const lost = breaker.admit()!
    pass(PROBE_LOST_MS - 1)
    expect(breaker.admit()).toBeUndefined()
    pass(1)
    const next = breaker.admit()!
    lost.end('fault')
    expect(breaker.admit()).toBeUndefined()
    next.end('sound')
    expect(breaker.state()).toBe('closed')
  })

  it('is closed by the success of a try that was forced, and not moved by its failure', () => {
    const { breaker, pass } = opened()
    pass(100)
    breaker.force().end('fault')
    breaker.force().end('down')
    expect(breaker.openedAt()).toBe(1000)
    pass(FIRST_OPEN_MS - 100)
    expect(breaker.state()).toBe('half_open')
    breaker.force().end('sound')
    expect(breaker.state()).toBe('closed')
  })

  it('is not moved by faults of tries that began before it opened', () => {
    const { breaker, tries, pass } = breakerAt()
    const slow = [breaker.admit()!, breaker.admit()!]
    tries(...FAULTS)
    pass(10_000)
    for (const one of slow) one.end('fault')
    expect(breaker.openedAt()).toBe(1000)
    pass(FIRST_OPEN_MS - 10_000)
    expect(breaker.state()).toBe('half_open')
  })
})

it('whatever happens: never two probes at once, and never stuck', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ admit: true } as const) },
    { weight: 1, arbitrary: fc.constant({ force: true } as const) },
    fc.record({
      end: fc.constantFrom<Verdict | 'drop'>('sound', 'fault', 'fault', 'fault', 'down', 'drop'),
      which: fc.nat(),
    }),
    fc.record({ wait: fc.integer({ min: 0, max: 100_000 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { breaker, pass, world } = breakerAt()
      const out: { pass: Pass; probe: boolean; at: number }[] = []
      for (const one of steps) {
        if ('wait' in one) pass(one.wait)
        else if ('force' in one) out.push({ pass: breaker.force(), probe: false, at: world.now })
        else if ('admit' in one) {
          const before = breaker.state()
          const got = breaker.admit()
          expect(got === undefined).toBe(before === 'open')
          if (got) out.push({ pass: got, probe: before === 'half_open', at: world.now })
        } else if (out.length > 0) {
          const [ended] = out.splice(one.which % out.length, 1)
          if (one.end === 'drop') ended!.pass.drop()
          else ended!.pass.end(one.end)
          // whatever came of it, an earlier probe does not count any more once it is closed
          if (breaker.state() === 'closed') for (const other of out) other.probe = false
        }
        const live = out.filter(({ probe, at }) => probe && world.now < at + PROBE_LOST_MS)
        expect(live.length).toBeLessThanOrEqual(1)
      }
      pass(LONGEST_OPEN_MS + PROBE_LOST_MS)
      const last = breaker.admit()
      expect(last).toBeDefined()
      last!.end('sound')
      expect(breaker.state()).toBe('closed')
    }),
    { numRuns: 2000 },
  )
})
