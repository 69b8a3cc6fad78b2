/** Users of the built-in directory: an account is a user. */
import { type Account, accountKey, newAccount } from './account.ts'
import { sameMailbox } from './address/address-key.ts'
import { AccountBusyError, changeAccount, MOST_TRIES } from './change-account.ts'
import { hashPin } from './pin.ts'
import type { AccountStore, Ports, Random } from './ports.ts'
import { newSessionEpoch, withoutSessions } from './session-epoch.ts'
import { withoutLogins } from './supersede.ts'

export type Profile = Pick<
  Account,
  | 'email'
  | 'emailVerified'
  | 'givenname'
  | 'surname'
  | 'phone'
  | 'mobile'
  | 'locale'
  | 'resolver'
  | 'password'
  | 'imported'
>

export type UserPorts = Pick<Ports, 'accounts' | 'random' | 'sleep'>

/** Adds a user; false when the realm has one of that name. */
export const addUser = (
  { accounts, random }: UserPorts,
  realm: string,
  login: string,
  profile: Profile,
) => accounts.create(firstState(newUser(realm, login, profile), random))

/** An account as it is stored first. */
export const firstState = (account: Account, random: Random): Account => ({
  ...account,
  sessionEpoch: newSessionEpoch(random),
})

/** The account of a user who has nothing but a profile. */
export const newUser = (realm: string, login: string, profile: Profile): Account => ({
  ...newAccount(accountKey(realm, login), realm, login),
  ...profile,
})

/** Changes what is given of a user's profile; a password ends their sessions. False: no such user. */
export async function updateUser(
  ports: UserPorts,
  realm: string,
  login: string,
  profile: Profile,
): Promise<boolean> {
  const account = await ports.accounts.get(accountKey(realm, login))
  if (!account) return false
  const changed = await changeAccount(ports, account, (current) => ({
    after: { ...withNewPassword(withNewAddress(current, profile), profile), ...profile },
    result: true,
  }))
  return changed ?? false
}

/** Who has begun a session by the password before may not be the user. */
const withNewPassword = (account: Account, profile: Profile): Account =>
  'password' in profile ? withoutSessions(account) : account

/** What was proven of an address says nothing about another one, nor does a code that went there. */
export function withNewAddress(account: Account, profile: Profile): Account {
  const { emailVerified, ...rest } = account
  if (!('email' in profile)) return account
  const { email } = profile
  if (email === account.email) return account
  if (email && account.email && sameMailbox(email, account.email)) return account
  return { ...rest, open: withoutLogins(rest.open) }
}

/** What is stored of a user's own password; the empty string removes it. */
export async function passwordHash(
  { keyring, random }: Pick<Ports, 'keyring' | 'random'>,
  password: string,
) {
  return password === '' ? undefined : hashPin(await keyring.key('pin'), password, random)
}

/** Every user, in no particular order. */
export async function* allUsers(
  accounts: AccountStore,
): AsyncIterable<Account & { login: string }> {
  for await (const account of accounts.all()) {
    if (account.login !== undefined) yield { ...account, login: account.login }
  }
}

/** Removes a user with all tokens; false when there was none. Throws {@link AccountBusyError}. */
export async function removeUser({ accounts }: UserPorts, realm: string, login: string) {
  let account = await accounts.get(accountKey(realm, login))
  for (let tries = 1; account && tries <= MOST_TRIES; tries++) {
    const removed = await accounts.remove(account)
    if (removed.saved) return true
    account = removed.current
  }
  if (account) throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
  return false
}
