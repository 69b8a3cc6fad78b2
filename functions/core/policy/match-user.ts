import { fitsWildcard } from '../wildcard.ts'
import { excludedBy } from './match-list.ts'
import type { ListMatch } from './match-list.ts'
import type { Policy } from './policy.ts'

/** Whom a request is about; empty: unknown. */
export type Asked = { user: string; realm: string; resolver: string }

/** How closely an entry names somebody. */
const CLOSENESS = { unnamed: 0, pattern: 1, exact: 2 } as const
export type Closeness = (typeof CLOSENESS)[keyof typeof CLOSENESS]

type Entry = { excludes: boolean; closeness: Closeness; names(asked: Asked): boolean }

const entriesOf = new WeakMap<Policy, readonly Entry[]>()

/** Looks somebody up in the users of a policy. The entries are understood once per snapshot. */
export function matchUser(policy: Policy, asked: Asked): ListMatch {
  if (policy.user.length === 0) return 'unrestricted'
  let listed = false
  for (const { excludes, names } of entries(policy)) {
    if (!names(asked)) continue
    if (excludes) return 'excluded'
    listed = true
  }
  return listed ? 'listed' : 'unlisted'
}

/** How closely a policy that matches names somebody, by the closest of its entries. */
export function closenessOf(policy: Policy, asked: Asked): Closeness {
  const naming = entries(policy).filter(({ excludes, names }) => !excludes && names(asked))
  return Math.max(CLOSENESS.unnamed, ...naming.map(({ closeness }) => closeness)) as Closeness
}

function entries(policy: Policy): readonly Entry[] {
  const known = entriesOf.get(policy)
  if (known) return known
  const read = policy.user.map((entry) => {
    const excluded = excludedBy(entry)
    const named = nameTest(excluded ?? entry, policy.precedence === 'specific')
    return { excludes: excluded !== undefined, ...named }
  })
  entriesOf.set(policy, read)
  return read
}

function nameTest(entry: string, namesResolvers: boolean): Omit<Entry, 'excludes'> {
  if (entry === '*') return { closeness: CLOSENESS.unnamed, names: () => true }
  if (entry.endsWith(':')) return resolverTest(entry.slice(0, -1))

  const at = entry.lastIndexOf('@')
  const [local, realm] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1).toLowerCase()]
  const names = (asked: Asked) =>
    asked.user !== '' &&
    (fitsWildcard(entry, asked.user) ||
      (at > 0 && fitsWildcard(local, asked.user) && fitsWildcard(realm, asked.realm)) ||
      (namesResolvers && entry === asked.resolver))
  return { closeness: closenessIn(entry), names }
}

/** `ldap:` names whoever is in a directory, `alice.ldap:` one of them. */
const resolverTest = (entry: string): Omit<Entry, 'excludes'> => ({
  closeness: entry.includes('.') ? closenessIn(entry) : CLOSENESS.pattern,
  names: ({ user, resolver }) =>
    resolver !== '' &&
    (fitsWildcard(entry, resolver) || (user !== '' && fitsWildcard(entry, `${user}.${resolver}`))),
})

const closenessIn = (entry: string) => (entry.includes('*') ? CLOSENESS.pattern : CLOSENESS.exact)
