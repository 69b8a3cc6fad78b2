/** Who asks the self-service, by the session in `Authorization`. */
import type { Account } from '../../../core/account.ts'
import { identified } from '../../../core/application.ts'
import type { Caller } from '../../../core/caller.ts'
import { personOf } from '../../../core/login-policy.ts'
import type { Actor } from '../../../core/policy/actor.ts'
import { pinRefusal, pinRules } from '../../../core/policy/pin-rules.ts'
import type { Rights } from '../../../core/policy/rights.ts'
import { selfRights } from '../../../core/self/rights.ts'
import { isFresh, readSelfSession, type SelfSession } from '../../../core/self/session.ts'
import type { Settings } from '../../../core/settings.ts'
import { admitToSelfService } from '../../callers.ts'
import { ForbiddenError } from '../../errors.ts'
import type { HttpRequest } from '../../request.ts'
import { ProblemError } from '../problem.ts'
import type { SelfPorts } from './ports.ts'

export type SelfCaller = {
  session: SelfSession
  /** As it was when the session was looked at. */
  account: Account
  settings: Settings
  /** As the mails of this request depend on it. */
  caller: Caller
  rights: Rights
  /** Why the policies do not want this PIN, or undefined. */
  pinRefusal(pin: string): string | undefined
}

/** What an operation asks of a session. */
export type Demands = {
  /** One that stands on a password alone will do. */
  readonly activation?: boolean
  /** It must be fresh: a factor is changed. */
  readonly fresh?: boolean
  /** The right it needs, in the words of the policies. */
  readonly right?: string
}

/** The holder of a session that meets the demands; refuses every other. */
export async function callerOf(
  ports: SelfPorts,
  request: HttpRequest,
  { activation = false, fresh = false, right }: Demands,
): Promise<SelfCaller> {
  await admitToSelfService(ports, request)
  const { session, account } = await sessionOf(ports, request)
  const settings = await ports.settings.current()
  const { username, realm } = session
  request.actor = { username, realm, role: 'user' }
  request.target = { login: username, realm }
  if (session.purpose === 'activation' && !activation) {
    throw new ForbiddenError('role', 'This session is good for a first address and token only.')
  }
  const caller = await identified(settings.policies, personAt(request))
  const actor = actorOf(account, settings, caller, ports.now())
  const rights = selfRights(settings.policies, actor, session)
  const refused = right === undefined ? undefined : rights.refusal(right)
  if (refused !== undefined) throw new ForbiddenError('role', refused)
  if (fresh && !isFresh(session, settings, ports.now())) throw stale(settings)
  return {
    ...{ session, account, settings, caller, rights },
    pinRefusal: (pin) => pinRefusal(pinRules(settings.policies, actor), pin),
  }
}

/** Who makes a request, as policies and mails see them. People have no API key to be known by. */
export const personAt = ({ clientIp, headers }: HttpRequest): Caller => ({
  clientIp,
  userAgent: headers['user-agent'],
  language: headers['accept-language'],
  isSelfService: true,
})

async function sessionOf(ports: SelfPorts, { headers }: HttpRequest) {
  const { authorization } = headers
  if (!authorization) throw new ForbiddenError('no_session', 'Missing Authorization header.')
  const read = await readSelfSession(ports, authorization.replace(/^Bearer +/i, ''))
  if (read === 'expired') throw new ForbiddenError('expired_session', 'The session has expired.')
  if (read === 'ended') throw new ForbiddenError('bad_session', 'The session has ended.')
  if (typeof read === 'string') throw new ForbiddenError('bad_session', 'The session is not valid.')
  return read
}

function actorOf(account: Account, settings: Settings, caller: Caller, now: number): Actor {
  const { realm, resolver } = personOf(account, settings)
  const { clientIp: client, userAgent } = caller
  return { role: 'user', name: account.login!, realm, resolver, client, userAgent, now }
}

const stale = (settings: Settings) =>
  new ProblemError(
    'reauthentication_required',
    `This needs a sign-in of the last ${settings['selfservice.reauth_minutes']} minutes.`,
  )
