/** What every source of users does, whatever keeps them. */
import { describe, expect, it } from 'vitest'
import type { UserSource } from '../../../functions/core/user-source.ts'

/**
 * The users of a source in this suite: `alice` with everything; `bob` without an address; `jörg` and
 * {@link ODD_NAME}, or what the source can have of it, for their names. Passwords are `<login>-secret`.
 */
export const ODD_NAME = "o'neil (x)*\\y"
export const passwordOf = (login: string) => `${login}-secret`

/** Names that are nobody's, whatever a query language would make of them. */
const NOBODIES = [
  ['a wildcard', '*'],
  ['the beginning of a name', 'ali*'],
  ['a filter behind a name', 'alice)(uid=*'],
  ['a filter that is always true', '*)(uid=*'],
  ['an alternative', 'nobody)(|(uid=*))'],
  ['a filter that is cut off', 'alice)(!(&(1=0'],
  ['an escaped wildcard', '\\2a'],
  ['an escaped name', '\\61lice'],
  ['an escape that is cut off', 'alice\\'],
  ['a NUL', 'alice\0'],
  ['a NUL before more', 'alice\0)(uid=bob'],
  ['a line break', 'alice\nbob'],
  ['half a surrogate pair', 'alice\ud800'],
  ['what a replacement would put in', '$&'],
  ['the name of a placeholder', '{login}'],
  ['a quote', "alice' or '1'='1"],
  ['a quote of a filter', 'alice" or username ^= "'],
  ['a DN', 'uid=alice,ou=people,dc=example,dc=org'],
  ['a name every object has', '__proto__'],
  ['nothing', ''],
  ['blanks', '   '],
  ['too long a name', 'a'.repeat(10_000)],
] as const

export function userSourceSuite(source: () => UserSource, oddName = ODD_NAME): void {
  describe('finds a user', () => {
    it('with all that is known, addresses in their order', async () => {
      const { uid, ...alice } = (await source().find('alice'))!
      expect(uid).toBeTruthy()
      expect(alice).toMatchObject({
        login: 'alice',
        givenname: 'Alice',
        surname: 'Liddell',
        phone: '+49 30 1',
        mobile: '+49 170 1',
        locale: 'de',
      })
      expect(alice.email[0]).toBe('alice@example.org')
    })

    it('without an address', async () => {
      expect(await source().find('bob')).toMatchObject({ login: 'bob', email: [] })
    })

    it.each(['jörg', oddName])('of the name %s', async (login) => {
      expect(await source().find(login)).toMatchObject({ login })
      expect(await source().checkPassword(login, passwordOf(login))).toBe(true)
    })

    it('of that name only', async () => {
      expect(await source().find('carol')).toBeUndefined()
      expect(await source().checkPassword('carol', passwordOf('alice'))).toBe(false)
    })
  })

  it.each(NOBODIES)('finds nobody for %s', async (_, login) => {
    expect(await source().find(login)).toBeUndefined()
    expect(await source().checkPassword(login, passwordOf('alice'))).toBe(false)
  })

  describe('a password', () => {
    it('is right for its user', async () => {
      expect(await source().checkPassword('alice', passwordOf('alice'))).toBe(true)
    })

    it.each([
      ['wrong', 'wrong'],
      ["somebody else's", passwordOf('bob')],
      ['in another case', passwordOf('alice').toUpperCase()],
      ['longer', `${passwordOf('alice')}x`],
      ['cut at a NUL', `${passwordOf('alice')}\0x`],
      ['empty', ''],
    ])('that is %s is not', async (_, password) => {
      expect(await source().checkPassword('alice', password)).toBe(false)
    })
  })

  describe('a list', () => {
    it('has the users whose name begins so', async () => {
      const { users, more } = await source().list('al')
      expect(users.map(({ login }) => login)).toEqual(['alice'])
      expect(more).toBe(false)
    })

    it('has all', async () => {
      const { users } = await source().list('')
      expect(users.map(({ login }) => login)).toEqual(
        expect.arrayContaining(['alice', 'bob', 'jörg', oddName]),
      )
    })

    it('has nobody for a wildcard', async () => {
      expect((await source().list('*')).users).toEqual([])
    })
  })
}
