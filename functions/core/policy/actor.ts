import type { PolicyContext } from './match.ts'

/** Who acts on tokens, users or the service. */
export type Actor = {
  role: 'admin' | 'user'
  name: string
  /** Of an administrator the admin realm, empty if there is none. */
  realm: string
  /** Of a user. */
  resolver?: string | undefined
  /** The IP address of the caller. */
  client: string
  userAgent?: string | undefined
  /** Unix time in milliseconds. */
  now: number
  /**
   * Whom an administrator acts upon. Left out where the action is about nobody: policies that are
   * restricted to some users then grant it too, as in the reference.
   */
  target?: { login?: string | undefined; realm: string; resolver?: string | undefined } | undefined
}

/** What policies are asked for when somebody acts. */
export function askedOf(actor: Actor): PolicyContext {
  const { role, name, realm, resolver, target } = actor
  const caller = { client: actor.client, userAgent: actor.userAgent ?? '', now: actor.now }
  if (role === 'user') {
    return { ...caller, user: name, realm: realm.toLowerCase(), resolver: resolver ?? '' }
  }
  const upon = target && {
    user: target.login ?? '',
    realm: target.realm.toLowerCase(),
    resolver: target.resolver ?? '',
  }
  return { ...caller, ...upon, adminuser: name, adminrealm: realm.toLowerCase() }
}
