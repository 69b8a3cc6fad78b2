import { BROWSER_SESSION_SECONDS } from '../../core/browser-session.ts'

/** Holds the session; no script can read it. */
export const SESSION_COOKIE = 'access_token_cookie'
/** Holds what scripts of our own pages repeat in `X-CSRF-TOKEN`. */
const CSRF_COOKIE = 'csrf_access_token'

const cookie = (name: string, value: string, seconds: number, scripts: boolean) =>
  `${name}=${value}; Max-Age=${seconds}; Path=/linotp; Secure; SameSite=Strict` +
  (scripts ? '' : '; HttpOnly')

/** `Set-Cookie` of a session that begins or goes on. */
export const sessionCookies = (session: string, csrf: string): string[] => [
  cookie(SESSION_COOKIE, session, BROWSER_SESSION_SECONDS, false),
  cookie(CSRF_COOKIE, csrf, BROWSER_SESSION_SECONDS, true),
]

/** `Set-Cookie` of a session that has ended. */
export const noSessionCookies = (): string[] => [
  cookie(SESSION_COOKIE, '', 0, false),
  cookie(CSRF_COOKIE, '', 0, true),
]
