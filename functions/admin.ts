import { composeAdmin } from './compose.ts'
import { application } from './http/application.ts'
import { requireAdmin } from './http/callers.ts'
import { LINOTP_ADMIN_ROUTES } from './http/linotp/admin-routes.ts'
import { answerLinotp } from './http/linotp/wire.ts'
import { ADMIN_ROUTES } from './http/privacyidea/admin-routes.ts'
import { answer, notFound } from './http/privacyidea/wire.ts'
import { V1_ADMIN_ROUTES } from './http/v1/admin-routes.ts'
import { v1 } from './http/v1/wire.ts'

const ports = composeAdmin()

/**
 * Administration: sessions, tokens, users and settings. The only function that makes, assigns and
 * deletes tokens for others; who has none may get one at a login or make one in the self-service.
 */
export const handler = application(
  ports,
  [
    (request) => answer(ADMIN_ROUTES, ports, request),
    v1(V1_ADMIN_ROUTES, ports, (request) => requireAdmin(ports, request)),
    (request) => answerLinotp(LINOTP_ADMIN_ROUTES, ports, request),
  ],
  notFound,
)
