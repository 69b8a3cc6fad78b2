/** Managed providers: only who knows its password changes one, deletes it or has it send a test. */
import type { PinHash } from './account.ts'
import { type CountedTries, countedTry } from './counted-try.ts'
import type { SettingChange } from './edit-settings.ts'
import { NO_TRIES } from './looks.ts'
import { formatManaged } from './managed-hash.ts'
import { burnPin, hashPin, pinMatcher } from './pin.ts'
import type { Ports } from './ports.ts'
import type { Problem } from './settings-problems.ts'
import { managedOf } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** Wrong passwords of managed providers, by the provider's name. */
export interface ProviderTries {
  get(name: string): Promise<CountedTries | undefined>
  /** False, and nothing changed, unless the stored one is numbered `rev`; 0: there is none. */
  save(name: string, tries: CountedTries, rev: number): Promise<boolean>
}

/** What is asked about the password of a managed provider. */
export interface ProviderGuard {
  /** What is stored of a new password: no password. */
  seal(password: string): Promise<string>
  /** Whether it is the provider's; also false when there were too many wrong ones. Counted. */
  opens(name: string, stored: PinHash, password: string): Promise<boolean>
  /** No password is needed: the operator of the deployment said so. */
  readonly overrides?: boolean
}

export type Guarded = { providerGuard: ProviderGuard }

/** Keeps passwords and counts tries as those of administrators are. */
export function providerGuard({
  keyring,
  now,
  random,
  providerTries,
}: Pick<Ports, 'keyring' | 'now' | 'random'> & { providerTries: ProviderTries }): ProviderGuard {
  const pepper = () => keyring.key('pin')
  return {
    seal: async (password) => formatManaged(await hashPin(await pepper(), password, random)),
    async opens(name, stored, password) {
      const key = await pepper()
      const matches = pinMatcher(key)
      return countedTry<CountedTries>(now, {
        load: async () => (await providerTries.get(name)) ?? { ...NO_TRIES, rev: 0 },
        isRight: () => matches(password, stored),
        burn: () => burnPin(key, password),
        save: (tries, rev) => providerTries.save(name, tries, rev),
      })
    },
  }
}

declare const PROOF: unique symbol
/** Says which managed provider is open to who asks. Only {@link openProvider} makes one. */
export type Opened = ((provider: string) => boolean) & { readonly [PROOF]: true }

/** Opens a provider to who gives this password; one that is not managed is open to everybody. */
export async function openProvider(
  { providerGuard: guard }: Guarded,
  { managed }: Pick<Settings, 'managed'>,
  name: string,
  password: string | undefined,
): Promise<{ opened: Opened } | { problem: Problem }> {
  if (guard.overrides) return { opened: proof(() => true) }
  const opened = proof((provider) => provider === name && managed.has(name))
  if (!managed.has(name)) return { opened }
  if (!password) return { problem: closedProblem(name) }
  const stored = managed.get(name)
  if (stored && (await guard.opens(name, stored, password))) return { opened }
  const reason =
    `is not the password of the provider ${name}, or there were too many wrong ones: then wait some ` +
    'minutes'
  return { problem: problem(reason) }
}

const proof = (isOpen: (provider: string) => boolean) => isOpen as Opened

/** Why nothing is changed of a managed provider whose password was not given. */
export const closedProblem = (provider: string): Problem =>
  problem(`is missing: the provider ${provider} is a managed one`)

/**
 * What giving a password changes: it makes a provider managed that is none, and with the operator's
 * override it is the new one.
 */
export async function managing(
  { providerGuard: guard }: Guarded,
  { managed }: Pick<Settings, 'managed'>,
  name: string,
  password: string | undefined,
): Promise<{ changes: SettingChange[] } | { problem: Problem }> {
  if (!password || (managed.has(name) && !guard.overrides)) return { changes: [] }
  const { length } = [...password]
  if (length < SHORTEST) return { problem: problem(`has ${length} characters`) }
  return { changes: [{ name: managedOf(name), value: await guard.seal(password) }] }
}

/** As for the password of an administrator. */
const SHORTEST = 8

const problem = (reason: string): Problem => ({
  name: 'managed',
  reason,
  accepted:
    `the password it was made a managed provider with, or for another one a new password of at ` +
    `least ${SHORTEST} characters`,
  severity: 'error',
})
