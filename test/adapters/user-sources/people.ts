/** The users of the suite as entries of an LDAP directory. */
import { BASE } from './slapd.ts'
import { ODD_NAME, passwordOf } from './user-source-suite.ts'

export const PEOPLE = `ou=people,${BASE}`
export const ALICE = `uid=alice,${PEOPLE}`

const base64 = (text: string) => Buffer.from(text).toString('base64')

const person = (login: string, lines: string[] = [], rdn = `cn=${login}`) => `
dn:: ${base64(`${rdn},${PEOPLE}`)}
objectClass: inetOrgPerson
uid:: ${base64(login)}
cn:: ${base64(login)}
userPassword:: ${base64(passwordOf(login))}
${(lines.some((line) => line.startsWith('sn:')) ? lines : ['sn: X', ...lines]).join('\n')}
`

export const ENTRIES = [
  `dn: ${PEOPLE}\nobjectClass: organizationalUnit\nou: people\n`,
  person(
    'alice',
    [
      'sn: Liddell',
      'givenName: Alice',
      'telephoneNumber: +49 30 1',
      'mobile: +49 170 1',
      'preferredLanguage: de',
      'mail: alice@example.org',
      'mail: alice@example.net',
    ],
    'uid=alice',
  ),
  person('bob'),
  person('jörg', ['mail: joerg@example.org']),
  person(ODD_NAME, ['mail: odd@example.org'], 'cn=odd'),
  person('twin', [], 'cn=twin one'),
  person('twin', [], 'cn=twin two'),
  `dn: ou=elsewhere,${BASE}
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/ou=elsewhere,${BASE}
`,
].join('\n')
