import { fitsWildcard } from '../wildcard.ts'

/** How a list of a policy takes a value. */
export type ListMatch = 'unrestricted' | 'listed' | 'unlisted' | 'excluded'

/** The name that an entry excludes, if it excludes one. */
export const excludedBy = (entry: string): string | undefined =>
  entry.startsWith('-') || entry.startsWith('!') ? entry.slice(1) : undefined

/** Looks a value up in a list of names, `*` and exclusions. Exclusions alone list nobody. */
export const matchList = (entries: readonly string[], value: string): ListMatch =>
  match(entries, value, equal)

/** As {@link matchList}, where `*` may also stand for a part of a name. */
export const matchNames = (entries: readonly string[], value: string): ListMatch =>
  match(entries, value, fitsWildcard)

const equal = (entry: string, value: string) => entry === value

function match(
  entries: readonly string[],
  value: string,
  fits: (entry: string, value: string) => boolean,
): ListMatch {
  if (entries.length === 0) return 'unrestricted'

  let listed = false
  for (const entry of entries) {
    const excluded = excludedBy(entry)
    if (excluded !== undefined) {
      if (fits(excluded, value)) return 'excluded'
    } else if (entry === '*' || fits(entry, value)) listed = true
  }
  return listed ? 'listed' : 'unlisted'
}
