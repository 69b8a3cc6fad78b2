/** Which factors may be used and registered: `allowed.auth.factors`, `allowed.reg.factors`. */
import type { Account, Token } from './account.ts'
import { sameMailbox } from './address/address-key.ts'
import { addressOf } from './budget.ts'
import { EMAIL_OTP } from './setting-kinds-registration.ts'
import type { Settings } from './settings.ts'

/** Whether codes by mail may be used to log in. */
export const offersLogin = (settings: Settings): boolean =>
  settings['allowed.auth.factors'].includes(EMAIL_OTP)

/** Whether anybody may register or change an address. */
export const offersRegistration = (settings: Settings): boolean =>
  settings['allowed.reg.factors'].includes(EMAIL_OTP)

/**
 * - `factor_off`: nobody logs in by a code that is mailed
 * - `address_unverified`: `email.require_verified` is on, and the address its codes go to is not
 *   the proven one of its user
 */
export type FactorRefusal = 'factor_off' | 'address_unverified'

/** What keeps a token that mails codes from being used, whatever its state. */
export function factorRefusal(
  settings: Settings,
  account: Account,
  token: Token,
  dynamic = false,
): FactorRefusal | undefined {
  if (!offersLogin(settings)) return 'factor_off'
  if (!settings['email.require_verified']) return undefined
  const { email, emailVerified } = account
  const address = addressOf(account, token, dynamic)
  const proven = emailVerified !== undefined && email !== undefined && address !== undefined
  return proven && sameMailbox(email, address) ? undefined : 'address_unverified'
}
