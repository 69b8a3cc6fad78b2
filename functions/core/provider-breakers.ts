import { circuitBreaker, type CircuitBreaker } from './circuit-breaker.ts'
import type { Clock, Log } from './ports.ts'

/** Gives the breaker of a provider; one with other settings is another provider. */
export type ProviderBreakers = (name: string, settings: string) => CircuitBreaker

/**
 * One circuit breaker per provider. Each change is one line of the log, `provider state`, with the
 * provider's name.
 */
export function providerBreakers({ log, now }: { log: Log; now: Clock }): ProviderBreakers {
  const kept = new Map<string, { settings: string; breaker: CircuitBreaker }>()

  function made(name: string): CircuitBreaker {
    return circuitBreaker({
      clock: now,
      changed(state, openMs) {
        const seconds = openMs === undefined ? {} : { open_seconds: openMs / 1000 }
        const fields = { provider: name, state, ...seconds }
        log(state === 'open' ? 'error' : 'warn', 'provider state', fields)
      },
    })
  }

  return (name, settings) => {
    const known = kept.get(name)
    if (known?.settings === settings) return known.breaker
    const breaker = made(name)
    kept.set(name, { settings, breaker })
    return breaker
  }
}
