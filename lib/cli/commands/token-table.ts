import type { tokenView } from '../../../functions/core/operator/views.ts'
import { table } from '../text.ts'

export type TokenView = ReturnType<typeof tokenView>

/** Tokens, one line each. */
export const tokenTable = (tokens: readonly TokenView[]) =>
  table(
    ['SERIAL', 'USER', 'REALM', 'E-MAIL', 'PIN', 'FAILURES', 'STATE', 'DESCRIPTION'],
    tokens.map((token) => [
      token.serial,
      token.user,
      token.realm,
      token.dynamic ? `${token.email ?? 'none'} (the user's)` : token.email,
      token.has_pin,
      `${token.failcount}/${token.max_failcount}`,
      token.state,
      token.description,
    ]),
  )
