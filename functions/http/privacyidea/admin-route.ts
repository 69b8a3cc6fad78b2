import type { Role } from '../../core/session.ts'
import type { Reply } from '../reply.ts'
import type { Route } from '../router.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type Caller, callerOf } from './caller.ts'
import { type Frame, success } from './envelope.ts'
import type { Call, Handler } from './wire.ts'

export type AdminCall = Call & { caller: Caller }
export type AdminHandler = (ports: AdminPorts, call: AdminCall) => Promise<Reply>
export type AdminRoute = Route<Handler<AdminPorts>>

const routeFor =
  (roles: readonly Role[]) =>
  (method: string, path: string, handle: AdminHandler): AdminRoute => ({
    method,
    path,
    handle: async (ports, call) =>
      handle(ports, { ...call, caller: await callerOf(ports, call.request, roles) }),
  })

/** A route for administrators. */
export const adminRoute = routeFor(['admin'])

/** A route for administrators, and for users in what is their own. */
export const sharedRoute = routeFor(['admin', 'user'])

/** What was asked for, or what became of it. */
export const valueReply = (value: unknown, frame: Frame, detail?: object): Reply =>
  success({ id: 1, value, ...(detail ? { detail } : {}) }, frame)
