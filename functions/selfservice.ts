import { composeSelfService } from './compose.ts'
import { application } from './http/application.ts'
import { V1_SELF_ROUTES } from './http/v1/self/routes.ts'
import { problem } from './http/v1/problem.ts'
import { v1 } from './http/v1/wire.ts'

const ports = composeSelfService()

/** What people do with what is their own. It changes the caller's account and reaches no other. */
export const handler = application(ports, [v1(V1_SELF_ROUTES, ports)], () => problem('not_found'))
