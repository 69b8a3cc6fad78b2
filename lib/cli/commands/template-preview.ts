import { writeFile } from 'node:fs/promises'
import { MAIL_KINDS } from '../../../functions/mail/sentences.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'
import { textOption } from '../options.ts'
import { previewMail, previewTemplate, readKind, readLocale } from '../template/preview.ts'
import { usableTemplate } from '../template/template-file.ts'

export const preview: Command = {
  path: ['template', 'preview'],
  about: 'Fills an .eml file, or a built-in mail, with sample values. Needs no deployment.',
  operands: [{ name: 'file', optional: true }],
  options: {
    kind: { value: '<kind>', about: `a built-in mail instead: ${MAIL_KINDS.join(', ')}` },
    locale: { value: '<tag>', about: 'its language: en (the default), de or zh-CN' },
    out: { value: '<file>', about: 'write the HTML to this file, to open it in a browser' },
  },
  examples: [
    'npx otpost template preview code.eml --out code.html',
    'npx otpost template preview --kind authentication --locale de',
  ],
  async run({ operands: [file], options }) {
    const kind = textOption(options, 'kind')
    if ((file === undefined) === (kind === undefined)) {
      throw new UsageError('Name either a file or, with --kind, a built-in mail.')
    }
    const locale = readLocale(textOption(options, 'locale'))
    const value =
      file === undefined
        ? previewMail(readKind(kind!), locale)
        : previewTemplate(await usableTemplate(file), locale)
    const out = textOption(options, 'out')
    const plain = `Subject: ${value.subject}\n\n${value.text}`
    if (out === undefined) return { value, text: plain }
    if (value.html === undefined) throw new UsageError('This mail has no HTML to write to a file.')
    await writeFile(out, value.html)
    return { value, text: `${plain}\nThe HTML is in ${out}.\n` }
  },
}
