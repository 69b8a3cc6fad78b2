import { admitCaller, requireSession } from '../callers.ts'
import type { Ports } from '../../core/ports.ts'
import { ForbiddenError } from '../errors.ts'
import type { Route } from '../router.ts'
import { check, pollTransaction, triggerChallenge } from './validate.ts'
import type { Handler } from './wire.ts'

const checkRoute: Handler<Ports> = async (ports, { request, parameters, frame }) => {
  await admitCaller(ports, request)
  await refuseGetWhereHardened(ports, request.method)
  return check(ports, parameters, frame, request.requestId)
}

const triggerRoute: Handler<Ports> = async (ports, { request, parameters, frame }) => {
  await requireSession(ports, request, 'admin', { bearer: false })
  await refuseGetWhereHardened(ports, request.method)
  return triggerChallenge(ports, parameters, frame)
}

/** A PIN in a URL ends up in other people's logs; only real plugins that do so are let. */
async function refuseGetWhereHardened({ settings }: Ports, method: string): Promise<void> {
  if (method === 'POST' || (await settings.current()).profile !== 'hardened') return
  throw new ForbiddenError('client', 'This profile accepts POST only.')
}

/** The routes of `/validate`. */
export const VALIDATE_ROUTES: Route<Handler<Ports>>[] = [
  { method: 'POST', path: '/validate/check', handle: checkRoute },
  { method: 'GET', path: '/validate/check', handle: checkRoute },
  { method: 'POST', path: '/validate/triggerchallenge', handle: triggerRoute },
  { method: 'GET', path: '/validate/triggerchallenge', handle: triggerRoute },
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
