import type { Challenge } from './challenge.ts'
import type { Ports } from './ports.ts'

const FIRST_PAUSE = 40
const LONGEST_PAUSE = 250

/**
 * Waits until `deliver` has said of each challenge whether it was sent, at most `patience`
 * milliseconds, so that a caller learns of a fast failure and never waits for a slow server.
 * Returns the challenges as last seen.
 */
export async function awaitDelivery(
  { challenges: store, now, sleep }: Pick<Ports, 'challenges' | 'now' | 'sleep'>,
  challenges: Challenge[],
  patience: number,
): Promise<Challenge[]> {
  const deadline = now() + patience
  let seen = challenges
  for (
    let pause = FIRST_PAUSE;
    !seen.every(isDecided);
    pause = Math.min(LONGEST_PAUSE, pause * 1.5)
  ) {
    const left = deadline - now()
    if (left <= 0) break
    await sleep(Math.min(pause, left))
    seen = await Promise.all(seen.map((one) => (isDecided(one) ? one : reread(store, one))))
  }
  return seen
}

const isDecided = ({ delivery }: Challenge) => delivery === 'sent' || delivery === 'failed'

async function reread(store: Ports['challenges'], one: Challenge): Promise<Challenge> {
  try {
    return (await store.get(one.transactionId, one.serial)) ?? one
  } catch {
    return one // the challenge exists and its mail is under way, whether or not it can be read now
  }
}
