import type { Account } from './account.ts'
import { choice } from './setting-kinds.ts'
import type { Kind } from './setting-kinds.ts'

/** The directory that is always there. */
export const BUILT_IN = 'directory'

/**
 * A named set of users. All of them live in Otpost's own directory; a resolver of the reference that
 * reads a password file is one whose users are imported or added.
 */
export type Directory = { readonly type: 'directory' | 'passwdresolver' }

const TYPE = choice([BUILT_IN, 'passwdresolver'])

export const directory: Kind<Directory> = {
  accepted: 'a JSON object such as `{"type": "directory"}`; also type `passwdresolver`',
  read(text) {
    const type = typeIn(text)
    if (type === undefined) return { refused: 'is not a JSON object with a type' }
    const reading = TYPE.read(type)
    if ('value' in reading) return { value: Object.freeze({ type: reading.value }) }
    return { refused: `is of the type ${type.slice(0, 32)}: users live in Otpost's own directory` }
  },
}

/** The directory as {@link directory} reads it. */
export const formatDirectory = ({ type }: Directory): string => JSON.stringify({ type })

/** The directory a user is in: the one they were added to, or else the first of their realm. */
export const resolverOf = (
  { resolver, realm }: Pick<Account, 'resolver' | 'realm'>,
  { resolvers }: { resolvers: ReadonlyMap<string, readonly string[]> },
): string => resolver ?? resolvers.get(realm)?.[0] ?? BUILT_IN

function typeIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const type = value !== null && typeof value === 'object' && 'type' in value && value.type
    return typeof type === 'string' ? type : undefined
  } catch {
    return undefined
  }
}
