/** privacyIDEA's `ldapresolver`, as our members say it. */
import { readJsonObject } from './json-text.ts'
import type { Reading } from './setting-kinds.ts'

/** What privacyIDEA calls it, what we do. */
const NAMES = {
  LDAPURI: 'uri',
  LDAPBASE: 'base_dn',
  BINDDN: 'bind_dn',
  TIMEOUT: 'timeout',
  SIZELIMIT: 'size_limit',
  LOGINNAMEATTRIBUTE: 'login_attribute',
  SCOPE: 'scope',
  START_TLS: 'starttls',
} as const
const ATTRIBUTES = ['phone', 'mobile', 'email', 'surname', 'givenname'] as const

/** What Otpost has only one way of doing, and what that must be called. */
const WITHOUT_CHOICE: Readonly<Record<string, { fits: RegExp; why: string }>> = {
  TLS_VERIFY: { fits: /^(true|1|)$/i, why: 'is off: certificates are always verified' },
  TLS_CA_FILE: { fits: /^$/, why: 'names a file: give the certificates themselves as ca' },
  AUTHTYPE: { fits: /^(simple|)$/i, why: 'is not Simple' },
  NOREFERRALS: { fits: /^(true|1|)$/i, why: 'is off: referrals are not followed' },
}

/** The names by which such a resolver is described; others have no meaning here. */
export const LDAP_RESOLVER: readonly string[] = [
  ...Object.keys(NAMES),
  ...Object.keys(WITHOUT_CHOICE),
  ...['BINDPW', 'LDAPSEARCHFILTER', 'USERINFO', 'UIDTYPE', 'ca'],
]

/** Members and password of a resolver that is described by privacyIDEA's names. */
export function fromLdapResolver(
  given: Readonly<Record<string, string>>,
): Reading<{ members: Record<string, unknown>; password: string | undefined }> {
  for (const [name, { fits, why }] of Object.entries(WITHOUT_CHOICE)) {
    if (!fits.test(given[name] ?? '')) return { refused: `cannot be used: its ${name} ${why}` }
  }
  const named = Object.entries(NAMES).flatMap(([theirs, ours]) =>
    given[theirs] ? [[ours, given[theirs]] as const] : [],
  )
  const attributes = attributesOf(given)
  if ('refused' in attributes) return attributes
  const { LOGINNAMEATTRIBUTE: login = 'uid', LDAPSEARCHFILTER: search, ca } = given
  const filter = search ? { filter: `(&${search}(${login}={login}))` } : {}
  const members = {
    type: 'ldap',
    ...Object.fromEntries(named),
    ...filter,
    ...(ca ? { ca } : {}),
    attributes: attributes.value,
  }
  return { value: { members, password: given.BINDPW } }
}

function attributesOf({
  USERINFO: info,
  UIDTYPE: uid,
}: Readonly<Record<string, string>>): Reading<Record<string, unknown>> {
  const own = uid && uid.toLowerCase() !== 'dn' ? { uid } : {}
  if (!info) return { value: own }
  const map = readJsonObject(info)
  if ('refused' in map) return { refused: `cannot be used: its USERINFO ${map.refused}` }
  const known = ATTRIBUTES.flatMap((name) => (map.value[name] ? [[name, map.value[name]]] : []))
  return { value: { ...own, ...Object.fromEntries(known) } }
}
