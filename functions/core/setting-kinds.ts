/** How the text of a parameter becomes a value: numbers, switches, choices and plain text. */

/** The value that was read, or why the text was refused (a clause that follows the name). */
export type Reading<T> = { value: T } | { refused: string }

export type Kind<T> = {
  /** What is accepted, as a noun phrase. */
  accepted: string
  /** Reads trimmed text. Never throws. */
  read(text: string): Reading<T>
  /** Its text may hold a key or a password by mistake, so no problem quotes it. */
  confidential?: true
}

/** A whole number in decimal digits, both bounds included. */
export const integer = (min: number, max: number, unit = ''): Kind<number> => ({
  accepted: `a whole number from ${min} to ${max}${unit}`,
  read: (text) =>
    /^-?\d{1,15}$/.test(text)
      ? within(Number(text), min, max)
      : { refused: 'is not a whole number' },
})

/** A number that may have decimals (`1.5`), both bounds included. */
export const decimal = (min: number, max: number, unit = ''): Kind<number> => ({
  accepted: `a number from ${min} to ${max}${unit}, decimals allowed`,
  read: (text) =>
    /^-?\d{1,9}(\.\d{1,9})?$/.test(text)
      ? within(Number(text), min, max)
      : { refused: 'is not a number' },
})

function within(value: number, min: number, max: number): Reading<number> {
  if (value < min) return { refused: `is below ${min}` }
  if (value > max) return { refused: `is above ${max}` }
  return { value }
}

/** One of a few words, in any case; `aliases` are other spellings of them. */
export function choice<const T extends string>(
  words: readonly T[],
  aliases: Readonly<Record<string, T>> = {},
): Kind<T> {
  const meaning = new Map<string, T>(Object.entries(aliases))
  for (const word of words) meaning.set(word, word)
  const accepted = listed(words, aliases)

  return {
    accepted,
    read(text) {
      const value = meaning.get(text.toLowerCase())
      return value === undefined ? { refused: 'is not one of the accepted words' } : { value }
    },
  }
}

function listed(words: readonly string[], aliases: Readonly<Record<string, string>>) {
  const spellings = words.map((word) => {
    const others = Object.keys(aliases).filter((alias) => aliases[alias] === word)
    return others.length === 0 ? word : `${word} (also ${others.join(', ')})`
  })
  return `one of ${spellings.join('; ')}`
}

const SWITCH = choice(['true', 'false'], {
  1: 'true',
  yes: 'true',
  on: 'true',
  0: 'false',
  no: 'false',
  off: 'false',
})

/** A switch. */
export const boolean: Kind<boolean> = {
  accepted: SWITCH.accepted,
  read(text) {
    const reading = SWITCH.read(text)
    return 'refused' in reading ? reading : { value: reading.value === 'true' }
  },
}

/** How the connection to a mail server is encrypted; a switch means STARTTLS. */
export const tls = choice(['none', 'starttls', 'implicit'], {
  false: 'none',
  no: 'none',
  0: 'none',
  true: 'starttls',
  yes: 'starttls',
  1: 'starttls',
  ssl: 'implicit',
})

/** A switch that has only one position here; `why` follows the name when the other is asked for. */
export const fixed = (position: boolean, why: string): Kind<boolean> => ({
  accepted: `${position} only: the other ${why}`,
  read(text) {
    const reading = boolean.read(text)
    if ('refused' in reading || reading.value === position) return reading
    return { refused: `cannot be ${!position}: that ${why}` }
  },
})

/** One line of text without control characters. */
export const line = (maxLength: number): Kind<string> => ({
  accepted: `one line of at most ${maxLength} characters`,
  read(text) {
    if (/\p{Cc}/u.test(text)) return { refused: 'holds a line break or another control character' }
    return noLongerThan(maxLength, text)
  },
})

/** Text of several lines. */
export const text = (maxLength: number): Kind<string> => ({
  accepted: `text of at most ${maxLength} characters`,
  read(value) {
    if (/[^\P{Cc}\t\r\n]/u.test(value)) return { refused: 'holds a control character' }
    return noLongerThan(maxLength, value)
  },
})

function noLongerThan(maxLength: number, value: string): Reading<string> {
  if (value.length > maxLength) return { refused: `is ${value.length} characters long` }
  return { value }
}

/** A kind whose value may also be empty. */
export const optional = (kind: Kind<string>): Kind<string> => ({
  ...kind,
  accepted: `${kind.accepted}, or nothing`,
  read: (value) => (value === '' ? { value } : kind.read(value)),
})

/** A comma list whose items `item` can read; no items is an empty list. */
export const listOf = <T>(item: Kind<T>, accepted: string): Kind<readonly T[]> => ({
  accepted,
  read(value) {
    const items: T[] = []
    for (const part of value.split(',').map((each) => each.trim())) {
      if (part === '') continue
      const reading = item.read(part)
      if ('refused' in reading) return { refused: `has an item that ${reading.refused}: ${part}` }
      items.push(reading.value)
    }
    return { value: Object.freeze(items) }
  },
})
