import { type Kind, listOf } from '../setting-kinds.ts'
import { readDomain } from './domain-name.ts'

const BELOW = '*.'
const ANY = '*'

/** Read to ASCII in lower case, so that the spelling of an international domain does not count. */
const domainPattern: Kind<string> = {
  accepted: 'a domain, or *. and a domain for all below it',
  read(text) {
    if (text === ANY) return { value: ANY }
    const below = text.startsWith(BELOW) ? BELOW : ''
    const name = text.slice(below.length)
    // `*.museum`: a top-level domain has names below it, but takes no mail itself.
    const domain = readDomain(below ? `x.${name}` : name)
    if ('fault' in domain) return { refused: 'is not a domain' }
    return { value: below + (below ? domain.ascii.slice('x.'.length) : domain.ascii) }
  },
}

/** A comma list of domains and `*.` patterns. */
export const domainPatterns = listOf(
  domainPattern,
  'a comma list of domains such as example.org, *.example.org (all below it), * (any)',
)

/**
 * Whether one of the patterns means the domain (both in ASCII): `example.org` itself only,
 * `*.example.org` every domain below it at any depth, `*` any.
 */
export const fitsDomain = (patterns: readonly string[], domain: string): boolean =>
  patterns.some((pattern) =>
    pattern.startsWith(ANY) ? domain.endsWith(pattern.slice(ANY.length)) : domain === pattern,
  )
