/** `/v1/templates`: the mails that administrators have written. */
import type { Settings } from '../../core/settings.ts'
import { type StoredTemplate, templateName, type TemplateSummary } from '../../core/template.ts'
import {
  imagesOf,
  removeTemplate,
  saveTemplate,
  type TemplatePorts,
  usersOfTemplate,
} from '../../core/templates.ts'
import { RULES } from '../../mail/check/finding.ts'
import { emptyReply, jsonReply } from '../reply.ts'
import type { PathValues } from '../router.ts'
import { operation } from './operation.ts'
import { NotFoundError, problem } from './problem.ts'

type Ports = TemplatePorts & { settings: { current(): Promise<Settings> } }

const PATH = '/v1/templates/{template}'
const TEXT = { type: 'string' }
const NO_TEMPLATE = { description: 'There is no such template.' }

const SUMMARY = {
  name: TEXT,
  subject: TEXT,
  saved_at: { type: 'string', format: 'date-time' },
  used_by: { type: 'array', items: TEXT, description: 'The providers that name it.' },
}
const summarySchema = {
  title: 'TemplateSummary',
  type: 'object',
  properties: SUMMARY,
  required: ['name', 'saved_at', 'used_by'],
}
const templateSchema = {
  title: 'Template',
  type: 'object',
  properties: {
    ...SUMMARY,
    from_name: { type: 'string', description: 'Display name of the sender.' },
    text: TEXT,
    html: TEXT,
    inline: {
      type: 'array',
      description: 'The images that the HTML shows.',
      items: {
        type: 'object',
        properties: { cid: TEXT, type: TEXT, bytes: { type: 'integer' } },
        required: ['cid', 'type', 'bytes'],
      },
    },
    findings: {
      type: 'array',
      description: 'What should be better, when it was saved just now.',
      items: {
        type: 'object',
        properties: {
          rule: { type: 'string', enum: Object.keys(RULES) },
          severity: { type: 'string', enum: ['error', 'warning'] },
          line: { type: 'integer' },
          message: TEXT,
        },
        required: ['rule', 'severity', 'line', 'message'],
      },
    },
  },
  required: [...summarySchema.required, 'text', 'inline'],
}
const SUMMARY_EXAMPLE = {
  ...{ name: 'login', subject: 'Your code', saved_at: '2026-11-21T12:00:00.000Z' },
  used_by: ['office'],
}
const EXAMPLE = { ...SUMMARY_EXAMPLE, text: 'Your code:\n\n${otp}\n', inline: [] }
const ONE = { description: 'The template.', schema: templateSchema, example: EXAMPLE }

const reading = () => ['configread']
const writing = () => ['configwrite']

const listTemplates = operation({
  id: 'listTemplates',
  method: 'GET',
  path: '/v1/templates',
  tag: 'Templates',
  summary: 'List the templates',
  access: 'admin',
  rights: reading,
  replies: {
    200: {
      description: 'Every template, by name.',
      schema: {
        title: 'Templates',
        type: 'object',
        properties: { templates: { type: 'array', items: summarySchema } },
        required: ['templates'],
      },
      example: { templates: [SUMMARY_EXAMPLE] },
    },
  },
  async handle({ templates, settings }: Ports) {
    const current = await settings.current()
    const all = await templates.list()
    return jsonReply(200, { templates: all.map((one) => summaryJson(one, current)) })
  },
})

const readTemplate = operation({
  id: 'readTemplate',
  method: 'GET',
  path: PATH,
  tag: 'Templates',
  summary: 'Look up a template',
  access: 'admin',
  rights: reading,
  replies: { 200: ONE, 404: NO_TEMPLATE },
  async handle({ templates, settings }: Ports, { path }) {
    const template = await templates.get(nameIn(path))
    if (!template) return problem('not_found')
    return jsonReply(200, templateJson(template, await settings.current()))
  },
})

const putTemplate = operation({
  id: 'putTemplate',
  method: 'PUT',
  path: PATH,
  tag: 'Templates',
  summary: 'Add or replace a template',
  description:
    'It is checked first; errors keep it from being saved. A provider uses it by its member ' +
    '`template`; `name.de` is used instead of `name` for people whose language is German.',
  access: 'admin',
  rights: writing,
  body: {
    title: 'TemplateSource',
    type: 'object',
    properties: {
      source: {
        type: 'string',
        minLength: 1,
        maxLength: 60_000,
        description:
          'The mail as an .eml file: headers and parts by MIME, text in UTF-8. Larger ones, as ' +
          'with big images, are stored by the command line.',
      },
    },
    required: ['source'],
    additionalProperties: false,
  },
  example: {
    source: 'Subject: Your code\nContent-Type: text/plain; charset=utf-8\n\nYour code:\n\n${otp}\n',
  },
  replies: { 200: ONE },
  async handle(ports: Ports, { path, body: { source } }) {
    const result = await saveTemplate(ports, nameIn(path), Buffer.from(source))
    if ('refused' in result) {
      return problem('malformed', { detail: result.refused, parameter: 'source' })
    }
    const { saved, findings } = result
    return jsonReply(200, { ...templateJson(saved, await ports.settings.current()), findings })
  },
})

const deleteTemplate = operation({
  id: 'deleteTemplate',
  method: 'DELETE',
  path: PATH,
  tag: 'Templates',
  summary: 'Delete a template',
  access: 'admin',
  rights: writing,
  replies: {
    204: { description: 'Deleted.' },
    404: NO_TEMPLATE,
    409: { description: 'A provider names it.' },
  },
  async handle(ports: Ports, { path }) {
    const result = await removeTemplate(ports, await ports.settings.current(), nameIn(path))
    if (result.outcome === 'in use') {
      return problem('template_in_use', { detail: `Used by the provider ${result.by.join(', ')}.` })
    }
    return result.outcome === 'removed' ? emptyReply() : problem('not_found')
  },
})

export const TEMPLATE_OPERATIONS = [listTemplates, readTemplate, putTemplate, deleteTemplate]

/** As everywhere, `login.eml` is called `login`. */
function nameIn({ template = '' }: PathValues): string {
  const reading = templateName.read(template)
  if ('refused' in reading) throw new NotFoundError(template)
  return reading.value
}

const summaryJson = ({ name, subject, savedAt }: TemplateSummary, settings: Settings) => ({
  name,
  subject,
  saved_at: new Date(savedAt).toISOString(),
  used_by: usersOfTemplate(settings, name),
})

const templateJson = (template: StoredTemplate, settings: Settings) => ({
  ...summaryJson(template, settings),
  from_name: template.fromName,
  text: template.text,
  html: template.html,
  inline: imagesOf(template),
})
