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

/** Looks at one thing; its name is the id of what it finds. May throw: that is a finding, too. */
export type Examine = (ports: OperatorPorts) => Promise<Omit<Check, 'id'>>

export const ok = (says: string) => ({ state: 'ok', says }) as const
export const warning = (says: string, hint?: string) => found('warning', says, hint)
export const problem = (says: string, hint?: string) => found('problem', says, hint)

const found = (state: 'warning' | 'problem', says: string, hint: string | undefined) => ({
  state,
  says,
  ...(hint === undefined ? {} : { hint }),
})
