import { POLICIES, PROVIDERS, REALMS, RESOLVERS, SCHEMA, SECRETS } from './settings-schema.ts'

const KNOWN = [...Object.keys(SCHEMA), ...SECRETS]
const GROUPS = [REALMS, RESOLVERS, PROVIDERS, POLICIES]
const TYPO = 2

/** The known parameter that a mistyped name most likely means, if one is two edits away or less. */
export function nearestName(name: string): string | undefined {
  if (name.length > 100) return undefined
  const [group = '', rest] = name.split('/', 2)
  const meant = GROUPS.find((each) => distance(`${group.toLowerCase()}/`, each) <= TYPO)
  if (rest && meant) return meant + rest

  const nearest = KNOWN.map((known) => ({
    known,
    edits: distance(name.toLowerCase(), known.toLowerCase()),
  })).sort((a, b) => a.edits - b.edits)[0]
  return nearest && nearest.edits <= TYPO ? nearest.known : undefined
}

/** Levenshtein's edit distance. */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
