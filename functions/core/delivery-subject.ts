/** Whose code a challenge's mail carries, and where it goes. */
import type { Account, FormerAddress, Token } from './account.ts'
import { addressOf } from './budget.ts'
import type { Challenge } from './challenge.ts'
import { longerCode } from './code-length.ts'
import { hotp } from './otp.ts'
import { FORMER, NOTICE, PENDING } from './registration/code-serials.ts'
import { currentAddress } from './registration/current-address.ts'
import { disputeCode } from './registration/former-addresses.ts'
import { openSecret } from './seal.ts'

export type DeliverySubject = {
  to: string
  token: Token
  /** The mail tells this address that codes go elsewhere. */
  former?: FormerAddress
  /** The mail tells a user what was done to their tokens. */
  notice?: NonNullable<Challenge['notice']>
}

/** Undefined: token or address are gone. */
export function deliverySubject(
  account: Account,
  { transactionId, serial, dynamicAddress, notice }: Challenge,
): DeliverySubject | undefined {
  const { pending, former = [] } = account
  if (serial === PENDING) {
    return pending?.transactionId === transactionId
      ? { to: pending.address, token: { ...noToken(serial), ...pending } }
      : undefined
  }
  if (serial === FORMER) {
    const found = former.find(({ reference }) => reference === transactionId)
    return found && { to: found.address, token: { ...noToken(serial), ...found }, former: found }
  }
  if (serial === NOTICE) {
    const to = currentAddress(account)
    return to && notice ? { to, token: { ...noToken(serial), secret: '' }, notice } : undefined
  }
  const token = account.tokens[serial]
  const to = token && addressOf(account, token, dynamicAddress)
  return token && to ? { to, token } : undefined
}

/**
 * The code of a challenge; a notice has none, and says so by the empty string.
 *
 * @param key the key `secret`
 */
export function codeOf(
  { token, former }: DeliverySubject,
  { counter, digits }: Pick<Challenge, 'counter' | 'digits'>,
  key: Uint8Array,
) {
  if (token.serial === NOTICE) return ''
  if (former) return disputeCode(key, token.secret)
  const secret = openSecret(key, token.secret, token.serial)
  return hotp({ ...token, secret, counter, ...longerCode(token, digits) })
}

/** What a code has that is no token's: nothing of it is ever stored. */
const noToken = (serial: string): Omit<Token, 'secret'> => ({
  serial,
  counter: 0,
  digits: 6,
  algorithm: 'sha1',
  enabled: true,
  revoked: false,
  failcount: 0,
  maxFailcount: 1,
  description: '',
  rollout: 'enrolled',
  createdAt: 0,
})
