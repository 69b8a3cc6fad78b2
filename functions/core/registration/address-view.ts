import { maskAddress } from '../../mail/mask-address.ts'
import type { Account } from '../account.ts'
import type { Settings } from '../settings.ts'
import { formerAddresses, isDisputed } from './former-addresses.ts'
import { pendingAddress } from './pending-address.ts'

const iso = (unixMs: number) => new Date(unixMs).toISOString()

/** The state of an account's address as an administrator sees it; addresses not in use are masked. */
export function addressView(
  account: Account,
  settings: Pick<Settings, 'mask.address'>,
  now: number,
) {
  const { emailVerified } = account
  const mask = (address: string) => maskAddress(address, settings['mask.address'])
  const pending = pendingAddress(account, now)
  const before = formerAddresses(account, now).at(-1)
  return {
    email_verified: emailVerified && { at: iso(emailVerified.at), method: emailVerified.method },
    pending_address: pending && {
      address: mask(pending.address),
      reason: pending.reason,
      expires_at: iso(pending.expiresAt),
    },
    former_address: before && { address: mask(before.address), until: iso(before.until) },
    ...(isDisputed(account) ? { address_disputed: true } : {}),
  }
}
