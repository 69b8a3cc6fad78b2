import type { Settings } from '../settings.ts'
import { fitsDomain } from './domain-pattern.ts'
import { type AddressRefusal, type DomainFault, refusedFor } from './faults.ts'
import { type NormalAddress, normaliseAddress } from './normalise-address.ts'

export type DomainSettings = Pick<
  Settings,
  'address.allowed_domains' | 'address.denied_domains' | 'address.disposable'
>

/** Whether mail to a domain (in ASCII) is thrown away after a while, as far as is known. */
export type IsDisposable = (domain: string) => boolean

/**
 * Why the settings do not let a domain (in ASCII) be registered, or undefined. A denied domain stays
 * denied where it is also allowed; one that is allowed by name may be disposable.
 */
export function domainFault(
  settings: DomainSettings,
  isDisposable: IsDisposable,
  domain: string,
): DomainFault | undefined {
  const allowed = settings['address.allowed_domains']
  if (fitsDomain(settings['address.denied_domains'], domain)) return 'domain_denied'
  if (allowed.length > 0 && !fitsDomain(allowed, domain)) return 'domain_not_allowed'
  if (settings['address.disposable'] === 'accept' || allowed.includes(domain)) return undefined
  return isDisposable(domain) ? 'domain_disposable' : undefined
}

/**
 * What was typed as an address, unless it is none or the settings do not let its domain be registered.
 * For where neither DNS is asked nor the long list of disposable domains is at hand.
 */
export function registrableAddress(
  settings: DomainSettings,
  typed: string,
): NormalAddress | AddressRefusal {
  const reading = normaliseAddress(typed)
  if ('refused' in reading) return reading
  const fault = domainFault(settings, () => false, reading.domain)
  return fault ? refusedFor(fault) : reading
}
