import { Resolver } from 'node:dns/promises'
import { clearTimeout, setTimeout } from 'node:timers'
import type { Domains, DomainVerdict } from '../core/address/domains.ts'

export type DnsOptions = {
  /** How long one name server may take to answer one packet, in milliseconds. @default 2000 */
  timeoutMs?: number
  /** How often each is asked. @default 2 */
  tries?: number
  /** When a check is given up altogether, in milliseconds. @default 5000 */
  deadlineMs?: number
  /** IP addresses with optional port. @default those of the system */
  servers?: readonly string[] | undefined
}

/** What a question came to: records, none of that type, no such name, or no answer. */
type Found<T> = { records: T[] } | 'no_data' | 'no_name' | 'failed'

/** Asks DNS whether a domain takes mail (RFC 5321 §5.1, RFC 7505). Follows aliases. */
export function dnsDomains(options: DnsOptions = {}): Domains {
  const { timeoutMs = 2000, tries = 2, deadlineMs = 5000, servers } = options
  return {
    async check(domain) {
      // One for each check: to cancel a resolver ends all that it was asked.
      const resolver = new Resolver({ timeout: timeoutMs, tries })
      if (servers) resolver.setServers(servers)
      const deadline = setTimeout(() => resolver.cancel(), deadlineMs)
      try {
        return await verdictOf(resolver, domain)
      } finally {
        clearTimeout(deadline)
      }
    },
  }
}

async function verdictOf(resolver: Resolver, domain: string): Promise<DomainVerdict> {
  const exchangers = await found(resolver.resolveMx(domain))
  if (exchangers === 'no_name') return 'unknown_domain'
  if (exchangers === 'failed') return 'dns_failed'
  if (exchangers === 'no_data') return implicitExchanger(resolver, domain)
  return exchangers.records.some(({ exchange }) => isHost(exchange)) ? 'accepts' : 'null_mx'
}

/** RFC 7505 §3: the root as exchanger. */
const isHost = (exchange: string) => exchange !== '' && exchange !== '.'

/** RFC 5321 §5.1: without an MX record the domain's own address is its exchanger. */
async function implicitExchanger(resolver: Resolver, domain: string): Promise<DomainVerdict> {
  const answers = await Promise.all([
    found(resolver.resolve4(domain)),
    found(resolver.resolve6(domain)),
  ])
  if (answers.some((answer) => typeof answer === 'object')) return 'accepts'
  if (answers.includes('failed')) return 'dns_failed'
  return 'no_mail'
}

async function found<T>(question: Promise<T[]>): Promise<Found<T>> {
  try {
    const records = await question
    return records.length > 0 ? { records } : 'no_data'
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENODATA':
        return 'no_data'
      case 'ENOTFOUND':
        return 'no_name'
      default:
        return 'failed'
    }
  }
}
