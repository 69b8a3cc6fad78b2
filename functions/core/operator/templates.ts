import { checkTemplate } from '../../mail/check/check-template.ts'
import type { Settings } from '../settings.ts'
import { type StoredTemplate, templateName, type TemplateSummary } from '../template.ts'
import { type Field, readArguments } from './arguments.ts'
import type { Command } from './ports.ts'
import { done, refused } from './reply.ts'
import { isoTime } from './views.ts'

const name: Field<string> = {
  accepted: templateName.accepted,
  read: (value) =>
    typeof value === 'string' ? templateName.read(value) : { refused: 'is not text' },
}
/** What a command may carry: base64 is a third longer than the file. */
const source: Field<Uint8Array> = {
  accepted: 'the .eml file in base64',
  read(value) {
    if (typeof value !== 'string' || value === '') return { refused: 'is missing' }
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return { refused: 'is not base64' }
    return { value: Buffer.from(value, 'base64') }
  },
}

/** Checks the source of a template and stores what it says; one with an error is refused. */
export const putTemplate: Command = async ({ templates, now }, args) => {
  const given = readArguments(args, { name, source })
  const { template, findings } = await checkTemplate(given.source)
  if (!template) {
    const errors = findings.filter(({ severity }) => severity === 'error')
    const said = errors.slice(0, 5).map(({ line, message }) => `Line ${line}: ${message}`)
    const more = errors.length > 5 ? [`And ${errors.length - 5} more.`] : []
    return refused('invalid_argument', ['It was not saved.', ...said, ...more].join(' '), 'source')
  }
  const stored = { ...template, name: given.name, savedAt: now() }
  await templates.put(stored)
  return done({ ...templateView(stored), findings })
}

export const listTemplates: Command = async ({ templates, settings }, args) => {
  readArguments(args, {})
  const current = await settings.current()
  const all = await templates.list()
  return done(all.map((one) => ({ ...summaryView(one), used_by: usersOf(one.name, current) })))
}

export const showTemplate: Command = async ({ templates, settings }, args) => {
  const given = readArguments(args, { name })
  const template = await templates.get(given.name)
  if (!template) return noSuch(given.name)
  return done({
    ...templateView(template),
    used_by: usersOf(given.name, await settings.current()),
  })
}

/** Removes a template that no provider uses. */
export const deleteTemplate: Command = async ({ templates, settings }, args) => {
  const given = readArguments(args, { name })
  const users = usersOf(given.name, await settings.current())
  if (users.length > 0) {
    const message = `The template is used by the provider ${users.join(', ')}: change that first.`
    return refused('conflict', message, 'name')
  }
  if (!(await templates.remove(given.name))) return noSuch(given.name)
  return done({ name: given.name, removed: true })
}

const noSuch = (wanted: string) => refused('not_found', `There is no template ${wanted}.`, 'name')

/** The providers that name a template. Without a translation of it, it is still there. */
function usersOf(wanted: string, { providers }: Settings): string[] {
  return [...providers].flatMap(([provider, { template }]) => {
    const reading = templateName.read(template)
    return 'value' in reading && reading.value === wanted ? [provider] : []
  })
}

const summaryView = ({ name, subject, savedAt }: TemplateSummary) => ({
  name,
  subject,
  saved_at: isoTime(savedAt),
})

const templateView = (template: StoredTemplate) => ({
  ...summaryView(template),
  from_name: template.fromName,
  text: template.text,
  html: template.html,
  inline: template.inline.map(({ cid, type, base64 }) => ({
    cid,
    type,
    bytes: Buffer.byteLength(base64, 'base64'),
  })),
})
