import type { Account } from './account.ts'
import { DIRECTORY_KINDS, type RemoteDirectory } from './directory-kinds.ts'
import { readJsonObject } from './json-text.ts'
import type { Kind, Reading } from './setting-kinds.ts'

/** The directory that is always there. */
export const BUILT_IN = 'directory'

/**
 * A named set of users in Otpost's own directory; a resolver of the reference that reads a password
 * file is one whose users are imported or added.
 */
export type LocalDirectory = { readonly type: 'directory' | 'passwdresolver' }
/** A named set of users, here or elsewhere. */
export type Directory = LocalDirectory | RemoteDirectory

const LOCAL: readonly string[] = [BUILT_IN, 'passwdresolver']

export const directory: Kind<Directory> = {
  accepted:
    'a JSON object such as {"type": "directory"}, {"type": "ldap", "uri": "ldaps://ldap.example.com", ' +
    '"base_dn": "dc=example,dc=com", "bind_dn": "cn=otpost,dc=example,dc=com"} or {"type": "cognito", ' +
    '"user_pool_id": "eu-central-1_AbCdEfGhI"}; also type passwdresolver',
  // People paste passwords into it.
  confidential: true,
  read(text) {
    const object = readJsonObject(text)
    return 'refused' in object ? object : readDirectory(object.value)
  },
}

/** Reads the members of a directory; the reason of a refusal follows the name of the parameter. */
export function readDirectory({
  type = '',
  ...members
}: Readonly<Record<string, unknown>>): Reading<Directory> {
  const word = String(type)
  if (LOCAL.includes(word)) return { value: Object.freeze({ type: word }) as LocalDirectory }
  const kind = Object.hasOwn(DIRECTORY_KINDS, word) && DIRECTORY_KINDS[word as 'ldap']
  if (kind) return kind(members)
  const known = [...LOCAL, ...Object.keys(DIRECTORY_KINDS)].join(', ')
  return { refused: `is of the type ${word.slice(0, 32) || '(none)'}, not one of ${known}` }
}

/** Whether its users are kept elsewhere; one that is not declared is Otpost's own. */
export const isRemote = (one: Directory | undefined): one is RemoteDirectory =>
  one !== undefined && !LOCAL.includes(one.type)

/** What {@link resolverOf} looks at; without directories all are Otpost's own. */
export type Resolvers = {
  readonly resolvers: ReadonlyMap<string, readonly string[]>
  readonly directories?: ReadonlyMap<string, Directory>
}

/**
 * The directory a user is in: the one they were added to, or else the first of their realm that is
 * Otpost's own, or else the first.
 */
export function resolverOf(
  { resolver, realm }: Pick<Account, 'resolver' | 'realm'>,
  { resolvers, directories }: Resolvers,
): string {
  const names = resolvers.get(realm) ?? [BUILT_IN]
  return resolver ?? names.find((name) => !isRemote(directories?.get(name))) ?? names[0] ?? BUILT_IN
}
