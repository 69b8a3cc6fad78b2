import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  type CheckedTemplate,
  checkTemplate,
  MAX_SOURCE_BYTES,
} from '../../../functions/mail/check/check-template.ts'
import type { Finding } from '../../../functions/mail/check/finding.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { columns } from '../text.ts'

/** Reads an .eml file. Throws CommandFailure when there is none, or one that is too large for a mail. */
export async function readEml(file: string): Promise<Buffer> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) {
    throw new CommandFailure(`There is no file ${file}.`, { code: 'not_found', parameter: 'file' })
  }
  if (found.size > MAX_SOURCE_BYTES) {
    throw new CommandFailure(
      `${file} has ${found.size} octets. At most ${MAX_SOURCE_BYTES} are accepted.`,
    )
  }
  return readFile(file)
}

/** Reads and checks a template that must be usable. Throws CommandFailure with its errors. */
export async function usableTemplate(file: string) {
  const { template, findings } = await checkTemplate(await readEml(file))
  if (template) return template
  throw new CommandFailure(`${file} cannot be used:\n${findingLines(file, findings)}`.trimEnd(), {
    details: { findings },
  })
}

export const nameOf = (file: string) => {
  if (!/\.eml$/i.test(file))
    throw new UsageError('The file is an .eml, or name the template with --name.')
  return basename(file).replace(/\.eml$/i, '')
}

/** A line per finding, as compilers write them. */
export const findingLines = (file: string, findings: readonly Finding[]): string =>
  columns(
    findings.map(({ line, severity, rule, message }) => [
      `${file}:${line}`,
      severity,
      rule,
      message,
    ]),
  )

export type { CheckedTemplate }
