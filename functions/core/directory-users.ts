/** Otpost's own directory as a source of users. */
import { type Account, accountKey } from './account.ts'
import type { Ports } from './ports.ts'
import { checkPassword } from './sign-in-user.ts'
import { isLogin, type SourceUser, type UserSource } from './user-source.ts'
import { allUsers } from './users.ts'

type DirectoryPorts = Pick<Ports, 'accounts' | 'keyring' | 'now' | 'random' | 'sleep' | 'settings'>

/** As in a person's login, wrong passwords count and earn delays. */
export function directoryUsers(ports: DirectoryPorts, realm: string, sizeLimit = 100): UserSource {
  const accountOf = async (login: string) =>
    isLogin(login) ? ports.accounts.get(accountKey(realm, login)) : undefined
  return {
    async find(login) {
      const account = await accountOf(login)
      return account && userOf(account, login)
    },
    async checkPassword(login, password) {
      return password !== '' && checkPassword(ports, await accountOf(login), password)
    },
    async list(prefix) {
      const users: SourceUser[] = []
      for await (const account of allUsers(ports.accounts)) {
        if (account.realm !== realm || !account.login.startsWith(prefix)) continue
        if (users.length === sizeLimit) return { users, more: true }
        users.push(userOf(account, account.login))
      }
      return { users, more: false }
    },
  }
}

function userOf(account: Account, login: string): SourceUser {
  const { email, givenname, surname, phone, mobile, locale } = account
  const known = Object.entries({ givenname, surname, phone, mobile, locale })
  const texts = Object.fromEntries(known.filter(([, text]) => text !== undefined))
  return { login, uid: login, email: email ? [email] : [], ...texts }
}
