import { composeAdmin } from './compose.ts'
import { application } from './http/application.ts'
import { AUTH_ROUTES } from './http/privacyidea/auth-routes.ts'
import { POLICY_ROUTES } from './http/privacyidea/policy-routes.ts'
import { REALM_ROUTES } from './http/privacyidea/realm-routes.ts'
import { SMTPSERVER_ROUTES } from './http/privacyidea/smtpserver-routes.ts'
import { SYSTEM_ROUTES } from './http/privacyidea/system-routes.ts'
import { TOKEN_ROUTES } from './http/privacyidea/token-routes.ts'
import { USER_ROUTES } from './http/privacyidea/user-routes.ts'
import { answer, notFound } from './http/privacyidea/wire.ts'
import { V1_ADMIN_ROUTES } from './http/v1/admin-routes.ts'
import { v1 } from './http/v1/wire.ts'

const ports = composeAdmin()
const ROUTES = [
  ...AUTH_ROUTES,
  ...TOKEN_ROUTES,
  ...USER_ROUTES,
  ...REALM_ROUTES,
  ...SYSTEM_ROUTES,
  ...SMTPSERVER_ROUTES,
  ...POLICY_ROUTES,
]

/** Administration: sessions, tokens, users and settings. The only HTTP function that may create a token. */
export const handler = application(
  ports,
  [(request) => answer(ROUTES, ports, request), v1(V1_ADMIN_ROUTES, ports)],
  notFound,
)
