/** Which tokens of an account a login may use. */
import { type Account, type Token, typeOf } from './account.ts'
import { unusable } from './budget.ts'
import { changeAccount } from './change-account.ts'
import { factorRefusal } from './factors.ts'
import type { LoginPolicy } from './login-policy.ts'
import { type Rejected, rejected, type RejectReason } from './outcome.ts'
import { serialAllowed, tokentypeAllowed } from './policy/authorization-rules.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'

export type Wanted = {
  account: Account
  /** The tokens the request means. */
  serials: string[]
  policy: LoginPolicy
  settings: Settings
  now: number
  /** The type the request names; only a policy makes it count. */
  type?: string | undefined
  /** The type counts without a policy. */
  typeBinds?: boolean
  /** The code is to prove the address, so that keeps none back. */
  provesAddress?: boolean
}

/**
 * The serials that can be used, or why there are none. What policies forbid is refused here, before
 * any counter moves or mail goes out.
 */
export function selectTokens(wanted: Wanted): string[] | Rejected {
  const { account, serials, policy, now } = wanted
  const refuse = (reason: RejectReason) => rejected(reason, account, serials)
  const all = serials.flatMap((serial) => account.tokens[serial] ?? [])
  const named = all.filter((token) => isMeant(token, wanted))
  if (named.length === 0) return refuse('no_token')

  const disabled = policy.login.disabledTokenTypes.value
  const suitable = named.filter((token) => !disabled.includes(typeOf(token)))
  if (suitable.length === 0) return refuse('no_suitable_token')

  const offered = suitable.filter((token) => !offRefusal(token, wanted))
  if (offered.length === 0) return refuse(offRefusal(suitable[0]!, wanted)!)

  const usable = offered.filter((token) => !unusable(token, now))
  if (usable.length === 0) return refuse(whyUnusable(offered, now))

  const { authorization } = policy
  const ofType = usable.filter((token) => tokentypeAllowed(authorization, typeOf(token)))
  if (ofType.length === 0) return refuse('tokentype')
  const allowed = ofType.filter(({ serial }) => serialAllowed(authorization, serial))
  if (allowed.length === 0) return refuse('serial')
  return allowed.map(({ serial }) => serial)
}

/** What keeps codes from being mailed for it, whatever its state. */
function offRefusal(token: Token, { settings, account, policy, provesAddress }: Wanted) {
  if (typeOf(token) !== 'email') return undefined
  const reason = factorRefusal(settings, account, token, policy.login.dynamicEmailAddress.value)
  return provesAddress && reason === 'address_unverified' ? undefined : reason
}

function isMeant(token: Token, { policy, type, typeBinds }: Wanted): boolean {
  if (!type || !(typeBinds || policy.authorization.applicationTokentype.value)) return true
  return typeOf(token) === type.toLowerCase()
}

/** A revoked token says why only where there is no other one. */
function whyUnusable(tokens: Token[], now: number): NonNullable<ReturnType<typeof unusable>> {
  const reasons = tokens.map((token) => unusable(token, now)!)
  return reasons.find((reason) => reason !== 'revoked') ?? 'revoked'
}

/**
 * The account after locks that have lasted long enough. Ending one is a write, paid only then; what
 * the account owes for wrong answers stays counted.
 */
export async function withoutOldLocks(ports: Ports, account: Account): Promise<Account> {
  const minutes = (await ports.settings.current()).failcounter_clear_timeout
  if (minutes === 0) return account
  const isOver = ({ failcount, maxFailcount, failedAt, createdAt }: Token) =>
    failcount >= maxFailcount && (failedAt ?? createdAt) + minutes * 60_000 <= ports.now()
  if (!Object.values(account.tokens).some(isOver)) return account

  const unlocked = await changeAccount(ports, account, (current) => {
    const over = Object.values(current.tokens).filter(isOver)
    if (over.length === 0) return { result: current }
    const cleared = over.map((token) => [token.serial, { ...token, failcount: 0 }])
    const tokens = { ...current.tokens, ...Object.fromEntries(cleared) }
    const after: Account = { ...current, tokens }
    return { after, result: { ...after, rev: current.rev + 1 } }
  })
  return unlocked ?? account
}
