/** What a person has to know before the OTP counts. */
import { type Account, type Token, typeOf } from './account.ts'
import { pinMatcher } from './pin.ts'

/** The token's PIN, the user's own password, nothing, or whatever is typed. */
export type OtpPin = 'tokenpin' | 'userstore' | 'none' | 'ignore_pin'

export type FirstFactor = {
  /** Whether there is anything to guess. */
  guarded(token: Token): boolean
  matches(typed: string, token: Token): Promise<boolean>
}

/**
 * Compares what was typed with what comes before the OTP. A token that asks for nothing but its PIN
 * never goes without one, whatever a policy says: it would let in anybody.
 *
 * @param elsewhere checks the user's own password where Otpost does not keep it
 */
export function firstFactor(
  pepper: Uint8Array,
  account: Account,
  otppin: OtpPin,
  elsewhere?: (typed: string) => Promise<boolean>,
): FirstFactor {
  const matches = pinMatcher(pepper)
  const secretOf = (token: Token) => {
    if (otppin === 'none' || otppin === 'ignore_pin') return undefined
    return otppin === 'userstore' ? account.password : token.pin
  }
  const mayGoWithout = (token: Token) => typeOf(token) === 'email' && otppin !== 'userstore'
  return {
    guarded: (token) => otppin === 'userstore' || secretOf(token) !== undefined,
    async matches(typed, token) {
      if (otppin === 'ignore_pin') return mayGoWithout(token)
      if (otppin === 'userstore' && elsewhere) return elsewhere(typed)
      const secret = secretOf(token)
      return secret || mayGoWithout(token) ? matches(typed, secret) : false
    },
  }
}
