import type { Settings } from '../settings.ts'
import { fitsDomain } from './domain-pattern.ts'
import type { DomainFault } from './faults.ts'

export type DomainSettings = Pick<
  Settings,
  'address.allowed_domains' | 'address.denied_domains' | 'address.disposable'
>

/** Whether mail to a domain (in ASCII) is thrown away after a while, as far as is known. */
export type IsDisposable = (domain: string) => Promise<boolean>

/**
 * Why the lists of the settings do not let a domain (in ASCII) be registered, or undefined. A denied
 * domain stays denied where it is also allowed.
 */
export function listedFault(settings: DomainSettings, domain: string): DomainFault | undefined {
  const allowed = settings['address.allowed_domains']
  if (fitsDomain(settings['address.denied_domains'], domain)) return 'domain_denied'
  return allowed.length > 0 && !fitsDomain(allowed, domain) ? 'domain_not_allowed' : undefined
}

/** The same for throw-away services; one that is allowed by name may be one. */
export async function disposableFault(
  settings: DomainSettings,
  isDisposable: IsDisposable,
  domain: string,
): Promise<DomainFault | undefined> {
  const allowed = settings['address.allowed_domains']
  if (settings['address.disposable'] === 'accept' || allowed.includes(domain)) return undefined
  return (await isDisposable(domain)) ? 'domain_disposable' : undefined
}
