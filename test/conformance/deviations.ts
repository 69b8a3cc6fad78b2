/**
 * Every difference from the recording that is meant. A step may be listed more than once; what is
 * expected of it then is all of it.
 */
import { CODES } from './deviations-codes.ts'
import { MAILS } from './deviations-mails.ts'
import { REQUESTS } from './deviations-requests.ts'
import { SAMLCHECK } from './deviations-samlcheck.ts'
import { SETTINGS } from './deviations-settings.ts'
import { TOKENS } from './deviations-tokens.ts'
import type { Patch } from './patches.ts'
import type { Step } from './recording.ts'

export type Deviation = {
  /** Full names of the steps, or what they have in common. */
  steps: string[] | ((step: Step) => boolean)
  /** Why, with the rule that wants it. */
  reason: string
  /** Makes of the recorded answer the one Otpost gives. */
  instead: Patch
}

export const DEVIATIONS: Deviation[] = [
  ...REQUESTS,
  ...CODES,
  ...TOKENS,
  ...MAILS,
  ...SETTINGS,
  ...SAMLCHECK,
]

/** The deviations a step is listed under. */
export const deviationsOf = (step: Step): Deviation[] =>
  DEVIATIONS.filter(({ steps }) =>
    typeof steps === 'function' ? steps(step) : steps.includes(step.name),
  )
