import type { Ports } from '../../core/ports.ts'
import type { Logged } from '../application.ts'
import { admitCaller, loginCaller, refuseGetWhereHardened } from '../callers.ts'
import type { Reply } from '../reply.ts'
import type { Route } from '../router.ts'
import { value } from './envelope.ts'
import { check, checkSerial, type Login, samlCheck, simpleCheck } from './validate.ts'
import { checkTransaction, transactionStatus } from './validate-transaction.ts'
import type { Handler } from './wire.ts'

const loginRoute =
  (login: (ports: Ports, login: Login) => Promise<Reply | Logged>): Handler<Ports> =>
  async (ports, { request, parameters, frame }) => {
    await admitCaller(ports, request)
    await refuseGetWhereHardened(ports, request.method)
    const caller = loginCaller(ports, request)
    return login(ports, { parameters, frame, caller, nonce: request.requestId })
  }

/** For clients that want to see both faces of the service. */
const constantly =
  (answer: boolean): Handler<Ports> =>
  async (_, { frame }) =>
    value(answer, { id: 0 }, frame)

const ROUTES: Record<string, Handler<Ports>> = {
  check: loginRoute(check),
  check_s: loginRoute(checkSerial),
  check_t: loginRoute(checkTransaction),
  check_status: loginRoute(transactionStatus),
  simplecheck: loginRoute(simpleCheck),
  samlcheck: loginRoute(samlCheck),
  ok: constantly(true),
  fail: constantly(false),
}

/** The routes of `/linotp/validate`. */
export const LINOTP_VALIDATE_ROUTES: Route<Handler<Ports>>[] = Object.entries(ROUTES).flatMap(
  ([name, handle]) =>
    ['GET', 'POST'].map((method) => ({ method, path: `/linotp/validate/${name}`, handle })),
)
