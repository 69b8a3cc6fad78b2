/** `/linotp/admin/login` and `/linotp/admin/logout`. */
import {
  endBrowserSession,
  newBrowserSession,
  signBrowserSession,
} from '../../core/browser-session.ts'
import { signIn } from '../../core/sign-in.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { linotpAdmin, type LinotpAdminHandler, type LinotpAdminRoute } from './admin-route.ts'
import { value } from './envelope.ts'
import { noSessionCookies, sessionCookies } from './session-cookies.ts'
import type { Handler } from './wire.ts'

const login: Handler<AdminPorts> = async (ports, { parameters, request, frame }) => {
  const username = parameters.required('username')
  const password = parameters.text('password') ?? ''
  const began = ports.now()
  if (!(await signIn(ports, username, password))) {
    return value(false, { detail: { message: 'Bad username or password' }, status: 401 }, frame)
  }
  request.actor = { username, realm: '', role: 'admin' }
  const session = newBrowserSession(ports, username, began)
  const cookies = sessionCookies(await signBrowserSession(ports, session), session.csrf)
  const detail = { message: `Login successful for ${username}` }
  return { ...value(true, { detail }, frame), cookies }
}

/**
 * Ends a browser's session for good. One session of `/auth` cannot be ended alone: it expires, or ends
 * with all of the administrator's (`admin revoke-sessions`, a new password).
 */
const logout: LinotpAdminHandler = async (ports, { caller, frame }) => {
  if (caller.browser) await endBrowserSession(ports, caller.browser)
  const detail = { message: caller.browser ? 'Logout successful' : NOT_ENDED }
  return { ...value(true, { detail }, frame), cookies: noSessionCookies() }
}

const NOT_ENDED =
  'A session of /auth goes on until it expires or all sessions of the administrator are revoked'

export const LINOTP_SESSION_ROUTES: LinotpAdminRoute[] = [
  { method: 'POST', path: '/linotp/admin/login', handle: login },
  linotpAdmin('POST', '/linotp/admin/logout', logout),
]
