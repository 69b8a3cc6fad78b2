/** How a list of a policy takes a value. */
export type ListMatch = 'unrestricted' | 'listed' | 'unlisted' | 'excluded'

/** The name that an entry excludes, if it excludes one. */
export const excludedBy = (entry: string): string | undefined =>
  entry.startsWith('-') || entry.startsWith('!') ? entry.slice(1) : undefined

/** Looks a value up in a list of names, `*` and exclusions. Exclusions alone list nobody. */
export function matchList(entries: readonly string[], value: string): ListMatch {
  if (entries.length === 0) return 'unrestricted'

  let listed = false
  for (const entry of entries) {
    if (excludedBy(entry) === value) return 'excluded'
    if (entry === '*' || entry === value) listed = true
  }
  return listed ? 'listed' : 'unlisted'
}
