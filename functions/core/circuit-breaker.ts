import type { Clock } from './ports.ts'

/**
 * - `closed`: everything goes by it
 * - `open`: nothing does, for a while
 * - `half_open`: one mail at a time is let through to see whether it works again
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

/**
 * What came of one try.
 *
 * - `sound`: it works
 * - `fault`: it failed
 * - `down`: it says itself that it will not work for a while
 */
export type Verdict = 'sound' | 'fault' | 'down'

/** Permission for one try; whoever has it says what came of it, or that it was not made. */
export type Pass = { end(verdict: Verdict): void; drop(): void }

export type CircuitBreaker = {
  /** `half_open` only while a mail would be let through. */
  state(): BreakerState
  /** When it last opened, in Unix milliseconds; undefined while it is closed. */
  openedAt(): number | undefined
  /** Undefined: not now. */
  admit(): Pass | undefined
  /** A try although it is open. Its failure changes nothing, its success closes the breaker. */
  force(): Pass
}

export type BreakerOptions = {
  clock: Clock
  /** Told of each change. `openMs`: how long it will stay open. */
  changed?: (state: BreakerState, openMs?: number) => void
}

/** So many faults in a row open it. */
export const FAULTS_TO_OPEN = 3
/** How long LinOTP blocks a provider that failed. */
export const FIRST_OPEN_MS = 30_000
/** Each probe that fails doubles the time, up to this. */
export const LONGEST_OPEN_MS = 240_000
/** A probe of which nothing was heard for so long will not end any more. */
export const PROBE_LOST_MS = 60_000

/**
 * Keeps tries away from something that fails again and again, and finds out when it works again.
 *
 * What it knows lives and dies with the function instance. An item that all instances share would
 * cost every mail a read and a write, contended just when something is wrong, and would let one
 * instance's broken network speak for all; what an instance has to learn by itself costs three
 * slow mails.
 */
export function circuitBreaker({ clock, changed = () => {} }: BreakerOptions): CircuitBreaker {
  let faults = 0
  let opened: { at: number; forMs: number } | undefined
  let probe: { at: number } | undefined

  function state(): BreakerState {
    if (!opened) return 'closed'
    const resting = clock() < opened.at + opened.forMs
    const probing = probe !== undefined && clock() < probe.at + PROBE_LOST_MS
    return resting || probing ? 'open' : 'half_open'
  }

  function open(forMs: number) {
    opened = { at: clock(), forMs }
    probe = undefined
    changed('open', forMs)
  }

  function close() {
    faults = 0
    if (!opened) return
    opened = probe = undefined
    changed('closed')
  }

  function ended(verdict: Verdict) {
    if (verdict === 'sound') return close()
    // one that was let through before it opened says nothing new
    if (opened) return
    faults++
    if (verdict === 'down' || faults >= FAULTS_TO_OPEN) open(FIRST_OPEN_MS)
  }

  function probePass(): Pass {
    const mine = { at: clock() }
    probe = mine
    changed('half_open')
    return {
      end(verdict) {
        if (verdict === 'sound') close()
        else if (opened && probe === mine) open(Math.min(LONGEST_OPEN_MS, 2 * opened.forMs))
      },
      drop() {
        if (probe === mine) probe = undefined
      },
    }
  }

  const pass: Pass = { end: ended, drop() {} }
  return {
    state,
    openedAt: () => opened?.at,
    admit() {
      const now = state()
      if (now === 'closed') return pass
      return now === 'open' ? undefined : probePass()
    },
    force: () => pass,
  }
}
