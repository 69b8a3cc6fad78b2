/** What keeps the time an answer takes from telling why it is a refusal. */
import { hasOtp } from './check-pin.ts'
import type { Outcome, RejectReason } from './outcome.ts'
import { burnPin } from './pin.ts'
import type { Ports } from './ports.ts'

/** Refusals that came before any PIN was hashed. */
const CHEAP = new Set<RejectReason>([
  'unknown_user',
  'unknown_realm',
  'unknown_serial',
  'unknown_owner',
  'serial_of_other',
  'no_token',
  'no_suitable_token',
  'factor_off',
  'address_unverified',
  'revoked',
  'disabled',
  'locked',
  'not_enrolled',
  'not_valid_now',
  'pin_delayed',
])

/**
 * Where the profile is `hardened`, a refusal costs what looking at a PIN costs; `combined`: also as
 * one with a code behind it.
 */
export async function evenOut(
  ports: Ports,
  typed: string,
  outcome: Outcome,
  combined = true,
): Promise<void> {
  if (outcome.outcome !== 'rejected') return
  const settings = await ports.settings.current()
  const hashed = Object.values(outcome.account?.tokens ?? {}).some(({ pin }) => pin)
  if (settings.profile !== 'hardened' || (hashed && !CHEAP.has(outcome.reason))) return
  const pepper = await ports.keyring.key('pin')
  await burnPin(pepper, typed)
  const length = settings['otp.length']
  if (combined && hasOtp(typed, length, settings.PrependPin)) await burnPin(pepper, typed)
}
