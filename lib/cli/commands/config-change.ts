/** `config set` and `config unset`: checked first, then written, then published. */
import { text } from 'node:stream/consumers'
import { closedChange } from '../../../functions/core/managed-parameters.ts'
import { isSecret } from '../../../functions/core/settings-schema.ts'
import type { Problem } from '../../../functions/core/settings.ts'
import { nearestName } from '../../../functions/core/nearest-name.ts'
import type { Command, Invocation, Result } from '../command.ts'
import { type Change, isKnown, reviewChanges } from '../config-review.ts'
import { LOCAL_STAGE } from '../connect.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { OVERRIDE_OPTION, overrides } from '../managed.ts'
import type { Target } from '../target.ts'

export const set: Command = {
  path: ['config', 'set'],
  about: "Sets a parameter, or several at once, after checking them by the service's own schema.",
  operands: [{ name: 'name' }, { name: 'value', optional: true, many: true }],
  options: {
    'value-stdin': { about: 'read the value from standard input: secrets, texts, certificates' },
    ...OVERRIDE_OPTION,
  },
  notes:
    'Parameters that need each other are set together: config set <name>=<value> <name>=<value>.\n' +
    'A secret without a value is asked for; secrets are stored as SecureStrings.',
  examples: [
    'npx otpost config set email.validtime 300 --stage prod',
    'npx otpost config set mail.provider=smtp email.mailserver=smtp.example.org email.tls=starttls',
    'npx otpost config set email.username=otpost email.password --stage prod',
    'npx otpost config set email.text --value-stdin < mail.txt',
  ],
  async run(invocation) {
    const target = await invocation.target()
    return apply(target, await changesOf(invocation), overrides(invocation))
  },
}

export const unset: Command = {
  path: ['config', 'unset'],
  about: 'Takes parameters back to their defaults.',
  operands: [{ name: 'name', many: true }],
  options: OVERRIDE_OPTION,
  examples: [
    'npx otpost config unset email.validtime --stage prod',
    'npx otpost config unset email.username email.password --stage prod',
  ],
  async run(invocation) {
    const changes = invocation.operands.map((name) => ({ name }))
    return apply(await invocation.target(), changes, overrides(invocation))
  },
}

/** `<name> <value>`, or any number of `<name>=<value>` and of secrets to be asked for. */
async function changesOf(invocation: Invocation): Promise<Change[]> {
  const [first = '', value, ...rest] = invocation.operands
  if (!first.includes('=') && rest.length === 0) {
    if (value !== undefined && isAssignment(value)) {
      throw new UsageError(`Write ${first}=<value> ${value.split('=', 1)[0]}=<value> to set both.`)
    }
    return [await changeOf(invocation, first, value)]
  }
  if (!first.includes('=') && !isSecret(first))
    throw new UsageError(asAssignments(invocation.operands))
  const changes: Change[] = []
  for (const operand of invocation.operands) {
    const at = operand.indexOf('=')
    const [name, given] = at < 0 ? [operand] : [operand.slice(0, at), operand.slice(at + 1)]
    changes.push(await changeOf(invocation, name!, given))
  }
  return changes
}

/** How several are set; values are not repeated, because one may be a secret. */
function asAssignments(operands: readonly string[]): string {
  const names = operands.filter((operand) => isKnown(operand))
  const pairs = (names.length > 1 ? names : ['<name>', '<name>']).map((name) => `${name}=<value>`)
  return `Several parameters are set as ${pairs.join(' ')}; a value with spaces goes in quotes.`
}

const isAssignment = (text: string) => /^[\w./-]+=/.test(text) && isKnown(text.split('=', 1)[0]!)

async function changeOf(
  { options, io }: Invocation,
  name: string,
  value: string | undefined,
): Promise<Change> {
  if (value !== undefined) {
    if (isSecret(name) && (options.stage ?? LOCAL_STAGE) !== LOCAL_STAGE) {
      io.err(`Note: ${name} stays in the shell's history; --value-stdin does not.\n`)
    }
    return { name, value }
  }
  if (options['value-stdin']) return { name, value: (await text(io.stdin)).trimEnd() }
  if (isSecret(name) && io.ask) return { name, value: await io.ask(`${name}: `) }
  throw new UsageError(
    `The value of ${name} is missing: give it, or pipe it in with --value-stdin.`,
  )
}

/** Checks changes together, writes them and has them published. Throws CommandFailure for a refusal. */
export async function apply(
  target: Target,
  changes: Change[],
  overridden = false,
): Promise<Result> {
  const tree = await target.parameters.list()
  const closed = closedChange(tree, changes, () => overridden)
  if (closed) throw managed(closed.parameter)
  for (const { name, value } of changes) {
    const isThere = Object.hasOwn(tree.values, name) || Object.hasOwn(tree.secrets, name)
    if (value === undefined && !isThere && !isKnown(name)) throw unknown(name)
  }
  const { refused, warnings } = reviewChanges(tree, changes)
  if (refused.length > 0) throw refusal(refused)

  for (const { name, value } of changes) {
    if (value === undefined) {
      await target.parameters.remove(name)
      continue
    }
    const secret = isSecret(name)
    // Parameter Store does not let a parameter change its type.
    const mistyped = secret ? tree.values : tree.secrets
    if (Object.hasOwn(mistyped, name)) await target.parameters.remove(name)
    await target.parameters.put(name, value, secret)
  }
  return published(target, changes, warnings)
}

async function published(target: Target, changes: Change[], warnings: Problem[]): Promise<Result> {
  const { version, problems } = await target.configure()
  const errors = problems.filter(({ severity }) => severity === 'error')
  const names = changes.map(({ name }) => name)
  const lines = [
    ...changes.map(({ name, value }) => `${name} is ${value === undefined ? 'unset' : 'set'}.`),
    ...warnings.map(sentence),
    errors.length === 0
      ? `Version ${version} of the settings is in force.`
      : `Version ${version} stays in force until these are mended:`,
    ...errors.map(sentence),
  ]
  return {
    value: { changed: names, version, problems },
    text: lines.map((line) => `${line}\n`).join(''),
    failed: errors.length > 0,
  }
}

export const sentence = ({ name, value, reason, accepted }: Problem) =>
  `${name}${value === undefined ? '' : `=${value}`} ${reason}${/\?$/.test(reason) ? '' : '.'} ` +
  `Accepted: ${accepted}.`

export function refusal(problems: readonly Problem[]): CommandFailure {
  const message = ['Refused, and nothing was changed:', ...problems.map(sentence)].join('\n')
  const parameter = problems[0]!.name
  return new CommandFailure(message, { code: 'invalid_argument', parameter, details: { problems } })
}

/** It is changed by `otpost provider`, with the password of the provider, or knowingly without. */
const managed = (parameter: string) =>
  new CommandFailure(
    `${parameter} belongs to a managed provider: change it by otpost provider set --ask-managed, or ` +
      'go without its password by --override-managed.',
    { code: 'conflict', parameter },
  )

/** A parameter that is neither set nor known. */
export function unknown(name: string): CommandFailure {
  const nearest = nearestName(name)
  const hint = nearest ? `did you mean ${nearest}?` : 'see otpost config reference.'
  const options = { code: 'not_found', parameter: name }
  return new CommandFailure(`There is no parameter ${name}: ${hint}`, options)
}
