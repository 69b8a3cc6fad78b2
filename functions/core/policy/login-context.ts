import type { PolicyContext } from './match.ts'

/** Who logs in, and from where. */
export type LoginContext = {
  /** Undefined for a token that belongs to nobody. */
  login?: string | undefined
  realm: string
  /** Undefined for a user no resolver knows. */
  resolver?: string | undefined
  /** The IP address of the caller. */
  client: string
  userAgent?: string | undefined
  /** The verified API key of the caller by its name. */
  application?: string | undefined
  /** Unix time in milliseconds. */
  now: number
}

/** Everything about a login is asked for, so that what is unknown meets no restricted policy. */
export const asked = (login: LoginContext): PolicyContext => ({
  user: login.login ?? '',
  realm: login.realm.toLowerCase(),
  resolver: login.resolver ?? '',
  client: login.client,
  userAgent: login.userAgent ?? '',
  application: login.application ?? '',
  now: login.now,
})
