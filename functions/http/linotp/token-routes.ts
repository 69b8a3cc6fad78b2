/** `/linotp/admin/…`: what administrators do with tokens. */
import type { LinotpAdminRoute } from './admin-route.ts'
import { LINOTP_TOKEN_CHANGE_ROUTES } from './token-changes.ts'
import { LINOTP_TOKEN_INIT_ROUTES } from './token-init.ts'
import { LINOTP_TOKEN_OWNER_ROUTES } from './token-owner.ts'
import { LINOTP_TOKEN_SET_ROUTES } from './token-set.ts'
import { LINOTP_TOKEN_SHOW_ROUTES } from './token-show.ts'
import { LINOTP_TOKEN_STATUS_ROUTES } from './token-status.ts'

export const LINOTP_TOKEN_ROUTES: LinotpAdminRoute[] = [
  ...LINOTP_TOKEN_INIT_ROUTES,
  ...LINOTP_TOKEN_SHOW_ROUTES,
  ...LINOTP_TOKEN_CHANGE_ROUTES,
  ...LINOTP_TOKEN_SET_ROUTES,
  ...LINOTP_TOKEN_OWNER_ROUTES,
  ...LINOTP_TOKEN_STATUS_ROUTES,
]
