import { describe, expect, it } from 'vitest'
import { DAY } from '../../functions/core/spans.ts'
import { afterFailure, looksLeft, mayLook, NO_TRIES, refillOf } from '../../functions/core/looks.ts'

const SECOND = 1000

describe('looks', () => {
  it('come back more slowly the more were wrong, and never stop', () => {
    const seconds = Array.from({ length: 12 }, (_, failures) => refillOf(failures) / SECOND)
    expect(seconds).toEqual([20, 20, 20, 20, 20, 20, 40, 80, 160, 300, 300, 300])
    expect(refillOf(1_000_000)).toBe(300 * SECOND)
  })

  it('are five at once, and one more after 20 s', () => {
    let tries = NO_TRIES
    for (let wrong = 0; wrong < 5; wrong++) {
      expect(mayLook(tries, 0)).toBe(true)
      tries = afterFailure(tries, 0)
    }
    expect([0, 19_999, 20_000].map((at) => mayLook(tries, at))).toEqual([false, false, true])
  })

  it('are never more than five', () => {
    expect(looksLeft(afterFailure(NO_TRIES, 0), 30 * DAY)).toBe(5)
  })

  it('do not come from a clock that stands behind', () => {
    expect(looksLeft({ failures: 5, failedAt: 60_000, looks: 0 }, 0)).toBe(0)
  })

  it.each([
    [3, 2],
    [5, 0],
    [9, 0],
  ])(
    'of an account that has %i wrong ones from before they were counted are %i',
    (failures, left) => {
      expect(looksLeft({ failures, failedAt: 0 }, 0)).toBe(left)
    },
  )
})

/** A day of somebody who tries every `every` ms, with what they are let see, and a look in between. */
function dayOf(every: number, ownerAt: (time: number) => boolean) {
  let tries = NO_TRIES
  const seen = { guesses: 0, owner: 0, admitted: 0 }
  for (let time = 0; time < DAY; time += SECOND) {
    if (time % every === 0 && mayLook(tries, time)) {
      tries = afterFailure(tries, time)
      seen.guesses++
    }
    if (!ownerAt(time)) continue
    seen.owner++
    if (mayLook(tries, time)) seen.admitted++
  }
  return seen
}
/** At moments that keep no step with anybody's. */
const nowAndThen = (time: number) => (time / SECOND) % 397 === 200

describe('somebody who drips wrong ones all day', () => {
  it.each([1, 10, 20, 60, 120, 240, 300, 600, 3600])(
    'once in %i s has fewer than 300 guesses',
    (seconds) => {
      const { guesses } = dayOf(seconds * SECOND, nowAndThen)
      expect(guesses).toBeLessThan(300)
    },
  )

  it.each([300, 600, 3600])('once in %i s never keeps the right one out', (seconds) => {
    const { owner, admitted } = dayOf(seconds * SECOND, nowAndThen)
    expect(owner).toBeGreaterThan(200)
    expect(admitted).toBe(owner)
  })

  it.each([60, 120, 240])(
    'once in %i s leaves some looks over, and the first minutes',
    (seconds) => {
      const { owner, admitted } = dayOf(seconds * SECOND, nowAndThen)
      expect(admitted / owner).toBeGreaterThan(0.05)
      const early = dayOf(seconds * SECOND, (time) => time === 239 * SECOND)
      expect(early.admitted).toBe(1)
    },
  )
})
