/** `policy import` and `policy export`: files of LinOTP and privacyIDEA. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import {
  FILE_FORMATS,
  type FileFormat,
  formatPolicyFile,
  type PolicyFile,
  readPolicyFile,
} from '../../../functions/core/policy/policy-file.ts'
import type { ParameterTree } from '../../../functions/core/publish-settings.ts'
import { policyRefusal } from '../../../functions/core/settings-problems.ts'
import type { Command, Io } from '../command.ts'
import { reviewChanges } from '../config-review.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { textOption } from '../options.ts'
import { refusal, sentence } from './config-change.ts'
import { applyTogether, changeTo, parameterOf, policiesIn, policyNamed } from './policy-store.ts'

const LARGEST_FILE = 1024 * 1024

export const importFile: Command = {
  path: ['policy', 'import'],
  about: "Adds or replaces the policies of a file: LinOTP's policy.cfg or privacyIDEA's export.",
  operands: [{ name: 'file' }],
  options: { check: { about: 'only say what would be imported' } },
  notes:
    'All policies of the file are imported, or none. - reads standard input. Policies of LinOTP are\n' +
    'decided by how closely they match; where two that match equally well contradict each other,\n' +
    'nobody gets in, while LinOTP takes one of them.',
  examples: [
    'npx otpost policy import policy.cfg --check',
    'npx otpost policy import policies.json --stage prod',
  ],
  async run({ operands: [file = ''], options, target, io }) {
    const found = understood(await contentOf(file, io))
    const connected = await target()
    const tree = await connected.parameters.list()
    const changes = found.policies.map(changeTo)
    const notes = notesOf(found, tree)
    const imported = { format: found.format, policies: found.policies.map(({ name }) => name) }
    if (options.check) {
      const { refused, warnings } = reviewChanges(tree, changes)
      if (refused.length > 0) throw refusal(refused)
      const said = [...notes, ...warnings.map(sentence), countOf(found, 'Can be imported')]
      return { value: { ...imported, checked: true, notes: said }, text: lines(said) }
    }
    const result = await applyTogether(connected, changes)
    const said = [...notes, countOf(found, 'Imported')]
    return {
      ...result,
      value: { ...(result.value as object), ...imported, notes: said },
      text: lines(said) + result.text,
    }
  },
}

const lines = (sentences: readonly string[]) => sentences.map((each) => `${each}\n`).join('')

const countOf = ({ policies, format }: PolicyFile, what: string) =>
  `${what}: ${policies.length} ${policies.length === 1 ? 'policy' : 'policies'} ` +
  `of ${format === 'linotp' ? 'LinOTP' : 'privacyIDEA'}.`

async function contentOf(file: string, io: Io): Promise<string> {
  const content = file === '-' ? await text(io.stdin) : await readFile(file, 'utf8').catch(missing)
  if (content.length <= LARGEST_FILE) return content
  const message = `${file} is larger than ${LARGEST_FILE} characters.`
  throw new CommandFailure(message, { code: 'invalid_argument', parameter: 'file' })

  function missing(): never {
    throw new CommandFailure(`The file ${file} cannot be read.`, {
      code: 'not_found',
      parameter: 'file',
    })
  }
}

function understood(content: string): PolicyFile {
  const reading = readPolicyFile(content)
  if ('refused' in reading) {
    const message = `Refused, and nothing was changed: the file ${reading.refused}.`
    throw new CommandFailure(message, { code: 'invalid_argument', parameter: 'file' })
  }
  const { problems } = reading.value
  if (problems.length > 0) {
    throw refusal(problems.map(({ name, refused }) => policyRefusal(parameterOf(name), refused)))
  }
  return reading.value
}

function notesOf({ policies, withoutEffect, leftOut }: PolicyFile, tree: ParameterTree): string[] {
  const replaced = policies.filter(({ name }) => Object.hasOwn(tree.values, parameterOf(name)))
  return [
    ...[...leftOut].map(([name, why]) => `${name} is left out: ${why}.`),
    ...[...withoutEffect].map(([name, actions]) => {
      return `${name} has actions without effect here: ${actions.join(', ')}.`
    }),
    ...replaced.map(({ name }) => `${name} replaces the policy of that name.`),
  ]
}

export const exportFile: Command = {
  path: ['policy', 'export'],
  about: 'Prints policies as a file that LinOTP, privacyIDEA or otpost policy import reads.',
  operands: [{ name: 'name', optional: true, many: true }],
  options: {
    format: {
      value: '<format>',
      about: `${FILE_FORMATS.join(', ')}; json (the default) keeps everything`,
    },
  },
  notes:
    'privacyidea is the file its export makes, linotp the policy.cfg of LinOTP. Policies that a format\n' +
    'has no words for are named on standard error (exit code 1).',
  examples: [
    'npx otpost policy export > policies.json',
    'npx otpost policy export vpn words --format linotp --stage prod > policy.cfg',
  ],
  async run({ operands, options, target, io }) {
    const format = formatOf(textOption(options, 'format') ?? 'json')
    const tree = await (await target()).parameters.list()
    const policies =
      operands.length === 0 ? policiesIn(tree) : operands.map((name) => policyNamed(tree, name))
    const { text, leftOut } = formatPolicyFile(policies, format)
    for (const [name, why] of leftOut) io.err(`${name} is left out: ${why}.\n`)
    const value = { format, content: text, left_out: Object.fromEntries(leftOut) }
    return { value, text, failed: leftOut.size > 0 }
  },
}

function formatOf(word: string): FileFormat {
  const format = FILE_FORMATS.find((each) => each === word)
  if (format) return format
  throw new UsageError(`--format takes one of ${FILE_FORMATS.join(', ')}.`)
}
