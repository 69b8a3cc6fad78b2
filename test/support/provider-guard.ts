/** Guards managed providers as a deployment does, with a clock that stands still until told. */
import { createHash, randomBytes } from 'node:crypto'
import { memoryProviderTries } from '../../functions/adapters/memory.ts'
import { type ProviderGuard, providerGuard } from '../../functions/core/managed-provider.ts'

export const testGuard = (now: () => number = () => 0): ProviderGuard =>
  providerGuard({
    keyring: { key: async (purpose) => createHash('sha256').update(purpose).digest() },
    random: randomBytes,
    now,
    providerTries: memoryProviderTries(),
  })
