import type { OperatorPorts } from './ports.ts'

/** What the doctor found out about one thing. */
export type Check = {
  id: string
  state: 'ok' | 'warning' | 'problem'
  /** One sentence. */
  says: string
  /** What to do about it. */
  hint?: string
}

/**
 * Looks at one thing; undefined where a deployment does not have it. May throw: that is a finding,
 * too.
 */
export type Examine = (ports: OperatorPorts) => Promise<Finding | undefined>
export type Finding = Omit<Check, 'id'>

/** A hint that can be copied into a terminal. */
export const command = (words: string, { stage }: Pick<OperatorPorts, 'stage'>) =>
  `npx otpost ${words} --stage ${stage}`

export const ok = (says: string) => ({ state: 'ok', says }) as const
export const warning = (says: string, hint?: string) => found('warning', says, hint)
export const problem = (says: string, hint?: string) => found('problem', says, hint)

const found = (state: 'warning' | 'problem', says: string, hint: string | undefined) => ({
  state,
  says,
  ...(hint === undefined ? {} : { hint }),
})
