/** Accounts, tokens and admins as an operator sees them: without secrets and hashes. */
import type { Account, Token } from '../account.ts'
import { addressOf, outOfGuesses, unusable, wrongToday } from '../budget.ts'
import { addressView } from '../registration/address-view.ts'
import type { Settings } from '../settings.ts'
import type { Admin } from '../sign-in.ts'
import { undeliverable } from '../undeliverable.ts'

export const isoTime = (unixMs: number) => new Date(unixMs).toISOString()

export const adminView = ({ name, createdAt }: Admin) => ({ name, created_at: isoTime(createdAt) })

export const userView = (account: Account) => ({
  user: account.login,
  realm: account.realm,
  email: account.email,
  givenname: account.givenname,
  surname: account.surname,
  phone: account.phone,
  mobile: account.mobile,
  locale: account.locale,
  tokens: Object.keys(account.tokens).length,
})

/** One user with tokens, and what keeps them from logging in. */
export const userDetail = (account: Account, settings: Settings, now: number) => ({
  ...userView(account),
  ...addressView(account, settings, now),
  has_password: account.password !== undefined,
  /** The last import that wrote to it, as the audit names it. */
  import: account.imported?.id,
  wrong_answers_today: wrongToday(account, now).length,
  wrong_answers_in_a_row: account.consecutive,
  locked: outOfGuesses(account, settings),
  tokens: Object.values(account.tokens).map((token) => tokenView(account, token, now)),
})

const keptFrom = (account: Account, token: Token) =>
  undeliverable(account, addressOf(account, token) ?? '')

export const tokenView = (account: Account, token: Token, now: number) => ({
  serial: token.serial,
  user: account.login,
  realm: account.realm,
  email: addressOf(account, token),
  /** The address is the user's, read when a mail is sent. */
  dynamic: token.email === undefined,
  state: unusable(token, now) ?? (keptFrom(account, token) ? 'undeliverable' : 'ready'),
  has_pin: token.pin !== undefined,
  digits: token.digits,
  failcount: token.failcount,
  max_failcount: token.maxFailcount,
  description: token.description,
  created_at: isoTime(token.createdAt),
})
