import { policyFromWire, toWire } from '../../../functions/core/policy/policy-wire.ts'
import type { Policy } from '../../../functions/core/policy/policy.ts'
import { MEMBER_NAMES } from '../../../functions/core/policy/read-policy.ts'
import { POLICIES } from '../../../functions/core/settings-schema.ts'
import { policyRefusal } from '../../../functions/core/settings-problems.ts'
import { formatActionText } from '../../../functions/core/policy/action-text.ts'
import type { Command } from '../command.ts'
import { problemsOf } from '../config-review.ts'
import { UsageError } from '../errors.ts'
import { details, table } from '../text.ts'
import { refusal, sentence } from './config-change.ts'
import { explain } from './policy-explain.ts'
import { exportFile, importFile } from './policy-files.ts'
import { applyTogether, changeTo, parameterOf, policiesIn, policyNamed } from './policy-store.ts'

const WIDEST = 60
const shortened = (text: string) => (text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text)

const list: Command = {
  path: ['policy', 'list'],
  about: 'Lists the policies: where they act and what they say.',
  examples: ['npx otpost policy list', 'npx otpost policy list --stage prod --json'],
  async run({ target }) {
    const policies = policiesIn(await (await target()).parameters.list())
    const rows = policies.map(({ name, scope, active, priority, action }) => {
      return [name, scope, active, priority, shortened(formatActionText(action))]
    })
    return {
      value: policies.map(toWire),
      text: table(['NAME', 'SCOPE', 'ACTIVE', 'PRIORITY', 'ACTIONS'], rows),
    }
  },
}

const show: Command = {
  path: ['policy', 'show'],
  about: 'Shows one policy with all its members.',
  operands: [{ name: 'name' }],
  examples: [
    'npx otpost policy show mail-text',
    'npx otpost policy show mail-text --stage prod --json',
  ],
  async run({ operands: [name = ''], target }) {
    const value = toWire(policyNamed(await (await target()).parameters.list(), name))
    const lines = Object.entries(value).map(([member, each]) => [member, lineOf(member, each)])
    return { value, text: details(Object.fromEntries(lines)) }
  },
}

function lineOf(member: string, value: unknown): string | boolean {
  if (typeof value === 'boolean') return value
  if (member === 'action') return formatActionText(value as Policy['action'])
  return Array.isArray(value) ? value.join(', ') : String(value ?? '')
}

/** Members that a policy may have and that must be empty. */
const UNSUPPORTED = ['conditions', 'pinode', 'check_all_resolvers', 'user_case_insensitive']

const set: Command = {
  path: ['policy', 'set'],
  about: 'Makes a policy, or changes the members that are named; the others stay.',
  operands: [{ name: 'name' }, { name: 'member=value', many: true }],
  notes:
    `Members: ${MEMBER_NAMES.filter((name) => !UNSUPPORTED.includes(name)).join(', ')}.\n` +
    'Lists have commas between entries; - or ! before one excludes it. An empty value restricts nothing.',
  examples: [
    'npx otpost policy set vpn scope=authentication action=email_provider=backup client=10.8.0.0/16',
    'npx otpost policy set vpn "user=*, -alice, !test*" priority=2 --stage prod',
    "npx otpost policy set words scope=authentication 'action=emailtext=Your code\\, please: {otp}'",
  ],
  async run({ operands: [name = '', ...members], target }) {
    const connected = await target()
    const tree = await connected.parameters.list()
    const existing = policiesIn(tree).find((policy) => policy.name === name)
    const parsed = policyFromWire(name, membersOf(members), existing)
    if ('refused' in parsed) throw refusal([policyRefusal(parameterOf(name), parsed.refused)])
    return applyTogether(connected, [changeTo(parsed.policy)])
  },
}

function membersOf(operands: readonly string[]): Record<string, string> {
  const entries = operands.map((operand) => {
    const at = operand.indexOf('=')
    if (at < 0) throw new UsageError(`${operand} is not of the form member=value.`)
    const member = operand.slice(0, at)
    if (!(MEMBER_NAMES as readonly string[]).includes(member)) {
      throw new UsageError(`${member} is not a member of a policy: ${MEMBER_NAMES.join(', ')}.`)
    }
    return [member, operand.slice(at + 1)]
  })
  return Object.fromEntries(entries)
}

const remove: Command = {
  path: ['policy', 'delete'],
  about: 'Deletes policies.',
  operands: [{ name: 'name', many: true }],
  examples: ['npx otpost policy delete vpn', 'npx otpost policy delete vpn words --stage prod'],
  async run({ operands, target }) {
    const connected = await target()
    const tree = await connected.parameters.list()
    const names = operands.map((name) => {
      return Object.hasOwn(tree.values, parameterOf(name)) ? name : policyNamed(tree, name).name
    })
    return applyTogether(
      connected,
      names.map((name) => ({ name: parameterOf(name) })),
    )
  },
}

const switching = (word: 'enable' | 'disable', about: string): Command => ({
  path: ['policy', word],
  about,
  operands: [{ name: 'name', many: true }],
  examples: [`npx otpost policy ${word} vpn`, `npx otpost policy ${word} vpn words --stage prod`],
  async run({ operands, target }) {
    const connected = await target()
    const tree = await connected.parameters.list()
    const policies = operands.map((name) => policyNamed(tree, name))
    const active = word === 'enable'
    return applyTogether(
      connected,
      policies.map((policy) => changeTo({ ...policy, active })),
    )
  },
})

const check: Command = {
  path: ['policy', 'check'],
  about: 'Checks the policies and names what has no effect.',
  notes: 'The exit code is 1 while a policy is refused; warnings leave it 0.',
  examples: ['npx otpost policy check', 'npx otpost policy check --stage prod --json'],
  async run({ target }) {
    const tree = await (await target()).parameters.list()
    const problems = problemsOf(tree).filter(({ name }) => name.startsWith(POLICIES))
    const readable = policiesIn(tree).length
    const lines = [
      ...problems.map((problem) => `${problem.severity}: ${sentence(problem)}`),
      `${readable} ${readable === 1 ? 'policy' : 'policies'} can be used.`,
    ]
    return {
      value: { usable: readable, problems },
      text: lines.map((line) => `${line}\n`).join(''),
      failed: problems.some(({ severity }) => severity === 'error'),
    }
  },
}

export const POLICY_COMMANDS = [
  list,
  show,
  set,
  remove,
  switching('enable', 'Puts policies in force.'),
  switching('disable', 'Puts policies out of force without deleting them.'),
  explain,
  importFile,
  exportFile,
  check,
]
