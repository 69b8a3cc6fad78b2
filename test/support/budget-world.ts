/** A world that counts evaluated guesses where they are decided: at the challenge store. */
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { createWorld, type WorldOptions } from './world.ts'

/** A store that notes the time of every guess that was evaluated and wrong. */
function spyingChallenges(now: () => number) {
  const store = memoryChallenges()
  const evaluated: number[] = []
  const challenges: ChallengeStore = {
    ...store,
    async guess(guess) {
      const result = await store.guess(guess)
      if (result === 'wrong') evaluated.push(now())
      return result
    },
  }
  return { challenges, evaluated }
}

export function createBudgetWorld(options: WorldOptions = {}) {
  const spy = spyingChallenges(() => world.now())
  const world = createWorld({ ...options, challenges: spy.challenges })
  return { world, evaluated: spy.evaluated }
}

/** The most times that lie in one window of this length (its end included, its start not). */
export function mostWithin(times: number[], window: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  const counts = sorted.map((end) => sorted.filter((at) => at <= end && at > end - window).length)
  return Math.max(0, ...counts)
}
