import { belongsToManaged } from '../../../functions/core/managed-parameters.ts'
import type { ParameterTree } from '../../../functions/core/publish-settings.ts'
import { isSecret } from '../../../functions/core/settings-schema.ts'
import type { Problem } from '../../../functions/core/settings.ts'
import type { Command } from '../command.ts'
import { problemsOf } from '../config-review.ts'
import { entryOf, PARAMETER_REFERENCE } from '../parameter-reference.ts'
import { call, type Target } from '../target.ts'
import { columns, table } from '../text.ts'
import { sentence, set, unknown, unset } from './config-change.ts'

const HIDDEN = '***'
const WIDEST_VALUE = 40

const list: Command = {
  path: ['config', 'list'],
  about: 'Lists every parameter with its value, its default and what it is for.',
  options: { set: { about: 'only those that are set' } },
  examples: ['npx otpost config list', 'npx otpost config list --set --stage prod --json'],
  async run({ options, target }) {
    const connected = await target()
    const tree = await connected.parameters.list()
    const kept = await keptInForce(connected, tree)
    const found = namesOf(tree).map((name) => ({ ...shown(tree, name), ...kept(name) }))
    const value = options.set ? found.filter(({ value }) => value !== undefined) : found
    const rows = value.map((one) => [one.name, valueText(one), one.default, one.about])
    return { value, text: table(['NAME', 'VALUE', 'DEFAULT', 'WHAT FOR'], rows) }
  },
}

const get: Command = {
  path: ['config', 'get'],
  about: 'Prints the value of a parameter, or its default while it is not set.',
  operands: [{ name: 'name' }],
  examples: [
    'npx otpost config get email.validtime',
    'npx otpost config get email.mailfrom --stage prod --json',
  ],
  async run({ operands: [name = ''], target }) {
    const tree = await (await target()).parameters.list()
    const value = shown(tree, name)
    if (value.value === undefined && !entryOf(name)) throw unknown(name)
    return { value, text: `${value.value ?? value.default}\n` }
  },
}

type InForce = { refused: boolean; in_force: string }

/**
 * What is in force instead of a parameter's value: while one is refused, nothing that was changed
 * since the settings were good is.
 */
async function keptInForce(target: Target, tree: ParameterTree) {
  const errors = problemsOf(tree).filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return () => undefined
  const refused = new Set(errors.map(({ name }) => name))
  const { values = {} } = await call<State>(target, 'config.state', {})
  return (name: string): InForce | undefined => {
    if (isHidden(tree, name) || (tree.values[name] === values[name] && !refused.has(name)))
      return undefined
    return { refused: refused.has(name), in_force: values[name] ?? entryOf(name)?.default ?? '' }
  }
}

function valueText({ value, ...kept }: { value: string | undefined } & Partial<InForce>) {
  const text = shortened(value)
  if (kept.in_force === undefined) return text
  const why = kept.refused ? 'refused' : 'not in force'
  return `${text ?? '-'} (${why}; in force: ${shortened(kept.in_force)})`
}

/** The reference's parameters, then what else is set: realms, and what nobody knows. */
function namesOf({ values, secrets }: ParameterTree): string[] {
  const known = PARAMETER_REFERENCE.map(({ name }) => name).filter((name) => !name.includes('<'))
  return [...new Set([...known, ...Object.keys(values).sort(), ...Object.keys(secrets).sort()])]
}

function shown(tree: ParameterTree, name: string) {
  const entry = entryOf(name)
  return {
    name,
    value: valueOf(tree, name),
    default: entry?.default ?? '',
    about: entry?.about ?? 'Not a parameter of this version.',
  }
}

function valueOf(tree: ParameterTree, name: string): string | undefined {
  const { values, secrets } = tree
  if (Object.hasOwn(secrets, name)) return HIDDEN
  // A secret that was stored in clear by mistake is one nevertheless.
  const text = Object.hasOwn(values, name) ? values[name] : undefined
  return text !== undefined && isHidden(tree, name) ? HIDDEN : text
}

const isHidden = (tree: ParameterTree, name: string): boolean =>
  isSecret(name) || belongsToManaged(tree, name)

const shortened = (text: string | undefined) =>
  text !== undefined && text.length > WIDEST_VALUE ? `${text.slice(0, WIDEST_VALUE - 1)}…` : text

type State = {
  version: number
  published_at?: string
  problems: Problem[]
  missing: Problem[]
  /** In force, without secrets; undefined: nothing was published yet. */
  values?: Record<string, string>
}

const check: Command = {
  path: ['config', 'check'],
  about: 'Checks the parameters and says which settings are in force.',
  notes: 'The exit code is 1 while a parameter is refused; warnings leave it 0.',
  examples: ['npx otpost config check', 'npx otpost config check --stage prod --json'],
  async run({ target }) {
    const connected = await target()
    const state = await call<State>(connected, 'config.state', {})
    const { version, published_at: publishedAt } = state
    const problems = [...problemsOf(await connected.parameters.list()), ...state.missing]
    const lines = [
      ...problems.map((problem) => `${problem.severity}: ${sentence(problem)}`),
      problems.length === 0 ? 'The parameters have no problems.' : '',
      version === 0
        ? 'No settings were published yet; the defaults are in force.'
        : `Version ${version}, published ${publishedAt}, is in force.`,
    ]
    return {
      value: { problems, in_force: { version, published_at: publishedAt } },
      text: lines.flatMap((line) => (line === '' ? [] : [`${line}\n`])).join(''),
      failed: problems.some(({ severity }) => severity === 'error'),
    }
  },
}

const reference: Command = {
  path: ['config', 'reference'],
  about: 'Explains every parameter, or one: what it is for, what is accepted, its default.',
  operands: [{ name: 'name', optional: true }],
  examples: ['npx otpost config reference', 'npx otpost config reference email.tls'],
  async run({ operands: [name] }) {
    const one = name === undefined ? undefined : entryOf(name)
    if (name !== undefined && !one) throw unknown(name)
    const entries = one ? [one] : PARAMETER_REFERENCE
    const text = entries.map((entry) => {
      const rows = [
        ['  accepted', entry.accepted],
        ['  default', entry.default],
      ]
      return `${entry.name}\n  ${entry.about}\n${columns(rows)}`
    })
    return { value: one ?? entries, text: text.join('\n') }
  },
}

export const CONFIG_COMMANDS = [list, get, set, unset, check, reference]
