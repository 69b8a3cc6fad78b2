/** Accounts of a store under test, and what they hold. */
import { expect } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import type { AccountStore } from '../../functions/core/ports.ts'
import { testAccount, testToken } from '../support/accounts.ts'

export const newSerial = () => `EM-${crypto.randomUUID()}`

/** An account with one more token. */
export const withToken = (account: Account, serial: string): Account => ({
  ...account,
  tokens: { ...account.tokens, [serial]: testToken(serial) },
})

/** Makes and reads accounts of the store that is open. */
export function accountMaker(open: () => AccountStore) {
  const read = async (key: string) => (await open().get(key))!
  const create = async (changes: Partial<Account> = {}) => {
    const account = testAccount(changes)
    expect(await open().create(account)).toBe(true)
    return account
  }
  /** Creates an account and puts tokens into it. */
  const enrolled = async (...serials: string[]) => {
    const { key } = await create()
    for (const serial of serials) {
      const before = await read(key)
      expect(await open().addToken(before, withToken(before, serial), serial)).toEqual({
        saved: true,
      })
    }
    return read(key)
  }
  return { read, create, enrolled }
}
