/** Rounds of guesses that arrive at the same time, for any challenge store. */
import type { GuessResult } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import { guessAt, RIGHT, sentChallenge, WRONG } from '../support/challenges.ts'

export type Tally = Partial<Record<GuessResult, number>>

export const tally = (results: GuessResult[]): Tally => {
  const counts: Tally = {}
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1
  return counts
}

/** One challenge, guessed at with all these MACs at once. */
export async function guessTogether(store: ChallengeStore, macs: string[]): Promise<GuessResult[]> {
  const challenge = sentChallenge()
  await store.put(challenge)
  return Promise.all(macs.map((mac) => store.guess(guessAt(challenge, mac))))
}

/** How often each of so many codes was accepted when its right answer came `parallel` times at once. */
export async function acceptsPerCode(
  store: ChallengeStore,
  { codes, parallel }: { codes: number; parallel: number },
): Promise<number[]> {
  const accepts: number[] = []
  for (let code = 0; code < codes; code++) {
    const results = await guessTogether(store, Array<string>(parallel).fill(RIGHT))
    accepts.push(tally(results).accepted ?? 0)
  }
  return accepts
}

/** `right` right and `wrong` wrong answers, in an order that changes with the round. */
export function mixture(right: number, wrong: number, round: number): string[] {
  const macs = Array.from({ length: right + wrong }, (_, index) => (index < right ? RIGHT : WRONG))
  const turn = round % macs.length
  return [...macs.slice(turn), ...macs.slice(0, turn)]
}
