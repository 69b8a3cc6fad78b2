import { type Account, typeOf } from './account.ts'
import type { TokenCounts } from './policy/enrollment-rules.ts'

/** How many tokens an account has, as policies limit them. */
export function tokenCounts({ tokens }: Pick<Account, 'tokens'>): TokenCounts {
  const all = Object.values(tokens)
  const email = all.filter((token) => typeOf(token) === 'email')
  const activeEmail = email.filter(({ enabled }) => enabled).length
  return { tokens: all.length, email: email.length, activeEmail }
}
