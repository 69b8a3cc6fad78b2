import { LINOTP_SESSION_ROUTES } from './admin-session.ts'
import type { LinotpAdminRoute } from './admin-route.ts'
import { LINOTP_CONFIG_ROUTES } from './system-config.ts'
import { LINOTP_POLICY_ROUTES } from './system-policies.ts'
import { LINOTP_PROVIDER_ROUTES } from './system-providers.ts'
import { LINOTP_TOKEN_ROUTES } from './token-routes.ts'

/** Everything of LinOTP's wire that administers. */
export const LINOTP_ADMIN_ROUTES: LinotpAdminRoute[] = [
  ...LINOTP_SESSION_ROUTES,
  ...LINOTP_TOKEN_ROUTES,
  ...LINOTP_POLICY_ROUTES,
  ...LINOTP_PROVIDER_ROUTES,
  ...LINOTP_CONFIG_ROUTES,
]
