/** Who administers: by the cookie of `/linotp/admin/login`, or by a session of `/auth`. */
import {
  type BrowserSession,
  readBrowserSession,
  renewedBrowserSession,
  signBrowserSession,
} from '../../core/browser-session.ts'
import { sameText } from '../../core/hmac.ts'
import { type Acting, actingAs } from '../acting.ts'
import { requireAdmin } from '../callers.ts'
import { ForbiddenError } from '../errors.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { cookieOf, type HttpRequest } from '../request.ts'
import { refusal } from './refused.ts'
import { SESSION_COOKIE, sessionCookies } from './session-cookies.ts'
import type { Call } from './wire.ts'

/** An administrator, with what they may do. */
export type AdminCaller = Acting & { name: string; browser?: BrowserSession }

/** What policies do not allow. */
export const notAllowed = (why: string) => refusal(410, why)

/**
 * The administrator who asks, and cookies that go back with the answer. A browser sends its cookie
 * with whatever a foreign page makes it ask for, so what changes something must repeat `X-CSRF-TOKEN`.
 */
export async function adminCallerOf(
  ports: AdminPorts,
  { request, parameters }: Pick<Call, 'request' | 'parameters'>,
): Promise<{ caller: AdminCaller; cookies: string[] }> {
  if (request.headers.authorization || request.headers['pi-authorization']) {
    const { username } = await requireAdmin(ports, request)
    return { caller: await callerNamed(ports, request, username), cookies: [] }
  }
  const session = await browserSessionOf(ports, request)
  const repeated = request.headers['x-csrf-token'] ?? parameters.text('csrf_token')
  if (changes(request) && !sameText(repeated ?? '', session.csrf)) throw forged()
  request.actor = { username: session.username, realm: '', role: 'admin' }
  const longer = renewedBrowserSession(ports, session)
  return {
    caller: { ...(await callerNamed(ports, request, session.username)), browser: session },
    cookies: longer ? sessionCookies(await signBrowserSession(ports, longer), longer.csrf) : [],
  }
}

async function browserSessionOf(ports: AdminPorts, request: HttpRequest): Promise<BrowserSession> {
  const cookie = cookieOf(request, SESSION_COOKIE)
  const session = cookie ? await readBrowserSession(ports, cookie) : undefined
  if (session) return session
  throw new ForbiddenError('no_session', 'Not authenticated')
}

const changes = ({ method }: HttpRequest) => method !== 'GET' && method !== 'HEAD'

const forged = () =>
  refusal(
    -311,
    'Not authenticated: X-CSRF-TOKEN is missing or is not that of the session; the value of the ' +
      'cookie csrf_access_token is accepted.',
    { status: 401 },
  )

async function callerNamed(
  ports: AdminPorts,
  request: HttpRequest,
  name: string,
): Promise<AdminCaller> {
  const settings = await ports.settings.current()
  const who = { role: 'admin', name, realm: '' } as const
  return { name, ...actingAs(who, { settings, request, now: ports.now }, notAllowed) }
}
