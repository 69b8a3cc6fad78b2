/** Which providers send a code, and why these. */
import type { Token } from './account.ts'
import type { LoginContext } from './policy/login-context.ts'
import { loginRules } from './policy/login-rules.ts'
import type { Conflict } from './policy/rule.ts'
import type { Provider } from './provider.ts'
import type { Settings } from './settings.ts'

/** A provider and what it is called. */
export type NamedProvider = { name: string } & Provider

/**
 * - `token`: the token names one
 * - `policy`: `email_provider` of the policies that match the login
 * - `default`: `email.identifier`
 * - `flat`: none has a name; `mail.provider` and the `email.…` settings describe the only one
 */
export type ProviderReason = 'token' | 'policy' | 'default' | 'flat'

export type ProviderChoice = {
  /** In the order they are tried; whether there are such providers is not looked up. */
  names: readonly string[]
  because: ProviderReason
  /** The policies that named them. */
  policies?: readonly string[]
  /** Policies contradict each other about it: nobody sends. */
  conflict?: Conflict
}

const NONE: readonly string[] = Object.freeze([])

/**
 * Who sends the code of a login. The first that says something decides alone: whoever names a
 * provider for a token or by a policy may have it that no other one gets to see these mails, so the
 * fallbacks of `email.identifier` are for those who leave the choice to it. A policy may name
 * several.
 */
export function chooseProviders(
  settings: Pick<Settings, 'policies' | 'email.identifier'>,
  login: LoginContext,
  token: Pick<Token, 'identifier'> = {},
): ProviderChoice {
  if (token.identifier) return { names: [token.identifier], because: 'token' }
  const ruled = loginRules(settings.policies, login).emailProvider
  if ('conflict' in ruled) {
    const { conflict } = ruled
    return { names: NONE, because: 'policy', policies: conflict.policies, conflict }
  }
  if (ruled.value !== undefined) {
    return { names: ruled.value, because: 'policy', policies: ruled.policies }
  }
  return usualProviders(settings)
}

/** Who sends where nothing else says so. */
function usualProviders(settings: Pick<Settings, 'email.identifier'>): ProviderChoice {
  const names = settings['email.identifier']
  return names.length === 0 ? { names: NONE, because: 'flat' } : { names, because: 'default' }
}

/** Who sends a notice: those its policy named that there are, or else as where there is none. */
export function noticeProviders(
  settings: Pick<Settings, 'providers' | 'email.identifier'>,
  named: readonly string[],
): ProviderChoice {
  const names = named.filter((name) => settings.providers.has(name))
  return names.length === 0 ? usualProviders(settings) : { names, because: 'policy' }
}
