import { type Account, newAccount, type Token } from '../../functions/core/account.ts'

export const testToken = (serial: string, changes: Partial<Token> = {}): Token => ({
  serial,
  secret: 'sealed',
  counter: 0,
  digits: 6,
  algorithm: 'sha1',
  enabled: true,
  revoked: false,
  failcount: 0,
  maxFailcount: 10,
  description: '',
  rollout: 'enrolled',
  createdAt: 1000,
  ...changes,
})

/** An account of realm `demo` with these tokens. */
export function testAccount(changes: Partial<Account> = {}, ...tokens: Token[]): Account {
  const login = `user-${crypto.randomUUID()}`
  return {
    ...newAccount(`account/demo/${login}`, 'demo', login),
    email: 'alice@example.org',
    tokens: Object.fromEntries(tokens.map((token) => [token.serial, token])),
    ...changes,
  }
}
