/** Who asks, and what they may do. */
import { type Account, accountKey } from '../../core/account.ts'
import type { Ports } from '../../core/ports.ts'
import type { Role, Session, SessionFault } from '../../core/session.ts'
import { isOfSessionEpoch } from '../../core/session-epoch.ts'
import { type AdminSessions, readIssuedSession, readSessionByVoucher } from '../../core/sign-in.ts'
import { type Acting, actingAs } from '../acting.ts'
import { ForbiddenError } from '../errors.ts'
import type { HttpRequest } from '../request.ts'
import { forbidden } from './refused.ts'

export type { Target } from '../acting.ts'

export type Caller = Acting & { session: Session }

type CallerPorts = Pick<Ports, 'keyring' | 'now' | 'settings' | 'accounts'> & {
  admins: AdminSessions
}

/** What a JWT states, or what is wrong with it. */
type SessionReader = (
  ports: CallerPorts,
  token: string,
) => Promise<Session | SessionFault | 'ended'>

/** The caller by the session in `Authorization` or `PI-Authorization`; refuses other roles. */
export const callerOf = (
  ports: CallerPorts,
  request: HttpRequest,
  roles: readonly Role[],
): Promise<Caller> => callerBy(readIssuedSession, ports, request, roles)

/** As {@link callerOf}, by a key that can make no session. */
export const vouchedCallerOf = (
  ports: CallerPorts,
  request: HttpRequest,
  roles: readonly Role[],
): Promise<Caller> => callerBy(readSessionByVoucher, ports, request, roles)

async function callerBy(
  read: SessionReader,
  ports: CallerPorts,
  request: HttpRequest,
  roles: readonly Role[],
): Promise<Caller> {
  const session = await sessionOf(read, ports, request)
  request.actor = session
  if (!roles.includes(session.role)) throw wrongRole(roles)
  const settings = await ports.settings.current()
  const { role } = session
  const account = role === 'user' ? await userOf(ports, session) : undefined
  const who = { role, name: session.username, realm: session.realm, account }
  return { session, ...actingAs(who, { settings, request, now: ports.now }, forbidden) }
}

async function sessionOf(
  read: SessionReader,
  ports: CallerPorts,
  { headers }: HttpRequest,
): Promise<Session> {
  const token = headers['pi-authorization'] ?? headers.authorization
  if (!token) throw new ForbiddenError('no_session', 'Missing Authorization header.')
  const session = await read(ports, token)
  if (session === 'expired') {
    const message = 'Your token has expired: Signature has expired'
    throw new ForbiddenError('expired_session', message)
  }
  if (typeof session !== 'string') return session
  if (session === 'ended') throw ended()
  const message = `Error decoding the Authorization token: ${faultIn(token)}`
  throw new ForbiddenError('bad_session', message)
}

function faultIn(token: string): string {
  const [header = '', ...rest] = token.split('.')
  if (rest.length < 2) return 'Not enough segments'
  return /^[\w-]+$/.test(header) ? 'Signature verification failed' : 'Invalid header padding'
}

function wrongRole(roles: readonly Role[]): ForbiddenError {
  const names = roles.map((role) => `'${role}'`).join(', ')
  const message = `You do not have the necessary role ([${names}]) to access this resource!`
  return new ForbiddenError('role', message)
}

const ended = () => new ForbiddenError('bad_session', 'This session has been ended: sign in again.')

/** The session of a user ends with the account, and with what ends all of them: one read. */
async function userOf({ accounts }: CallerPorts, session: Session): Promise<Account> {
  const account = await accounts.get(accountKey(session.realm, session.username))
  if (account && !isOfSessionEpoch(account, session)) throw ended()
  if (account) return account
  throw new ForbiddenError('bad_session', 'The user of this session does not exist any more.')
}
