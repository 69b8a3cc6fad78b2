/** How long codes are, and how long they last, where policies say so for a login. */
import type { OpenChallenge, Token } from './account.ts'
import type { LoginPolicy } from './login-policy.ts'

/** Every length that a code can have. */
export const LENGTHS: readonly number[] = [4, 5, 6, 7, 8, 9, 10, 11, 12]

/**
 * What a challenge notes of the length of its code: nothing, unless that is more than its token's.
 * Policies never make a code shorter, as the guess budget counts on the length of the tokens.
 */
export const longerCode = ({ digits: own }: Pick<Token, 'digits'>, digits = own) =>
  digits > own ? { digits } : {}

/** How many digits answer a challenge of this token; without one, as many as it usually has. */
export const codeLength = ({ digits }: Token, challenge?: OpenChallenge): number =>
  challenge?.digits ?? digits

/**
 * How many digits a code of this token may have: as many as those of the challenges that wait (newest
 * first), of which two lengths count; where none waits, because it is over, as many as it would have
 * had (`usual`: by policy).
 */
export function codeLengths(
  token: Token,
  open: OpenChallenge[],
  usual = 0,
): [first: number, second?: number] {
  const waiting = open.filter(({ serial }) => serial === token.serial)
  const [first = Math.max(token.digits, usual), second] = new Set(
    waiting.map((one) => codeLength(token, one)),
  )
  return second === undefined ? [first] : [first, second]
}

/** What policies say of the codes of a login, as a trigger takes it. */
export function codeOptions({ emailValidtime, emailOtplen }: LoginPolicy['login']) {
  const [validSeconds, digits] = [emailValidtime.value, emailOtplen.value]
  return {
    ...(validSeconds === undefined ? {} : { validSeconds }),
    ...(digits === undefined ? {} : { digits }),
  }
}
