import type { Ports } from '../../core/ports.ts'
import type { AdminSessions } from '../../core/sign-in.ts'
import { admitCaller, loginCaller, refuseGetWhereHardened } from '../callers.ts'
import type { Route } from '../router.ts'
import { vouchedCallerOf } from './caller.ts'
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
import type { Call, Handler } from './wire.ts'

/** Sessions of administrators are taken where codes are triggered. */
export type ValidatePorts = Ports & { admins: AdminSessions }

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

const triggerRoute: Handler<ValidatePorts> = async (ports, call) => {
  const caller = await vouchedCallerOf(ports, call.request, ['admin'])
  await refuseGetWhereHardened(ports, call.request.method)
  caller.require('triggerchallenge')
  return triggerChallenge(ports, loginOf(ports, call), (whom) =>
    caller.require('triggerchallenge', whom),
  )
}

const LOGINS: Record<string, Handler<ValidatePorts>> = {
  check: loginRoute(check),
  samlcheck: loginRoute(samlCheck),
  radiuscheck: loginRoute(radiusCheck),
  triggerchallenge: triggerRoute,
  initialize: async (_, { parameters, frame }) => initialize(parameters, frame),
}

/** The routes of `/validate`. */
export const VALIDATE_ROUTES: Route<Handler<ValidatePorts>>[] = [
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
