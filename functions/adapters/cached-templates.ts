import type { Clock } from '../core/ports.ts'
import type { StoredTemplate, TemplateStore } from '../core/template.ts'
import { cached } from './cached.ts'

/**
 * Templates by name, each kept for a while, also that there is none. Ask only for names of settings:
 * what is kept is not limited.
 */
export function cachedTemplates(
  store: Pick<TemplateStore, 'get'>,
  { maxAgeMs, clock }: { maxAgeMs: number; clock: Clock },
): Pick<TemplateStore, 'get'> {
  const kept = new Map<string, () => Promise<StoredTemplate | undefined>>()
  return {
    get(name) {
      const known = kept.get(name)
      if (known) return known()
      const load = cached({ load: () => store.get(name), maxAgeMs, clock })
      kept.set(name, load)
      return load()
    },
  }
}
