import type { Log } from '../ports.ts'
import type { Settings } from '../settings.ts'
import { addressKey } from './address-key.ts'
import { domainFault, type IsDisposable } from './domain-policy.ts'
import type { Domains, DomainVerdict } from './domains.ts'
import { type AddressRefusal, type DomainFault, refusedFor } from './faults.ts'
import { normaliseAddress } from './normalise-address.ts'

export type AddressPorts = { domains: Domains; isDisposable: IsDisposable; log: Log }

/** An address that may be registered. */
export type AdmittedAddress = {
  /** The mailbox to send to. */
  address: string
  /** The same for every spelling of it; see {@link addressKey}. */
  key: string
  /** Its domain in ASCII. */
  domain: string
}

const FAULT_OF: Readonly<Record<Exclude<DomainVerdict, 'accepts'>, DomainFault>> = {
  no_mail: 'domain_no_mail',
  null_mx: 'domain_null_mx',
  unknown_domain: 'domain_unknown',
  dns_failed: 'domain_unchecked',
}

/**
 * Decides whether a typed address may be registered: its syntax, then the domains that the settings
 * allow, then DNS. DNS is asked last and for well-formed domains only. Whoever calls it has checked
 * that this person may ask: it costs a look-up in somebody else's name server.
 *
 * @param where realm of the person, for the log; the address itself is never logged
 */
export async function admitAddress(
  ports: AddressPorts,
  settings: Settings,
  text: string,
  where: { realm: string },
): Promise<AdmittedAddress | AddressRefusal> {
  const reading = normaliseAddress(text)
  if ('refused' in reading) return reading
  const { address, domain } = reading
  const fault =
    domainFault(settings, ports.isDisposable, domain) ??
    (await dnsFault(ports, settings, domain, where))
  return fault ? refusedFor(fault) : { address, key: addressKey(address), domain }
}

async function dnsFault(
  { domains, log }: AddressPorts,
  settings: Settings,
  domain: string,
  { realm }: { realm: string },
): Promise<DomainFault | undefined> {
  if (settings['address.check_domain'] === 'off') return undefined
  const verdict = await domains.check(domain)
  if (verdict === 'accepts') return undefined
  if (verdict !== 'dns_failed') return FAULT_OF[verdict]
  const admitted = settings['address.on_dns_failure'] === 'accept'
  log('warn', 'domain_unchecked', { realm, domain, admitted })
  return admitted ? undefined : FAULT_OF.dns_failed
}
