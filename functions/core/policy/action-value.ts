import type { Kind, Reading } from '../setting-kinds.ts'

/** An action that is switched on by being there. */
export type Flag = { readonly flag: true; readonly accepted: string }

/** The actions of a scope by name. */
export type Catalogue = Readonly<Record<string, Flag | Kind<unknown>>>

export const flag: Flag = { flag: true, accepted: 'no value; leave it out to switch it off' }

/** Reads the value of an action. One in single quotes is meant without them, as in the reference. */
export function readAction<T>(kind: Kind<T>, value: string | true): Reading<T> {
  if (value === true) return { refused: 'needs a value' }
  const quoted = value.length > 1 && value.startsWith("'") && value.endsWith("'")
  return kind.read(quoted ? value.slice(1, -1) : value)
}
