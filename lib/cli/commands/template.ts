import { checkTemplate } from '../../../functions/mail/check/check-template.ts'
import type { Finding } from '../../../functions/mail/check/finding.ts'
import type { Command, Option } from '../command.ts'
import { textOption } from '../options.ts'
import { call } from '../target.ts'
import { findingLines, nameOf, readEml } from '../template/template-file.ts'
import { details, table } from '../text.ts'
import { preview } from './template-preview.ts'

type Template = {
  name: string
  subject?: string
  from_name?: string
  text: string
  html?: string
  inline: { cid: string; type: string; bytes: number }[]
  saved_at: string
  used_by: string[]
}

const NAME: Record<string, Option> = {
  name: { value: '<name>', about: "its name; the file's without .eml unless given" },
}

const put: Command = {
  path: ['template', 'put'],
  about: 'Checks an .eml file and stores it as a mail template.',
  operands: [{ name: 'file' }],
  options: NAME,
  notes:
    'A provider uses it by its member template. A template name.de is used instead of name for\n' +
    'people whose language is German; mails change within seconds.',
  examples: [
    'npx otpost template put code.eml',
    'npx otpost template put mails/german.eml --name code.de --stage prod',
  ],
  async run({ operands: [file = ''], options, target }) {
    const name = textOption(options, 'name') ?? nameOf(file)
    const source = (await readEml(file)).toString('base64')
    const args = { name, source }
    const value = await call<Template & { findings: Finding[] }>(
      await target(),
      'template.put',
      args,
    )
    const text = `${findingLines(file, value.findings)}Saved the template ${value.name}.\n`
    return { value, text }
  },
}

const list: Command = {
  path: ['template', 'list'],
  about: 'Lists the mail templates and the providers that use them.',
  examples: ['npx otpost template list', 'npx otpost template list --stage prod --json'],
  async run({ target }) {
    const value = await call<Template[]>(await target(), 'template.list', {})
    const rows = value.map((one) => [one.name, one.subject, one.saved_at, one.used_by.join(', ')])
    return { value, text: table(['NAME', 'SUBJECT', 'SAVED', 'USED BY'], rows) }
  },
}

const show: Command = {
  path: ['template', 'show'],
  about: 'Shows what is stored of a mail template.',
  operands: [{ name: 'name' }],
  examples: [
    'npx otpost template show code',
    'npx otpost template show code.de --stage prod --json',
  ],
  async run({ operands: [name], target }) {
    const value = await call<Template>(await target(), 'template.show', { name })
    const images = value.inline.map(({ cid, type, bytes }) => `${cid} (${type}, ${bytes} bytes)`)
    const head = details({
      name: value.name,
      subject: value.subject,
      'sender name': value.from_name,
      images: images.join(', '),
      saved: value.saved_at,
      'used by': value.used_by.join(', '),
    })
    const parts = [value.text, ...(value.html === undefined ? [] : [value.html])]
    return { value, text: [head, ...parts.map(printable)].join('\n') }
  },
}

/** What is stored may hold control characters, which must not reach the terminal. */
const printable = (text: string) => text.replaceAll(/(?!\n)\p{Cc}/gu, ' ')

const remove: Command = {
  path: ['template', 'delete'],
  about: 'Deletes a mail template that no provider uses.',
  operands: [{ name: 'name' }],
  examples: ['npx otpost template delete code', 'npx otpost template delete code.de --stage prod'],
  async run({ operands: [name], target }) {
    const value = await call(await target(), 'template.delete', { name })
    return { value, text: `Deleted the template ${name}.\n` }
  },
}

const check: Command = {
  path: ['template', 'check'],
  about: 'Checks an .eml file: how it reads, what it hides, who can see it. Needs no deployment.',
  operands: [{ name: 'file' }],
  options: { strict: { about: 'exit with 1 for warnings, too' } },
  notes: 'The exit code is 1 for errors; those keep a template from being stored.',
  examples: [
    'npx otpost template check code.eml',
    'npx otpost template check code.eml --strict --json',
  ],
  async run({ operands: [file = ''], options }) {
    const { findings } = await checkTemplate(await readEml(file))
    const errors = findings.filter(({ severity }) => severity === 'error').length
    const warnings = findings.length - errors
    const counts = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
    return {
      value: { file, errors, warnings, findings },
      text:
        findings.length === 0
          ? `${file} is fine.\n`
          : `${findingLines(file, findings)}\n${counts}.\n`,
      failed: errors > 0 || (options.strict === true && warnings > 0),
    }
  },
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

export const TEMPLATE_COMMANDS = [list, put, show, remove, check, preview]
