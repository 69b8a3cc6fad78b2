/** What somebody with a session may do, whichever wire they speak. */
import type { Account } from '../core/account.ts'
import { resolverOf } from '../core/directory.ts'
import type { Actor } from '../core/policy/actor.ts'
import { pinRefusal, pinRules } from '../core/policy/pin-rules.ts'
import { rights } from '../core/policy/rights.ts'
import type { Clock } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
import type { HttpRequest } from './request.ts'

/** Whom an action is about. */
export type Target = Pick<Account, 'login' | 'realm' | 'resolver'>

export type Acting = {
  settings: Settings
  /** The account of a user; undefined for an administrator. */
  account: Account | undefined
  /** Whether the caller may do this, to somebody or in general. */
  may(right: string, target?: Target): boolean
  /** Whether the caller might still do this if these were the policies. */
  mayUnder(policies: Settings['policies'], right: string): boolean
  /** Why the caller may not do this, or undefined. */
  refusal(right: string, target?: Target): string | undefined
  /** Refuses what the caller may not do. */
  require(right: string, target?: Target): void
  /** Why the policies do not want this PIN, or undefined. */
  pinRefusal(pin: string, target: Target): string | undefined
}

export type WhoActs = {
  role: Actor['role']
  name: string
  realm: string
  account?: Account | undefined
}

/**
 * Somebody's rights by the policies in force. `forbidden` makes the error of the wire out of a
 * sentence that says why.
 */
export function actingAs(
  { role, name, realm, account }: WhoActs,
  { settings, request, now }: { settings: Settings; request: HttpRequest; now: Clock },
  forbidden: (why: string) => Error,
): Acting {
  const actor = (target?: Target): Actor => ({
    role,
    name,
    realm,
    ...(account ? { resolver: resolverOf(account, settings) } : {}),
    client: request.clientIp,
    userAgent: request.headers['user-agent'],
    now: now(),
    ...(target ? { target: { ...target, resolver: resolverOf(target, settings) } } : {}),
  })
  const { policies } = settings
  const refusal = (right: string, target?: Target) => rights(policies, actor(target)).refusal(right)
  return {
    settings,
    account,
    may: (right, target) => rights(policies, actor(target)).allowed(right),
    mayUnder: (others, right) => rights(others, actor()).allowed(right),
    refusal,
    require(right, target) {
      const refused = refusal(right, target)
      if (refused !== undefined) throw forbidden(refused)
    },
    pinRefusal: (pin, target) => pinRefusal(pinRules(policies, actor(target)), pin),
  }
}
