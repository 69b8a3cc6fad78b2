import { FilterParser } from 'ldapts'
import { describe, expect, it } from 'vitest'
import { readDirectory, resolverOf } from '../../functions/core/directory.ts'
import { parseSettings } from '../../functions/core/settings.ts'

const LDAP = { type: 'ldap', uri: 'ldaps://ldap.example.org', base_dn: 'dc=example' }

const refusalOf = (members: Record<string, unknown>) => {
  const reading = readDirectory(members)
  return 'refused' in reading ? reading.refused : undefined
}

describe('a resolver', () => {
  it('of LDAP needs a server and a base, and has defaults for all else', () => {
    expect(readDirectory(LDAP)).toEqual({
      value: {
        ...{ type: 'ldap', uri: ['ldaps://ldap.example.org'], starttls: false, bindDn: '' },
        ...{ baseDn: 'dc=example', scope: 'sub', loginAttribute: 'uid', filter: '(uid={login})' },
        ...{ timeout: 3, sizeLimit: 100, ca: '' },
        attributes: {
          ...{ uid: [], email: ['mail'], givenname: ['givenName'], surname: ['sn'] },
          ...{ phone: ['telephoneNumber'], mobile: ['mobile'], locale: ['preferredLanguage'] },
        },
      },
    })
  })

  it.each([
    ['without a server', { uri: '' }, /its uri is missing/],
    ['without a base', { base_dn: '' }, /its base_dn is missing/],
    ['in clear', { uri: 'ldap://ldap.example.org' }, /passwords in clear to ldap:\/\/ldap/],
    ['in clear beside TLS', { uri: 'ldaps://a.example, ldap://b.example' }, /clear to ldap:\/\/b/],
    [
      'with a host that only begins as loopback',
      { uri: 'ldap://127.0.0.1.example.org' },
      /in clear/,
    ],
    ['with credentials in the URI', { uri: 'ldaps://u:p@x.example' }, /its uri has an item/],
    ['with a path', { uri: 'ldaps://x.example/dc=x??sub?(uid=*)' }, /its uri has an item/],
    ['of another scheme', { uri: 'http://x.example' }, /its uri has an item/],
    ['with too many servers', { uri: 'ldaps://a, ldaps://b, ldaps://c, ldaps://d' }, /more than 3/],
    ['with a password', { password: 's' }, /its password is a secret/],
    ['with a bind_password', { bind_password: 's' }, /is a secret/],
    ['with an unknown member', { colour: 'red' }, /its colour is not known; known: uri/],
    ['with an object', { uri: {} }, /its uri is not plain text/],
    [
      'with attributes that are text',
      { attributes: 'mail' },
      /its attributes is not a JSON object/,
    ],
    ['with an unknown attribute', { attributes: { fax: 'fax' } }, /its fax is not known/],
    ['with an attribute that is none', { attributes: { email: 'a)(b' } }, /its email has an item/],
    ['with a long timeout', { timeout: 5 }, /its timeout is above 4/],
    [
      'with a login attribute that is a filter',
      { login_attribute: 'uid=*)(x' },
      /login_attribute is not/,
    ],
  ])('of LDAP is refused %s', (_, members, reason) => {
    expect(refusalOf({ ...LDAP, ...members })).toMatch(reason)
  })

  it.each(['ldap://127.0.0.1:389', 'ldap://localhost', 'ldap://[::1]/'])(
    'of LDAP may be %s in clear',
    (uri) => expect(refusalOf({ ...LDAP, uri })).toBeUndefined(),
  )

  it.each([
    '(uid={login})',
    '(&(objectClass=person)(uid={login}))',
    '(|(uid={login})(mail={login}))',
    '(&(objectClass=user)(!(status=off))(|(uid={login})(cn>={login})))',
    '(&(sAMAccountName={login})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
  ])('takes the filter %s', (filter) => {
    expect(refusalOf({ ...LDAP, filter })).toBeUndefined()
    expect(() => FilterParser.parseString(filter.replaceAll('{login}', 'x'))).not.toThrow()
  })

  it.each([
    '(uid=*)',
    'uid={login}',
    '(uid={login}',
    '(uid={login}))',
    '({login}=x)',
    '(&(uid={login})',
    '(!(a=b)(uid={login}))',
    '(uid={login})(a=b)',
    '(&)({login}=)',
    '(uid={login}) ',
    '\0(uid={login})',
  ])('refuses the filter %j', (filter) => {
    // blanks around it are no part of it
    const reason = refusalOf({ ...LDAP, filter })
    if (filter.trim() === '(uid={login})') expect(reason).toBeUndefined()
    else expect(reason).toMatch(/its filter/)
  })

  it.each([
    [{}, /its user_pool_id is missing/],
    [{ user_pool_id: '*' }, /its user_pool_id is not/],
    [{ user_pool_id: 'eu-central-1_A', client_secret: 'x' }, /its client_secret is not known/],
    [{ user_pool_id: 'eu-central-1_A', password: 'x' }, /is a secret/],
  ])('of Cognito is refused as %j', (members, reason) => {
    expect(refusalOf({ type: 'cognito', ...members })).toMatch(reason)
  })

  it.each([undefined, '', 'sql', '__proto__', 'constructor'])('of the type %s is none', (type) => {
    expect(refusalOf({ type })).toMatch(
      /is of the type .*not one of directory, passwdresolver, ldap/,
    )
  })
})

it('a bind_dn and its password need each other', () => {
  const resolver = (bind: object) => ({ 'resolvers/ad': JSON.stringify({ ...LDAP, ...bind }) })
  const secret = { 'resolvers/ad.password': 1 }
  const problem = expect.objectContaining({ name: 'resolvers/ad.password' })
  const named = resolver({ bind_dn: 'cn=x' })
  expect(parseSettings(named, secret).problems).not.toContainEqual(problem)
  expect(parseSettings(resolver({})).problems).not.toContainEqual(problem)
  expect(parseSettings(named).problems).toContainEqual(
    expect.objectContaining({ name: 'resolvers/ad.password', severity: 'error' }),
  )
  expect(parseSettings(resolver({}), secret).problems).toContainEqual(
    expect.objectContaining({ name: 'resolvers/ad.password', severity: 'warning' }),
  )
})

it('who was added to no resolver is in the first of their realm that is ours', () => {
  const { settings } = parseSettings({
    'resolvers/ad': JSON.stringify(LDAP),
    'realms/staff': 'ad, here',
    'realms/ldap': 'ad',
  })
  expect(resolverOf({ realm: 'staff' }, settings)).toBe('here')
  expect(resolverOf({ realm: 'ldap' }, settings)).toBe('ad')
  expect(resolverOf({ realm: 'staff', resolver: 'ad' }, settings)).toBe('ad')
  expect(resolverOf({ realm: 'nowhere' }, settings)).toBe('directory')
})
