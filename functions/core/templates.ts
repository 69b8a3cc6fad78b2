/** What is done with mail templates: saved after a check, and deleted while nobody uses them. */
import { checkTemplate } from '../mail/check/check-template.ts'
import type { Finding } from '../mail/check/finding.ts'
import type { Clock } from './ports.ts'
import type { Settings } from './settings.ts'
import { type StoredTemplate, templateName, type TemplateStore } from './template.ts'

export type TemplatePorts = { templates: TemplateStore; now: Clock }

/** How saving ended; one with an error is refused, and nothing is changed. */
export type SavedTemplate =
  { saved: StoredTemplate; findings: Finding[] } | { refused: string; findings: Finding[] }

const MOST_TOLD = 5

/** Checks the .eml source of a template and stores what it says. */
export async function saveTemplate(
  { templates, now }: TemplatePorts,
  name: string,
  source: Uint8Array,
): Promise<SavedTemplate> {
  const { template, findings } = await checkTemplate(source)
  if (!template) return { refused: refusalOf(findings), findings }
  const saved = { ...template, name, savedAt: now() }
  await templates.put(saved)
  return { saved, findings }
}

function refusalOf(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const said = errors.slice(0, MOST_TOLD).map(({ line, message }) => `Line ${line}: ${message}`)
  const more = errors.length > MOST_TOLD ? [`And ${errors.length - MOST_TOLD} more.`] : []
  return ['It was not saved.', ...said, ...more].join(' ')
}

/** How removing ended; `by`: providers that have their mails written by it. */
export type RemovedTemplate =
  { outcome: 'removed' | 'unknown' } | { outcome: 'in use'; by: readonly string[] }

/** Removes a template that no provider uses. */
export async function removeTemplate(
  { templates }: Pick<TemplatePorts, 'templates'>,
  settings: Settings,
  name: string,
): Promise<RemovedTemplate> {
  const by = usersOfTemplate(settings, name)
  if (by.length > 0) return { outcome: 'in use', by }
  return { outcome: (await templates.remove(name)) ? 'removed' : 'unknown' }
}

/** The providers that name a template. Without a translation of it, it is still there. */
export function usersOfTemplate({ providers }: Settings, name: string): string[] {
  return [...providers].flatMap(([provider, { template }]) => {
    const reading = templateName.read(template)
    return 'value' in reading && reading.value === name ? [provider] : []
  })
}

/** The images of a template by their size, instead of what they show. */
export const imagesOf = ({ inline }: StoredTemplate) =>
  inline.map(({ cid, type, base64 }) => ({
    cid,
    type,
    bytes: Buffer.byteLength(base64, 'base64'),
  }))
