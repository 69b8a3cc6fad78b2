import { BUILT_IN } from '../../core/directory.ts'
import { nameOf } from '../../core/find-account.ts'
import { rights } from '../../core/policy/rights.ts'
import type { Ports } from '../../core/ports.ts'
import { admitCaller, loginCaller, requireSession } from '../callers.ts'
import { ForbiddenError } from '../errors.ts'
import type { Route } from '../router.ts'
import {
  type Answer,
  check,
  initialize,
  type Login,
  pollTransaction,
  radiusCheck,
  samlCheck,
  triggerChallenge,
} from './validate.ts'
import { failure } from './envelope.ts'
import type { Call, Handler } from './wire.ts'

const loginRoute =
  (login: (ports: Ports, login: Login) => Promise<Answer>): Handler<Ports> =>
  async (ports, call) => {
    await admitCaller(ports, call.request)
    await refuseGetWhereHardened(ports, call.request.method)
    return login(ports, loginOf(ports, call))
  }

const loginOf = (ports: Ports, { request, parameters, frame }: Call): Login => ({
  parameters,
  frame,
  caller: loginCaller(ports, request),
  nonce: request.requestId,
})

const triggerRoute: Handler<Ports> = async (ports, call) => {
  const session = await requireSession(ports, call.request, 'admin', { bearer: false })
  await refuseGetWhereHardened(ports, call.request.method)
  const forbidden = await missingRight(ports, call, session)
  if (forbidden) return failure({ status: 403, code: 303, message: forbidden }, call.frame)
  return triggerChallenge(ports, loginOf(ports, call))
}

/** Why this administrator may not trigger for this user, or undefined. */
async function missingRight(
  { settings, now }: Ports,
  { request, parameters }: Call,
  { username, realm }: { username: string; realm: string },
): Promise<string | undefined> {
  const current = await settings.current()
  const user = parameters.named('user')
  const who = user ? nameOf(user, parameters.named('realm'), current) : undefined
  return rights(current.policies, {
    role: 'admin',
    name: username,
    realm,
    client: request.clientIp,
    userAgent: request.headers['user-agent'],
    now: now(),
    target: who && { ...who, resolver: BUILT_IN },
  }).refusal('triggerchallenge')
}

/** A PIN in a URL ends up in other people's logs; only real plugins that do so are let. */
async function refuseGetWhereHardened({ settings }: Ports, method: string): Promise<void> {
  if (method === 'POST' || (await settings.current()).profile !== 'hardened') return
  throw new ForbiddenError('client', 'This profile accepts POST only.')
}

const LOGINS: Record<string, Handler<Ports>> = {
  check: loginRoute(check),
  samlcheck: loginRoute(samlCheck),
  radiuscheck: loginRoute(radiusCheck),
  triggerchallenge: triggerRoute,
  initialize: async (_, { parameters, frame }) => initialize(parameters, frame),
}

/** The routes of `/validate`. */
export const VALIDATE_ROUTES: Route<Handler<Ports>>[] = [
  ...Object.entries(LOGINS).flatMap(([name, handle]) =>
    ['GET', 'POST'].map((method) => ({ method, path: `/validate/${name}`, handle })),
  ),
  {
    method: 'GET',
    path: '/validate/polltransaction',
    handle: async (_, { parameters, frame }) =>
      pollTransaction(parameters.scalar('transaction_id'), frame),
  },
  {
    method: 'GET',
    path: '/validate/polltransaction/{transaction_id}',
    handle: async (_, { path, frame }) => pollTransaction(path.transaction_id, frame),
  },
]
