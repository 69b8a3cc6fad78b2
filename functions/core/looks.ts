/**
 * How often a PIN or a password is looked at. Five looks are free, and each wrong one costs one; they
 * come back one by one, more slowly the more were wrong, and never stop coming back: knowing a name
 * must not be enough to keep its owner out.
 */
export type Tries = {
  /** Wrong ones since the last right one. */
  failures: number
  /** When the last was, Unix milliseconds. */
  failedAt: number
  /** Looks that were left then, in parts. Undefined: written when nobody counted them. */
  looks?: number | undefined
}

/** Looks that are there at once. */
const MOST_LOOKS = 5
const FIRST_REFILL = 20_000
const LONGEST_REFILL = 300_000
const MOST_DOUBLINGS = 10

export const NO_TRIES: Tries = Object.freeze({ failures: 0, failedAt: 0 })

/** Milliseconds until one more look is there, after so many wrong ones. */
export function refillOf(failures: number): number {
  const doublings = Math.min(MOST_DOUBLINGS, Math.max(0, failures - MOST_LOOKS))
  return Math.min(LONGEST_REFILL, FIRST_REFILL * 2 ** doublings)
}

/** Looks that are there at a moment (Unix milliseconds), in parts. */
export function looksLeft({ failures, failedAt, looks }: Tries, now: number): number {
  if (failures === 0) return MOST_LOOKS
  const then = looks ?? Math.max(0, MOST_LOOKS - failures)
  return Math.min(MOST_LOOKS, then + Math.max(0, now - failedAt) / refillOf(failures))
}

/** Whether one more try is looked at. */
export const mayLook = (tries: Tries, now: number) => looksLeft(tries, now) >= 1

/** After one more try was looked at and wrong. */
export const afterFailure = (tries: Tries, now: number): Required<Tries> => ({
  failures: tries.failures + 1,
  failedAt: now,
  looks: looksLeft(tries, now) - 1,
})
