import { type StoredTemplate, templateName, type TemplateSummary } from '../template.ts'
import { imagesOf, removeTemplate, saveTemplate, usersOfTemplate } from '../templates.ts'
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
export const putTemplate: Command = async (ports, args) => {
  const given = readArguments(args, { name, source })
  const result = await saveTemplate(ports, given.name, given.source)
  if ('refused' in result) return refused('invalid_argument', result.refused, 'source')
  return done({ ...templateView(result.saved), findings: result.findings })
}

export const listTemplates: Command = async ({ templates, settings }, args) => {
  readArguments(args, {})
  const current = await settings.current()
  const all = await templates.list()
  return done(
    all.map((one) => ({ ...summaryView(one), used_by: usersOfTemplate(current, one.name) })),
  )
}

export const showTemplate: Command = async ({ templates, settings }, args) => {
  const given = readArguments(args, { name })
  const template = await templates.get(given.name)
  if (!template) return noSuch(given.name)
  return done({
    ...templateView(template),
    used_by: usersOfTemplate(await settings.current(), given.name),
  })
}

/** Removes a template that no provider uses. */
export const deleteTemplate: Command = async (ports, args) => {
  const given = readArguments(args, { name })
  const result = await removeTemplate(ports, await ports.settings.current(), given.name)
  if (result.outcome === 'in use') {
    const by = result.by.join(', ')
    const message = `The template is used by the provider ${by}: change that first.`
    return refused('conflict', message, 'name')
  }
  if (result.outcome === 'unknown') return noSuch(given.name)
  return done({ name: given.name, removed: true })
}

const noSuch = (wanted: string) => refused('not_found', `There is no template ${wanted}.`, 'name')

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
  inline: imagesOf(template),
})
