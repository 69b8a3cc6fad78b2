/** Where the PIN ends and the code begins in what was typed in one field. */
import { type OpenChallenge, type Token, typeOf } from './account.ts'
import { codeLengths, LENGTHS } from './code-length.ts'

const splitAt = (typed: string, digits: number, prepended: boolean) =>
  prepended
    ? { pin: typed.slice(0, -digits), otp: typed.slice(-digits) }
    : { pin: typed.slice(digits), otp: typed.slice(0, digits) }

const isOtp = (text: string, digits: number) => text.length === digits && /^[0-9]+$/.test(text)

/** Whether what was typed holds a code of that length where it belongs. */
export const hasOtp = (typed: string, digits: number, prepended = true) =>
  isOtp(splitAt(typed, digits, prepended).otp, digits)

/** Lengths of codes that one request is parted at; a user with tokens of more says which is meant. */
const MOST_LENGTHS = 3

/** At how many lengths it would be parted of an account that has codes of every length there is. */
export const mostParts = (typed: string, prepended: boolean): number =>
  Math.min(MOST_LENGTHS, LENGTHS.filter((digits) => hasOtp(typed, digits, prepended)).length)

/** A code that may be in what was typed, and the tokens whose PIN is what is left. */
export type Parted = { otp: string; digits: number; proven: Token[] }

/** How what was typed is read. */
export type Reading = {
  /** What the tokens wait for, newest first. */
  open: OpenChallenge[]
  /** The PIN stands before the code, not behind it. */
  prepended: boolean
  /** Digits that policies want codes to have; counts where none is waited for. */
  usual?: number | undefined
}

/**
 * Parts what was typed for these tokens. A code may be as long as any that a token waits for, the
 * newest first, and the PIN before each length costs a derivation, so there are at most three; see
 * {@link codeLengths}. Undefined: there is no way to part it that leaves the PIN of a token.
 */
export async function partPinAndCode(
  typed: string,
  tokens: Token[],
  { open, prepended, usual }: Reading,
  isPin: (pin: string, token: Token) => Promise<boolean>,
): Promise<Parted | undefined> {
  const candidates = tokens
    .filter((token) => typeOf(token) === 'email')
    .map((token) => ({ token, lengths: codeLengths(token, open, usual) }))
  const waysOf = (nth: 0 | 1) =>
    candidates.flatMap(({ token, lengths: { [nth]: digits } }) =>
      digits !== undefined && hasOtp(typed, digits, prepended)
        ? [{ token, digits, ...splitAt(typed, digits, prepended) }]
        : [],
    )
  const waits = ({ token }: { token: Token }) => open.some(({ serial }) => serial === token.serial)
  const firsts = waysOf(0)
  const others = waysOf(1)
  // one more length in all: a request must not cost ever more derivations
  const more = others.filter(({ digits }) => digits === others[0]!.digits)
  const inTurn = [...firsts.filter(waits), ...more, ...firsts]
  const lengths = [...new Set(inTurn.map(({ digits }) => digits))]
  const tried = new Set(lengths.slice(0, MOST_LENGTHS))
  for (const some of [firsts, more]) {
    const ways = some.filter(({ digits }) => tried.has(digits))
    const proven = await keep(ways, ({ pin, token }) => isPin(pin, token))
    const [first] = proven
    if (!first) continue
    const { otp, digits } = first
    const alike = proven.filter((one) => one.digits === digits)
    return { otp, digits, proven: alike.map(({ token }) => token) }
  }
  return undefined
}

/** Those that pass a test; all are tested at once. */
export async function keep<T>(items: T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const passed = await Promise.all(items.map(test))
  return items.filter((_, index) => passed[index])
}
