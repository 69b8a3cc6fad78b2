import type { ProviderPorts } from '../../functions/core/providers.ts'
import { parseSettings, type Settings } from '../../functions/core/settings.ts'
import { testGuard } from './provider-guard.ts'

/** Parameter Store in memory: what is checked is what is in force. */
export function memoryParameters(values: Record<string, string> = {}, now: () => number = () => 0) {
  const secrets: Record<string, { value: string; version: number }> = {}
  const writes: string[] = []
  const versions = () =>
    Object.fromEntries(Object.entries(secrets).map(([name, { version }]) => [name, version]))
  const ports: ProviderPorts = {
    providerGuard: testGuard(now),
    parameters: {
      list: async () => ({ values: { ...values }, secrets: versions() }),
      async put(name, value, secret) {
        writes.push(name)
        if (secret) secrets[name] = { value, version: (secrets[name]?.version ?? 0) + 1 }
        else values[name] = value
      },
      async remove(name) {
        const known = name in values || name in secrets
        if (known) writes.push(`-${name}`)
        delete values[name]
        delete secrets[name]
        return known
      },
    },
    async publish() {
      const { problems } = parseSettings(values, versions())
      return { version: 1, published: true, problems }
    },
  }
  return {
    ports,
    values,
    secrets,
    /** Names of what was written, in order; `-` before what was removed. */
    writes,
    settings: (): Settings => parseSettings(values, versions()).settings,
  }
}
