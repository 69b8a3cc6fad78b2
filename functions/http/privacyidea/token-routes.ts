/** `/token/…`: what administrators do with tokens, and users with their own. */
import type { AdminRoute } from './admin-route.ts'
import { TOKEN_CHALLENGE_ROUTES } from './token-challenges.ts'
import { TOKEN_CHANGE_ROUTES } from './token-changes.ts'
import { TOKEN_DETAIL_ROUTES } from './token-details.ts'
import { TOKEN_INIT_ROUTES } from './token-init.ts'
import { TOKEN_LIST_ROUTES } from './token-list.ts'
import { TOKEN_OWNER_ROUTES } from './token-owner.ts'

export const TOKEN_ROUTES: AdminRoute[] = [
  ...TOKEN_INIT_ROUTES,
  ...TOKEN_LIST_ROUTES,
  ...TOKEN_CHANGE_ROUTES,
  ...TOKEN_OWNER_ROUTES,
  ...TOKEN_DETAIL_ROUTES,
  ...TOKEN_CHALLENGE_ROUTES,
]
