/** Addresses that take no mail: no code of a login goes there until somebody says otherwise. */
import type { Account } from './account.ts'
import { addressKey } from './address/address-key.ts'

/** Why an address gets no more codes. */
export type Undeliverable = {
  /** Unix time in milliseconds of what the provider reported. */
  at: number
  /** `bounce`: its mail server refused it for good; `complaint`: its owner called a mail spam. */
  why: 'bounce' | 'complaint'
  /** The server's own words. */
  words: string
  /** Unix time in milliseconds since when it is to be tried again: reports from before are over. */
  allowedAt?: number
}

/** What keeps codes from an address of the account; undefined: nothing. */
export function undeliverable(account: Account, address: string): Undeliverable | undefined {
  const known = account.undeliverable?.[addressKey(address)]
  return known?.allowedAt === undefined ? known : undefined
}

/**
 * The account with an address put aside. Undefined, and nothing to write: nobody uses it here any
 * more, it is put aside already, or it was allowed again after this was reported. So it does not
 * matter how often a report comes, or how late.
 */
export function withUndeliverable(
  account: Account,
  address: string,
  report: Omit<Undeliverable, 'allowedAt'>,
): Account | undefined {
  const key = addressKey(address)
  const used = addressesOf(account)
  const known = account.undeliverable?.[key]
  const over = known && (known.allowedAt === undefined || known.allowedAt >= report.at)
  if (!used.has(key) || over) return undefined
  return { ...account, undeliverable: { ...stillUsed(account, used), [key]: report } }
}

/** The account with an address, or all of them, to be tried again; undefined: nothing kept any. */
export function withDeliverable(
  account: Account,
  now: number,
  address?: string,
): Account | undefined {
  const kept = Object.entries(account.undeliverable ?? {}).filter(
    ([key, { allowedAt }]) =>
      allowedAt === undefined && (address === undefined || key === addressKey(address)),
  )
  if (kept.length === 0) return undefined
  const allowed = kept.map(([key, report]) => [key, { ...report, allowedAt: now }] as const)
  return {
    ...account,
    undeliverable: { ...stillUsed(account, addressesOf(account)), ...Object.fromEntries(allowed) },
  }
}

/** What is known of addresses that nobody uses any more is forgotten. */
const stillUsed = ({ undeliverable = {} }: Account, used: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(undeliverable).filter(([key]) => used.has(key)))

function addressesOf({ email, tokens }: Account): Set<string> {
  const addresses = [email, ...Object.values(tokens).map((token) => token.email)]
  return new Set(addresses.flatMap((address) => (address === undefined ? [] : addressKey(address))))
}
