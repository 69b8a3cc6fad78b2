import type { Reading } from '../setting-kinds.ts'

/** Value by name of the action. */
export type Actions = Readonly<Record<string, string | true>>

const COMMA = /(?<!\\),/

/**
 * Reads the reference's text of actions: `emailtext=Hello {user}\, your code: {otp}, emailautosend`.
 * A comma within a value is escaped by a backslash; blanks around names and values do not count.
 */
export function readActionText(text: string): Reading<Actions> {
  const actions = new Map<string, string | true>()
  for (const part of text.split(COMMA)) {
    if (part.trim() === '') continue
    const [name, value] = readPart(part)
    if (actions.has(name) && actions.get(name) !== value) return { refused: `sets ${name} twice` }
    actions.set(name, value)
  }
  return { value: Object.fromEntries(actions) }
}

function readPart(part: string): [name: string, value: string | true] {
  const equals = part.indexOf('=')
  if (equals < 0) return [part.trim(), true]
  const value = part.slice(equals + 1).replaceAll('\\,', ',')
  return [part.slice(0, equals).trim(), value.trim()]
}

/** Writes actions as that text. */
export const formatActionText = (actions: Actions): string =>
  Object.entries(actions)
    .map(([name, value]) => (value === true ? name : `${name}=${value.replaceAll(',', '\\,')}`))
    .join(', ')
