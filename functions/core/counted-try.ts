import { afterFailure, mayLook, type Tries } from './looks.ts'
import type { Clock } from './ports.ts'

/** Tries as they are stored; each write has the next number. */
export type CountedTries = Tries & { rev: number }

/** One look at a password that is stored with, or beside, the tries at it. */
export type Look<T extends CountedTries> = {
  /** Undefined: there is nothing that could be right. */
  load(): Promise<T | undefined>
  isRight(stored: T): Promise<boolean>
  /** Spends what {@link Look.isRight} does. */
  burn(): Promise<unknown>
  /** False: it was changed since it was numbered `rev`. */
  save(stored: T, rev: number): Promise<boolean>
}

/**
 * Whether it is the right one. Every try is counted by a write on a state that still allowed one,
 * before it is answered, so parallel guesses do not share a try; one that is not allowed costs the
 * same time as a wrong one.
 */
export async function countedTry<T extends CountedTries>(now: Clock, look: Look<T>) {
  for (;;) {
    const stored = await look.load()
    if (!stored || !mayLook(stored, now())) {
      await look.burn()
      return false
    }
    const right = await look.isRight(stored)
    const counted = right ? { failures: 0 } : afterFailure(stored, now())
    if (await look.save({ ...stored, ...counted, rev: stored.rev + 1 }, stored.rev)) return right
  }
}
