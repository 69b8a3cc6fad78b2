import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import type { Reply } from '../reply.ts'
import type { Route } from '../router.ts'
import { type AdminCaller, adminCallerOf } from './admin-caller.ts'
import type { Call, Handler } from './wire.ts'

export type LinotpAdminCall = Call & { caller: AdminCaller }
export type LinotpAdminHandler = (ports: AdminPorts, call: LinotpAdminCall) => Promise<Reply>
export type LinotpAdminRoute = Route<Handler<AdminPorts>>

/**
 * A route of `/linotp/admin` or `/linotp/system` for administrators. Answers carry the session's new
 * cookies while it is renewed.
 */
export const linotpAdmin = (
  method: 'GET' | 'POST',
  path: `/linotp/${string}`,
  handle: LinotpAdminHandler,
): LinotpAdminRoute => ({
  method,
  path,
  handle: async (ports, call) => {
    const { caller, cookies } = await adminCallerOf(ports, call)
    return withCookies(await handle(ports, { ...call, caller }), cookies)
  },
})

/** What the handler itself says of cookies stands. */
const withCookies = (reply: Reply, cookies: string[]): Reply =>
  cookies.length === 0 || reply.cookies ? reply : { ...reply, cookies }
