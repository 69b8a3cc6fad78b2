import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'

let known: ReadonlySet<string> | undefined

/**
 * Whether a domain (in ASCII) or one above it is on the community's list of throw-away services
 * (github.com/disposable-email-domains). The list is unpacked when first asked.
 */
export function isDisposableDomain(domain: string): boolean {
  known ??= disposableEmailBlocklistSet()
  for (let rest = domain; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
    if (known.has(rest)) return true
  }
  return false
}
