/** What DNS says about mail to a domain. */
import type { Clock } from '../ports.ts'

/**
 * - `accepts`: has a mail exchanger, or an address that counts as one (RFC 5321 §5.1)
 * - `no_mail`: exists, and has neither
 * - `null_mx`: says that it takes no mail (RFC 7505)
 * - `unknown_domain`: does not exist
 * - `dns_failed`: no answer, or one that says nothing
 */
export type DomainVerdict = 'accepts' | 'no_mail' | 'null_mx' | 'unknown_domain' | 'dns_failed'

export interface Domains {
  /** Never throws. The domain is in ASCII. */
  check(domain: string): Promise<DomainVerdict>
}

const SECOND = 1000
const MINUTE = 60 * SECOND
/** How long a verdict is believed, in milliseconds; a failure just long enough to spare DNS. */
const LIFETIME: Readonly<Record<DomainVerdict, number>> = {
  accepts: 60 * MINUTE,
  no_mail: 5 * MINUTE,
  null_mx: 5 * MINUTE,
  unknown_domain: 5 * MINUTE,
  dns_failed: 5 * SECOND,
}
const MOST_KEPT = 1000

/**
 * Remembers the verdicts of the 1000 domains asked last, and asks once for those that
 * ask at the same time.
 */
export function rememberDomains(domains: Domains, clock: Clock, most = MOST_KEPT): Domains {
  const kept = new Map<string, { verdict: DomainVerdict; until: number }>()
  const asking = new Map<string, Promise<DomainVerdict>>()

  function keep(domain: string, verdict: DomainVerdict): void {
    kept.delete(domain)
    kept.set(domain, { verdict, until: clock() + LIFETIME[verdict] })
    // A Map is in the order of insertion: the first is the oldest.
    if (kept.size > most) kept.delete(kept.keys().next().value!)
  }

  async function ask(domain: string): Promise<DomainVerdict> {
    try {
      const verdict = await domains.check(domain)
      keep(domain, verdict)
      return verdict
    } finally {
      asking.delete(domain)
    }
  }

  return {
    async check(domain) {
      const known = kept.get(domain)
      if (known && clock() < known.until) return known.verdict
      const answer = asking.get(domain) ?? ask(domain)
      asking.set(domain, answer)
      return answer
    },
  }
}
