import type { Clock } from '../core/ports.ts'

export type CacheOptions<T> = {
  load: () => Promise<T>
  /** How long a loaded value is used without asking again. */
  maxAgeMs: number
  clock: Clock
}

/**
 * Keeps what `load` gave. Parallel callers share one load. When a load fails, the older value
 * serves on and the next call tries again; without an older value the failure is the caller's.
 */
export function cached<T>({ load, maxAgeMs, clock }: CacheOptions<T>): () => Promise<T> {
  let kept: { value: T; at: number } | undefined
  let loading: Promise<T> | undefined

  async function reload() {
    const at = clock()
    try {
      const value = await load()
      kept = { value, at }
      return value
    } catch (error) {
      if (kept) return kept.value
      throw error
    } finally {
      loading = undefined
    }
  }

  return async () => {
    if (kept && clock() - kept.at < maxAgeMs) return kept.value
    loading ??= reload()
    return loading
  }
}
