import { byTemplateName, type StoredTemplate, type TemplateStore } from '../core/template.ts'

/** Mail templates in a Map: for tests and previews. */
export function memoryTemplates(): TemplateStore {
  const stored = new Map<string, StoredTemplate>()
  return {
    get: async (name) => structuredClone(stored.get(name)),
    async put(template) {
      stored.set(template.name, structuredClone(template))
    },
    list: async () =>
      [...stored.values()]
        .map(({ name, subject, savedAt }) => ({
          name,
          ...(subject === undefined ? {} : { subject }),
          savedAt,
        }))
        .toSorted(byTemplateName),
    remove: async (name) => stored.delete(name),
  }
}
