/**
 * The kinds of directory that are not Otpost's own. A new kind is one entry here, which says how its
 * members are read, and one in `functions/adapters/user-sources.ts`, which asks it.
 */
import { boolean, choice, integer, line, listOf } from './setting-kinds.ts'
import type { Kind, Reading } from './setting-kinds.ts'
import { certificates } from './setting-kinds-net.ts'

/** Which attributes of an entry hold what is known of a user, each in the order they are looked at. */
export type UserAttributes = Readonly<
  Record<
    'uid' | 'email' | 'givenname' | 'surname' | 'phone' | 'mobile' | 'locale',
    readonly string[]
  >
>

/** A directory that speaks LDAP. */
export type LdapDirectory = {
  readonly type: 'ldap'
  /** Servers in the order they are asked: scheme, host and port. */
  readonly uri: readonly string[]
  /** `ldap://` becomes TLS before anything is told. */
  readonly starttls: boolean
  /** Who looks for users; empty: nobody in particular. */
  readonly bindDn: string
  readonly baseDn: string
  readonly scope: 'sub' | 'one' | 'base'
  readonly loginAttribute: string
  /** RFC 4515, with `{login}` where the name belongs. */
  readonly filter: string
  readonly attributes: UserAttributes
  /** Seconds each server has for connecting and answering. */
  readonly timeout: number
  /** The most entries of a list. */
  readonly sizeLimit: number
  /** PEM of authorities to trust instead of the public ones; empty: the public ones. */
  readonly ca: string
}

/** A user pool of Amazon Cognito. */
export type CognitoDirectory = {
  readonly type: 'cognito'
  readonly userPoolId: string
  readonly region: string
  /** The app client by which passwords are checked; empty: they are not. */
  readonly clientId: string
  /** Takes addresses that Cognito has not verified. */
  readonly unverified: boolean
  readonly attributes: UserAttributes
  /** Seconds for one request. */
  readonly timeout: number
  /** The most users of a list. */
  readonly sizeLimit: number
}

export type RemoteDirectory = LdapDirectory | CognitoDirectory

type Members = Readonly<Record<string, Kind<unknown>>>
type Given = Readonly<Record<string, unknown>>

const refused = (name: string, why: string) => ({ refused: `cannot be used: its ${name} ${why}` })

const fitting = (pattern: RegExp, accepted: string): Kind<string> => ({
  accepted,
  read: (text) => (pattern.test(text) ? { value: text } : { refused: `is not ${accepted}` }),
})

const attributes = listOf(
  fitting(/^[a-z][a-z0-9_:.-]{0,127}$/i, 'the name of an attribute'),
  'a comma list of attributes',
)
const LDAP_ATTRIBUTES: UserAttributes = {
  uid: [],
  email: ['mail'],
  givenname: ['givenName'],
  surname: ['sn'],
  phone: ['telephoneNumber'],
  mobile: ['mobile'],
  locale: ['preferredLanguage'],
}
const COGNITO_ATTRIBUTES: UserAttributes = {
  uid: ['sub'],
  email: ['email'],
  givenname: ['given_name'],
  surname: ['family_name'],
  phone: ['phone_number'],
  mobile: [],
  locale: ['locale'],
}
const ATTRIBUTES = Object.fromEntries(
  Object.keys(LDAP_ATTRIBUTES).map((name) => [name, attributes]),
)

const SERVER = /^(ldaps?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?\/?$/i
const servers = listOf(
  fitting(SERVER, 'a server such as ldaps://ldap.example.com or ldap://ldap.example.com:389'),
  'a comma list of servers',
)
/** A person waits while each of them is given its time. */
const MOST_SERVERS = 3
const LOOPBACK = /^ldap:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/i

const filter: Kind<string> = {
  accepted: 'an LDAP filter (RFC 4515) with {login}',
  read(text) {
    if (!text.includes('{login}')) return { refused: 'does not say where {login} belongs' }
    return isFilter(text) ? { value: text } : { refused: 'is not an LDAP filter (RFC 4515)' }
  },
}

/** By folding the innermost parentheses until one filter is left, or nothing more can be folded. */
function isFilter(text: string): boolean {
  for (let folded = text, before = ''; folded !== before;) {
    before = folded
    folded = folded.replace(
      /\([\w-]+(?:(?::[\w.-]+)*:|[~<>])?=[^()\0]*\)|\([&|]\0+\)|\(!\0\)/g,
      '\0',
    )
    if (folded === '\0') return !text.includes('\0')
  }
  return false
}

const LDAP: Members = {
  uri: servers,
  starttls: boolean,
  bind_dn: line(1000),
  base_dn: line(1000),
  scope: choice(['sub', 'one', 'base'], { subtree: 'sub', level: 'one' }),
  login_attribute: fitting(/^[a-z][a-z0-9-]{0,127}$/i, 'the name of an attribute'),
  filter,
  timeout: integer(1, 4, ' seconds'),
  size_limit: integer(1, 1000),
  ca: certificates,
}

function ldap(members: Given): Reading<LdapDirectory> {
  const reading = readMembers(LDAP, LDAP_ATTRIBUTES, members)
  if ('refused' in reading) return reading
  const given = reading.value as Partial<LdapDirectory> & Pick<LdapDirectory, 'attributes'>
  const { uri = [], baseDn = '', starttls = false, loginAttribute = 'uid' } = given
  if (uri.length === 0) return refused('uri', 'is missing')
  if (uri.length > MOST_SERVERS) return refused('uri', `names more than ${MOST_SERVERS} servers`)
  if (baseDn === '') return refused('base_dn', 'is missing')
  const open = uri.find((one) => /^ldap:/i.test(one) && !LOOPBACK.test(one))
  if (open && !starttls) {
    return refused('uri', `would send passwords in clear to ${open}; use ldaps:// or starttls`)
  }
  return {
    value: Object.freeze({
      ...{ type: 'ldap', bindDn: '', scope: 'sub', timeout: 3, sizeLimit: 100, ca: '' },
      filter: `(${loginAttribute}={login})`,
      ...given,
      ...{ uri, baseDn, starttls, loginAttribute },
    } as const),
  }
}

const COGNITO: Members = {
  user_pool_id: fitting(/^[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]{1,55}$/, 'the id of a user pool'),
  client_id: fitting(/^\w{1,128}$/, 'the id of an app client'),
  unverified: boolean,
  timeout: integer(1, 4, ' seconds'),
  size_limit: integer(1, 1000),
}

function cognito(members: Given): Reading<CognitoDirectory> {
  const reading = readMembers(COGNITO, COGNITO_ATTRIBUTES, members)
  if ('refused' in reading) return reading
  const given = reading.value as Partial<CognitoDirectory> & Pick<CognitoDirectory, 'attributes'>
  const { userPoolId } = given
  if (!userPoolId) return refused('user_pool_id', 'is missing')
  return {
    value: Object.freeze({
      ...{ type: 'cognito', clientId: '', unverified: false, timeout: 3, sizeLimit: 60 },
      ...given,
      ...{ userPoolId, region: userPoolId.split('_')[0]! },
    } as const),
  }
}

export const DIRECTORY_KINDS = { ldap, cognito } as const

/** Properties of the members that are given, and all attributes. */
function readMembers(
  kinds: Members,
  usual: UserAttributes,
  { attributes = {}, ...members }: Given,
) {
  if (typeof attributes !== 'object') return refused('attributes', 'is not a JSON object')
  const own = readEach(kinds, members)
  if ('refused' in own) return own
  const named = readEach(ATTRIBUTES, attributes as Given)
  if ('refused' in named) return named
  return { value: { ...own.value, attributes: { ...usual, ...named.value } } }
}

function readEach(kinds: Members, given: Given): Reading<Record<string, unknown>> {
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (/password/.test(name)) {
      return refused(name, 'is a secret: store it as the SecureString resolvers/<name>.password')
    }
    if (!Object.hasOwn(kinds, name)) {
      return refused(name, `is not known; known: ${Object.keys(kinds).join(', ')}`)
    }
    if (value !== null && typeof value === 'object') return refused(name, 'is not plain text')
    const text = String(value ?? '').trim()
    if (text === '' && kinds !== ATTRIBUTES) continue
    const reading = kinds[name]!.read(text)
    if ('refused' in reading) return refused(name, reading.refused)
    read[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())] = reading.value
  }
  return { value: read }
}
