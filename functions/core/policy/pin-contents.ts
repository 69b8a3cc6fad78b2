import type { Kind } from '../setting-kinds.ts'

/** What a PIN may and must consist of. */
export type PinContents = {
  /** Every character of the PIN is one of these. */
  readonly allowed: ReadonlySet<string>
  /** The PIN has a character of each of these. */
  readonly required: readonly ReadonlySet<string>[]
}

const CLASSES: Readonly<Record<string, string>> = {
  c: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  n: '0123456789',
  s: '.:,;_<>+*!/()=?$§%&#~^-',
}
const EVERYTHING = new Set(Object.values(CLASSES).join(''))

/** The reference's notation: c letters, n digits, s special characters. */
export const pinContents: Kind<PinContents> = {
  accepted:
    'of c (letters), n (digits), s (special characters): "cn" one of each, "+cn" one of either, ' +
    '"-s" none of them, or "[0123]" only these characters',
  read(notation) {
    if (/^\[.+\]$/.test(notation)) {
      return { value: { allowed: new Set(notation.slice(1, -1)), required: [] } }
    }
    const match = /^([+-]?)([cns]+)$/.exec(notation)
    if (!match) return { refused: 'is not made of c, n and s' }

    const [, sign, letters = ''] = match
    const classes = [...new Set(letters)].map((letter) => CLASSES[letter]!)
    if (sign === '-') return { value: { allowed: without(classes), required: [] } }
    const groups = sign === '+' ? [classes.join('')] : classes
    const required = groups.map((group) => new Set(group))
    return { value: { allowed: EVERYTHING, required } }
  },
}

function without(classes: readonly string[]): ReadonlySet<string> {
  const denied = classes.join('')
  return new Set([...EVERYTHING].filter((character) => !denied.includes(character)))
}

/** What is wrong with the characters of a PIN, if anything. */
export function pinContentsRefusal({ allowed, required }: PinContents, pin: string) {
  const characters = [...pin]
  if (!characters.every((each) => allowed.has(each))) return 'Not allowed character in PIN!'
  const fulfilled = required.every((group) => characters.some((each) => group.has(each)))
  return fulfilled ? undefined : 'Missing character in PIN!'
}
