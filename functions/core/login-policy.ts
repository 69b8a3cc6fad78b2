/** The policies that decide how one login goes. */
import type { Account } from './account.ts'
import type { Caller } from './caller.ts'
import { resolverOf } from './directory.ts'
import { authorizationRules, type AuthorizationRules } from './policy/authorization-rules.ts'
import type { LoginContext } from './policy/login-context.ts'
import { loginRules, type LoginRules } from './policy/login-rules.ts'
import type { Conflict } from './policy/rule.ts'
import type { Settings } from './settings.ts'

export type LoginPolicy = {
  readonly login: LoginRules
  readonly authorization: AuthorizationRules
  /** Policies that contradict each other: while there are any, nobody gets in. */
  readonly conflicts: readonly Conflict[]
}

/** Whom a login is about. */
export type Person = {
  /** Undefined for a token that belongs to nobody. */
  login?: string | undefined
  realm: string
  /** Undefined for a user no resolver knows. */
  resolver?: string | undefined
}

/** The owner of an account as policies see them. */
export function personOf(account: Account, settings: Settings): Person {
  const { login, realm } = account
  return login === undefined ? { realm } : { login, realm, resolver: resolverOf(account, settings) }
}

/** The rules for one login. Without policies they are constants. */
export function loginPolicy(
  { policies }: Pick<Settings, 'policies'>,
  person: Person,
  { clientIp, userAgent, application }: Caller,
  now: number,
): LoginPolicy {
  if (policies.length === 0) return NO_POLICY
  const context: LoginContext = { ...person, client: clientIp, userAgent, application, now }
  return policyOf(loginRules(policies, context), authorizationRules(policies, context))
}

const policyOf = (login: LoginRules, authorization: AuthorizationRules): LoginPolicy => ({
  login,
  authorization,
  conflicts: [...login.conflicts, ...authorization.conflicts],
})

const NOBODY: LoginContext = { realm: '', client: '', now: 0 }

/** What holds where no policy applies. */
export const NO_POLICY: LoginPolicy = Object.freeze(
  policyOf(loginRules([], NOBODY), authorizationRules([], NOBODY)),
)
