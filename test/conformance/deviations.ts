import type { Expected } from './replay.ts'

/** A difference that is meant: what Otpost answers instead, made from the recorded answer. */
export type Deviation = {
  /** Full names of steps. */
  steps: string[]
  reason: string
  instead(recorded: Expected): Expected
}

export const DEVIATIONS: Deviation[] = []
