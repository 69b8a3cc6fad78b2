import { randomBytes } from 'node:crypto'
import { memoryAccounts } from '../../functions/adapters/memory.ts'
import { type Account, accountKey } from '../../functions/core/account.ts'
import { enrolToken } from '../../functions/core/enrol-token.ts'
import type { Keyring } from '../../functions/core/ports.ts'
import { defaultSettings } from '../../functions/core/settings.ts'
import { addUser } from '../../functions/core/users.ts'

/**
 * Users with one token each, enrolled by the core's own use cases, so that an account is what a
 * deployment would store.
 */
export async function* enrolled(
  logins: string[],
  keyring: Keyring,
  pin: string | undefined,
): AsyncIterable<Account> {
  const accounts = memoryAccounts()
  const ports = {
    accounts,
    keyring,
    settings: { current: async () => defaultSettings },
    now: Date.now,
    random: randomBytes,
    sleep: async () => {},
  }
  for (const login of logins) {
    await addUser(ports, 'default', login, { email: `${login}@example.org` })
    const account = (await accounts.get(accountKey('default', login)))!
    const result = await enrolToken(ports, { account, ...(pin ? { pin } : {}) })
    if (!result.enrolled) throw new Error(result.reason)
  }
  yield* accounts.all()
}
