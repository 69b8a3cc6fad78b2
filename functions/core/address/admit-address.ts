import type { Account } from '../account.ts'
import { type Caller, UNKNOWN_CALLER } from '../caller.ts'
import { resolverOf } from '../directory.ts'
import { enrollmentRules } from '../policy/enrollment-rules.ts'
import type { Ports } from '../ports.ts'
import type { Settings } from '../settings.ts'
import { addressKey } from './address-key.ts'
import { disposableFault, listedFault } from './domain-policy.ts'
import type { DomainVerdict } from './domains.ts'
import { type AddressRefusal, type DomainFault, refusedFor } from './faults.ts'
import { normaliseAddress } from './normalise-address.ts'

export type AddressPorts = Pick<Ports, 'domains' | 'isDisposable' | 'log' | 'now'>

/** An address that may be registered. */
export type AdmittedAddress = {
  /** The mailbox to send to. */
  address: string
  /** The same for every spelling of it; see {@link addressKey}. */
  key: string
  /** Its domain in ASCII. */
  domain: string
}

/** Whose address it is to be, and how it came in. */
export type AddressEntry = {
  /** Their policies say how it is looked at; the address itself is never logged. */
  account: Account
  /** Who typed it. @default nobody is known, as of the operator's commands */
  caller?: Pick<Caller, 'clientIp' | 'userAgent'>
  /** Whether DNS may be asked at all. @default true */
  askDns?: boolean
  /** Called before DNS is asked, to count it; false: it is not asked. @default nobody counts */
  countLookUp?: () => Promise<boolean>
}

const FAULT_OF: Readonly<Record<Exclude<DomainVerdict, 'accepts'>, DomainFault>> = {
  no_mail: 'domain_no_mail',
  null_mx: 'domain_null_mx',
  unknown_domain: 'domain_unknown',
  dns_failed: 'domain_unchecked',
}

/**
 * Decides whether a typed address may be registered, wherever it is typed: its syntax, then the
 * domains that the settings allow, then throw-away services, then DNS. DNS is asked last and for
 * well-formed domains only. It costs a look-up in somebody else's name server: whoever calls it has
 * checked that this person may ask, or counts that by `countLookUp`.
 */
export async function admitAddress(
  ports: AddressPorts,
  settings: Settings,
  text: string,
  entry: AddressEntry,
): Promise<AdmittedAddress | AddressRefusal> {
  const reading = normaliseAddress(text)
  if ('refused' in reading) return reading
  const { address, domain } = reading
  const fault = listedFault(settings, domain) ?? (await laterFault(ports, settings, domain, entry))
  return fault ? refusedFor(fault) : { address, key: addressKey(address), domain }
}

/** What the policy `email_validation` decides how thoroughly to look for. */
async function laterFault(
  ports: AddressPorts,
  settings: Settings,
  domain: string,
  { account, caller = UNKNOWN_CALLER, askDns = true, countLookUp }: AddressEntry,
): Promise<DomainFault | undefined> {
  const { login, realm } = account
  const { emailValidation } = enrollmentRules(settings.policies, {
    ...{ login, realm, client: caller.clientIp, userAgent: caller.userAgent, now: ports.now() },
    resolver: login === undefined ? undefined : resolverOf(account, settings),
  })
  if (emailValidation.value === 'syntax') return undefined
  const disposable = await disposableFault(settings, ports.isDisposable, domain)
  if (disposable) return disposable
  const asks = emailValidation.value === 'mx' || settings['address.check_domain'] === 'mx'
  if (!asks || !askDns) return undefined
  if (countLookUp && !(await countLookUp())) return FAULT_OF.dns_failed
  return dnsFault(ports, settings, domain, realm)
}

async function dnsFault(
  { domains, log }: AddressPorts,
  settings: Settings,
  domain: string,
  realm: string,
): Promise<DomainFault | undefined> {
  const verdict = await domains.check(domain)
  if (verdict === 'accepts') return undefined
  if (verdict !== 'dns_failed') return FAULT_OF[verdict]
  const admitted = settings['address.on_dns_failure'] === 'accept'
  log('warn', 'domain_unchecked', { realm, domain, admitted })
  return admitted ? undefined : FAULT_OF.dns_failed
}
