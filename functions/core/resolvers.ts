/** What is done with resolvers: set and deleted. */
import { BUILT_IN, type Directory, readDirectory } from './directory.ts'
import { type EditPorts, type EditResult, editSettings } from './edit-settings.ts'
import { MASK } from './masked.ts'
import { storedState } from './providers.ts'
import { resolverName } from './setting-kinds-net.ts'
import type { Problem } from './settings-problems.ts'
import { resolverPasswordOf, RESOLVERS } from './settings-schema.ts'

/** A resolver as it shall be. */
export type ResolverChange = {
  name: string
  /** As in its JSON, without the password. */
  members: Readonly<Record<string, unknown>>
  /** Undefined or masked: as it is; empty: none. */
  password?: string | undefined
}

export type ResolverResult =
  | EditResult
  | { outcome: 'unknown'; name: string }
  /** `by`: realms. */
  | { outcome: 'in use'; by: readonly string[] }

/** Sets a resolver as a whole. Its password stays only where it was given for. */
export async function setResolver(
  ports: EditPorts,
  { name, members, password }: ResolverChange,
): Promise<ResolverResult> {
  const named = name === BUILT_IN ? { refused: 'is always there and stays as it is' } : undefined
  const fault = named ?? resolverName.read(name)
  if ('refused' in fault) return refused(name, fault.refused, resolverName.accepted)
  const reading = readDirectory(members)
  if ('refused' in reading) return refused(RESOLVERS + name, reading.refused, 'see RESOLVERS.md')

  const { settings, isSet } = await storedState(ports)
  const secret = resolverPasswordOf(name)
  const given = password === MASK ? undefined : password
  const keeps = needsPassword(reading.value) && given === undefined && isSet(secret)
  if (keeps && !sameLogin(settings.directories.get(name), reading.value)) {
    const why = 'is missing; it must be given again for another server or bind_dn'
    return refused('password', why, 'the password, or the empty text to remove it')
  }
  const value = given === '' || !needsPassword(reading.value) ? undefined : given
  // the secret first: settings may be put in force in between, and it must not meet the new server
  return editSettings(ports, [
    ...(keeps || (value === undefined && !isSet(secret)) ? [] : [{ name: secret, value }]),
    { name: RESOLVERS + name, value: JSON.stringify(members) },
  ])
}

/** Deletes a resolver with its password, unless a realm has it. */
export async function deleteResolver(ports: EditPorts, name: string): Promise<ResolverResult> {
  const { settings, isSet } = await storedState(ports)
  // a name with an ending is that of a resolver's password
  const isName = 'value' in resolverName.read(name)
  if (!isName || !isSet(RESOLVERS + name)) return { outcome: 'unknown', name }
  const by = realmsWith(settings, name)
  if (by.length > 0) return { outcome: 'in use', by }
  return editSettings(ports, [{ name: RESOLVERS + name }, { name: resolverPasswordOf(name) }])
}

/** The realms that have a resolver. */
export const realmsWith = (
  { resolvers }: { resolvers: ReadonlyMap<string, readonly string[]> },
  name: string,
): string[] => [...resolvers].flatMap(([realm, names]) => (names.includes(name) ? [realm] : []))

const needsPassword = (one: Directory) => one.type === 'ldap' && one.bindDn !== ''

/** Whether both say the same password to the same servers in the same way. */
function sameLogin(one: Directory | undefined, other: Directory): boolean {
  if (one?.type !== 'ldap' || other.type !== 'ldap') return false
  const login = ({ uri, starttls, ca, bindDn }: typeof one) => [uri, starttls, ca, bindDn]
  return JSON.stringify(login(one)) === JSON.stringify(login(other))
}

const refused = (name: string, reason: string, accepted: string): ResolverResult => {
  const problem: Problem = { name, reason, accepted, severity: 'error' }
  return { outcome: 'refused', problems: [problem] }
}
