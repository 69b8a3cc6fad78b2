/** A policy: what holds for whom, in privacyIDEA's words. */

/** The areas a policy can act in. Otpost honours some actions of some of them; see `actions.ts`. */
export const SCOPES = [
  'admin',
  'user',
  'authentication',
  'authorization',
  'enrollment',
  'notification',
  'webui',
  'hardening',
  'audit',
  'register',
  'container',
  'token',
] as const
export type Scope = (typeof SCOPES)[number]

/** Scopes whose policies know the application: those of a login. */
export const APPLICATION_SCOPES: readonly Scope[] = ['authentication', 'authorization']

/**
 * Every list restricts the policy to what it names; an empty one restricts nothing. An entry is a
 * name, `*` for everybody, or a name that is excluded by a leading `-` or `!`. Exclusion wins.
 *
 * The references also take an entry for a regular expression. Otpost does not: a policy is read on
 * every login, and no login may wait for somebody's expression. Such entries are refused; in names
 * of users `*` stands for any characters.
 */
export type Policy = {
  /** Unique; `[a-zA-Z0-9_. -]{1,64}`. */
  readonly name: string
  readonly active: boolean
  readonly scope: Scope
  /** Value by name of the action; true for an action that takes none. */
  readonly action: Readonly<Record<string, string | true>>
  /** Login names, case-sensitive; `name@realm`; directories as `ldap:` or `name.ldap:`. */
  readonly user: readonly string[]
  /** Lower case. */
  readonly realm: readonly string[]
  readonly resolver: readonly string[]
  /** Names of administrators; asked in the scope `admin` only, like `adminrealm`. */
  readonly adminuser: readonly string[]
  /** Lower case. */
  readonly adminrealm: readonly string[]
  /** IP addresses and subnets. */
  readonly client: readonly string[]
  /** Names of plug-ins, as their `User-Agent` begins; lower case. */
  readonly userAgents: readonly string[]
  /** Names of API keys, case-sensitive; asked in {@link APPLICATION_SCOPES} only. */
  readonly application: readonly string[]
  /** `Mon-Fri: 8:00-18:00, Sat: 9-12`, or LinOTP's `* 8-17 * * 1-5 *`; in UTC. Empty: always. */
  readonly time: string
  /** Where policies set the same action, the smallest number wins. From 1, which is the default. */
  readonly priority: number
  /**
   * There only where policies of the same priority are decided by how closely they match, as LinOTP
   * does it; otherwise they contradict each other.
   */
  readonly precedence?: 'specific'
  readonly description: string
}

/** The names of policies. */
export const namesOf = (policies: readonly Policy[]): readonly string[] =>
  policies.map(({ name }) => name)
