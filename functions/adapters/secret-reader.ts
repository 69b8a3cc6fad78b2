import type { Clock } from '../core/ports.ts'
import { cached } from './cached.ts'

/** Gives the secret of that name and version in clear; undefined when there is no such one. */
export type SecretReader = (name: string, version: number) => Promise<string | undefined>

export type SecretReaderOptions = {
  /** Decrypts. */
  read: SecretReader
  clock: Clock
  /** How long a decrypted secret is kept. */
  maxAgeMs: number
}

/**
 * Decrypts secrets and keeps the newest version asked for in memory. A version is read by its
 * number, so that a password the settings do not name yet is not used either.
 */
export function secretReader({ read, clock, maxAgeMs }: SecretReaderOptions): SecretReader {
  const kept = new Map<string, { version: number; read: () => Promise<string | undefined> }>()

  return (name, version) => {
    let secret = kept.get(name)
    if (secret?.version !== version) {
      secret = { version, read: cached({ load: () => read(name, version), maxAgeMs, clock }) }
      kept.set(name, secret)
    }
    return secret.read()
  }
}
