import type { Clock } from '../core/ports.ts'
import { sameVersion, type SecretVersion } from '../core/secret-version.ts'
import type { Settings } from '../core/settings.ts'
import { cached } from './cached.ts'

/** Gives a secret in clear, as the settings name it; undefined when there is no such one. */
export type SecretReader = (
  settings: Pick<Settings, 'secrets'>,
  name: string,
) => Promise<string | undefined>

export type SecretReaderOptions = {
  /** Decrypts. */
  read(name: string, version: SecretVersion): Promise<string | undefined>
  clock: Clock
  /** How long a decrypted secret is kept. */
  maxAgeMs: number
}

/**
 * Decrypts secrets and keeps the newest version asked for in memory. Only the version the settings
 * name is read: a password set for one mail server must never reach another, neither a new one nor
 * the one before, although all of them may have had the same name.
 */
export function secretReader({ read, clock, maxAgeMs }: SecretReaderOptions): SecretReader {
  type Kept = { version: SecretVersion; read: () => Promise<string | undefined> }
  const kept = new Map<string, Kept>()

  return async ({ secrets }, name) => {
    const version = secrets.get(name)
    if (!version) return undefined
    let secret = kept.get(name)
    if (!secret || !sameVersion(secret.version, version)) {
      secret = { version, read: cached({ load: () => read(name, version), maxAgeMs, clock }) }
      kept.set(name, secret)
    }
    return secret.read()
  }
}
