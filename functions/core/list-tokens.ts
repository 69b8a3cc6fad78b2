import { type Account, accountKey, type Token } from './account.ts'
import type { AccountStore } from './ports.ts'
import { fitsWildcard } from './wildcard.ts'

export type TokenFilter = {
  /** Only those of this user. */
  owner?: { realm: string; login: string }
  /** Only this serial; `*` stands for any characters. */
  serial?: string
}
export type HeldToken = { token: Token; account: Account }

/** Tokens with the account that holds them, oldest first. Reads every account unless narrowed. */
export async function listTokens(
  accounts: AccountStore,
  { owner, serial }: TokenFilter,
): Promise<HeldToken[]> {
  const found: HeldToken[] = []
  for await (const account of candidates(accounts, owner, serial)) {
    for (const token of Object.values(account.tokens)) {
      if (!serial || fitsWildcard(serial, token.serial)) found.push({ token, account })
    }
  }
  return found.sort(
    (a, b) => a.token.createdAt - b.token.createdAt || (a.token.serial < b.token.serial ? -1 : 1),
  )
}

async function* candidates(
  accounts: AccountStore,
  owner: TokenFilter['owner'],
  serial: string | undefined,
): AsyncIterable<Account> {
  if (!owner && (!serial || serial.includes('*'))) return yield* accounts.all()
  const key = owner ? accountKey(owner.realm, owner.login) : await accounts.findSerial(serial!)
  const account = key ? await accounts.get(key) : undefined
  if (account) yield account
}
