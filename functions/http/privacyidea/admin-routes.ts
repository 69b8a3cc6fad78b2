import { AUDIT_ROUTES } from './audit-routes.ts'
import { AUTH_ROUTES } from './auth-routes.ts'
import { POLICY_FILE_ROUTES } from './policy-file-routes.ts'
import { POLICY_ROUTES } from './policy-routes.ts'
import { REALM_ROUTES } from './realm-routes.ts'
import { SMTPSERVER_ROUTES } from './smtpserver-routes.ts'
import { SYSTEM_ROUTES } from './system-routes.ts'
import { TOKEN_ROUTES } from './token-routes.ts'
import { USER_ROUTES } from './user-routes.ts'

/** Everything of privacyIDEA's wire that administers: sessions, tokens, users and settings. */
export const ADMIN_ROUTES = [
  ...AUTH_ROUTES,
  ...TOKEN_ROUTES,
  ...USER_ROUTES,
  ...REALM_ROUTES,
  ...SYSTEM_ROUTES,
  ...SMTPSERVER_ROUTES,
  ...POLICY_FILE_ROUTES,
  ...POLICY_ROUTES,
  ...AUDIT_ROUTES,
]
