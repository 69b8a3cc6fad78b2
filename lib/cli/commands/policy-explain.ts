/** `policy explain`: what a login would meet, without making one. */
import type { ExplainedLogin, Source } from '../../../functions/core/explain-login.ts'
import type { InForce } from '../../../functions/core/policy/in-force.ts'
import type { Command } from '../command.ts'
import { textOptions } from '../options.ts'
import { call } from '../target.ts'
import { details, table } from '../text.ts'

/** As the operator's function answers. */
type Explained = Omit<ExplainedLogin, 'who' | 'firstFactor'> & {
  user: string | null
  realm: string
  resolver: string | null
  known: boolean
  client: string
  user_agent: string
  application: string
  time: string
  first_factor: ExplainedLogin['firstFactor']
}

const ASKED = ['user', 'realm', 'client', 'user-agent', 'application', 'time', 'serial', 'scope']

export const explain: Command = {
  path: ['policy', 'explain'],
  about: 'Says which policies apply to a login, which do not and why, and what comes out of it.',
  options: {
    user: { value: '<login>', about: 'who logs in, also as login@realm' },
    realm: { value: '<realm>', about: 'their realm; without it the default one' },
    serial: { value: '<serial>', about: 'the token that is used, instead of a user' },
    client: { value: '<address>', about: 'the IP address the request comes from' },
    'user-agent': { value: '<name>', about: 'the plug-in that asks, such as privacyidea-cp/3.5' },
    application: {
      value: '<name>',
      about: 'the application that asks, by the name of its API key',
    },
    time: { value: '<moment>', about: 'when, such as 2026-11-20T10:30:00Z; without it now' },
    scope: { value: '<scope>', about: 'only the policies of one scope' },
  },
  notes: 'Nothing is counted, mailed or changed.',
  examples: [
    'npx otpost policy explain --user alice --client 10.8.0.7',
    'npx otpost policy explain --user alice --application vpn-gateway',
    'npx otpost policy explain --user alice --realm corp --time 2026-11-21T03:00:00Z --stage prod',
  ],
  async run({ options, target }) {
    const { 'user-agent': agent, ...asked } = textOptions(options, ASKED)
    const args = { ...asked, ...(agent === undefined ? {} : { user_agent: agent }) }
    const value = await call<Explained>(await target(), 'policy.explain', args)
    return { value, text: textOf(value) }
  },
}

function textOf(value: Explained): string {
  const { policies, actions, conflicts, limits } = value
  const applying = policies.filter(({ applies }) => applies)
  const others = policies.flatMap((one) => (one.applies ? [] : [[one.name, one.reason]]))
  const inForce = Object.entries(actions).flatMap(([scope, each]) =>
    each.map((action) => [scope, action.action, valueOf(action), action.policies.join(', ')]),
  )
  return [
    headline(value),
    `\nApplies: ${applying.map(({ name }) => name).join(', ') || 'no policy'}\n`,
    others.length > 0 ? `\nDoes not apply:\n${table(['POLICY', 'WHY'], others)}` : '',
    inForce.length > 0 ? `\n${table(['SCOPE', 'ACTION', 'VALUE', 'BY'], inForce)}` : '',
    `\nWhat comes out:\n${details(outcomeOf(value))}`,
    ...conflicts.map(({ action, values, policies: by }) => {
      return `\nNobody gets in: ${by.join(' and ')} set ${action} to ${values.join(' and ')}.\n`
    }),
    `\nLimits:\n${details({ ...limits })}`,
  ].join('')
}

function headline({ user, realm, resolver, known, client, time, ...asking }: Explained) {
  const who = user === null ? 'Nobody in particular' : `${user} of the realm ${realm}`
  const where = known
    ? ` in the directory ${resolver}`
    : user === null
      ? ''
      : ', whom nobody knows,'
  const from = client === '' ? 'an unknown address' : client
  const by = [asking.user_agent, asking.application && `the application ${asking.application}`]
    .filter((name) => name !== '')
    .map((name) => ` by ${name}`)
  return `${who}${where} from ${from}${by.join('')} at ${time}\n`
}

const valueOf = ({ value, conflict, withoutEffect }: InForce) => {
  if (conflict) return `contradiction: ${conflict.values.join(' / ')}`
  return `${value === true ? 'on' : value}${withoutEffect ? ' (no effect here)' : ''}`
}

function outcomeOf({ first_factor: factor, authorized, providers, text, subject }: Explained) {
  const senders = providers.map(({ serial, names, because, conflict, missing = [] }) => {
    const who = conflict
      ? 'nobody: policies contradict each other'
      : names.join(', ') || 'the settings'
    return [
      serial === undefined ? 'mailed by' : `mailed by (${serial})`,
      `${who} (${because})${missing.length > 0 ? `; there is no ${missing.join(', ')}` : ''}`,
    ]
  })
  return {
    'may log in': by(authorized.value === 'grant_access' ? 'yes' : 'no', authorized.policies),
    'before the code': by(FACTORS[factor.value] ?? factor.value, factor.policies),
    ...Object.fromEntries(senders),
    'text of the mail': by(text.from, text.policies),
    subject: by(subject.from, subject.policies),
  } satisfies Record<string, string>
}

const FACTORS: Readonly<Record<string, string>> = {
  tokenpin: "the token's PIN",
  userstore: "the user's own password",
  none: 'nothing',
  ignore_pin: 'anything',
}

const by = (what: Source['from'], policies: readonly string[]) =>
  policies.length === 0 ? what : `${what} (${policies.join(', ')})`
