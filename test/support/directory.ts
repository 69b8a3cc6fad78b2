/** A directory elsewhere, `ad`, which Otpost asks by a port: whom it knows and what it is asked. */
import { type RemoteUsers, SourceFault, type SourceUser } from '../../functions/core/user-source.ts'

export const LDAP = JSON.stringify({
  type: 'ldap',
  uri: 'ldaps://ldap.example.org',
  base_dn: 'dc=x',
})

/** Settings by which the realm `staff` is kept in `ad`, after `other`, which knows nobody. */
export const STAFF = { 'realms/staff': 'other, ad', 'resolvers/ad': LDAP, 'resolvers/other': LDAP }

/** People and their passwords, `<login>-secret`. */
export function remoteDirectory() {
  const people = new Map<string, SourceUser & { password: string }>()
  const asked: string[] = []
  let down = false
  const answer = <T>(question: string, value: T) => {
    asked.push(question)
    if (down) throw new SourceFault('down')
    return value
  }
  const remoteUsers: RemoteUsers = {
    async find(resolver, login, fresh) {
      const folded = [...people.values()].find((one) => one.login === login.toLowerCase())
      return answer(
        `${fresh ? 'fresh ' : ''}${resolver} ${login}`,
        resolver === 'ad' ? folded : undefined,
      )
    },
    async checkPassword(resolver, login, password) {
      return answer(`password ${resolver} ${login}`, people.get(login)?.password === password)
    },
  }
  return {
    remoteUsers,
    asked,
    put: (login: string, email: string[], more: Partial<SourceUser> = {}) =>
      people.set(login, { login, uid: login, email, password: `${login}-secret`, ...more }),
    remove: (login: string) => people.delete(login),
    fail: (fails: boolean) => {
      down = fails
    },
  }
}
