import { ADMIN_RIGHTS, issueSession, signIn, type SignInPorts } from '../../core/sign-in.ts'
import type { Route } from '../router.ts'
import { failure, success } from './envelope.ts'
import type { Handler } from './wire.ts'

const FAILED = 'Authentication failure. '

const auth: Handler<SignInPorts> = async (ports, { parameters, frame }) => {
  const username = parameters.named('username')
  const refused = (code: number, why: string) =>
    failure({ status: 401, code, message: FAILED + why, detail: {} }, frame)
  if (!username) return refused(4032, 'Missing Username')
  const signedIn = await signIn(ports, username, parameters.text('password') ?? '')
  if (!signedIn) return refused(4031, 'Wrong credentials')
  const who = { username, role: 'admin', realm: '', rights: [...ADMIN_RIGHTS] } as const
  const token = await issueSession(ports, who)
  const value = { auth: true, log_level: 20, logout_time: 120, ...who, token }
  return success({ id: 2, value, authentication: 'ACCEPT' }, frame)
}

/** `/auth`: a session for an administrator. */
export const AUTH_ROUTES: Route<Handler<SignInPorts>>[] = [
  { method: 'POST', path: '/auth', handle: auth },
]
