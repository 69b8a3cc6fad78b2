/** `otpost provider …`: who sends mail. Changes parameters; only the test needs the service. */
import { importLegacy } from '../../../functions/core/import-provider.ts'
import type { Sent } from '../../../functions/core/ports.ts'
import { membersOf, readProviderObject } from '../../../functions/core/provider.ts'
import {
  type ProviderView,
  showProvider,
  showProviders,
} from '../../../functions/core/provider-view.ts'
import * as providers from '../../../functions/core/providers.ts'
import type { Command, Invocation } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import {
  givenManaged,
  guarded,
  MANAGED_OPTIONS,
  managedArguments,
  OVERRIDE_OPTION,
  overrides,
} from '../managed.ts'
import { textOption } from '../options.ts'
import { call, type Target } from '../target.ts'
import { details, table } from '../text.ts'
import { CONFIG_OPTIONS, givenConfig, legacyConfig } from './provider-config.ts'
import { inForce, unknownProvider } from './provider-result.ts'

const editing = (target: Target, invocation?: Invocation): providers.ProviderPorts => ({
  parameters: target.parameters,
  publish: () => target.configure(),
  ...guarded(target, invocation),
})

const settingsOf = async (target: Target) => (await providers.storedState(target)).settings

const list: Command = {
  path: ['provider', 'list'],
  about: 'Lists the providers: who sends mail, in what order, and what uses them.',
  examples: ['npx otpost provider list', 'npx otpost provider list --stage prod --json'],
  async run({ target }) {
    const value = showProviders(await settingsOf(await target()))
    const heading = ['NAME', 'DEFAULT', 'KIND', 'SERVER', 'PORT', 'TLS', 'SENDER', 'USED BY']
    return { value, text: table(heading, value.map(row)) }
  },
}

function row({ name, order, members, managed, used_by: users }: ProviderView) {
  const place = order === 0 ? '' : order === 1 ? 'yes' : `fallback ${order - 1}`
  const { kind, server, port, tls, sender } = members
  return [name, place, kind, managed ? '(managed)' : server, port, tls, sender, users.join(', ')]
}

const show: Command = {
  path: ['provider', 'show'],
  about: 'Shows one provider; its secrets are masked, and of a managed one nearly everything.',
  operands: [{ name: 'name' }],
  options: OVERRIDE_OPTION,
  examples: ['npx otpost provider show office', 'npx otpost provider show office --json'],
  async run(invocation) {
    const [name = ''] = invocation.operands
    const settings = await settingsOf(await invocation.target())
    const open = overrides(invocation) ? { ...settings, managed: new Map() } : settings
    const value = showProvider(open, name)
    if (!value) throw unknownProvider(name)
    const { members, managed, used_by: users, default: isDefault } = value
    const told = { name, default: isDefault, used_by: users.join(', ') }
    return { value, text: details({ ...told, ...(managed && { managed }), ...members }) }
  },
}

const set: Command = {
  path: ['provider', 'set'],
  about: 'Adds a provider, or changes one; the first one becomes the default.',
  operands: [{ name: 'name' }],
  options: {
    ...CONFIG_OPTIONS,
    ...MANAGED_OPTIONS,
    default: { about: 'make it the default' },
  },
  notes:
    'Options change single members, --config replaces all of them; it reads our JSON and that of\n' +
    "LinOTP's SMTPEmailProvider. Secrets are stored as SecureStrings and stay while the server, the\n" +
    'user and the certificate do; a password that is needed is asked for. --ask-managed makes it a\n' +
    'managed provider: from then on it is changed with that password only; for one that is managed it\n' +
    'asks for the password. With --override-managed it asks for a new one.',
  examples: [
    'npx otpost provider set office --server smtp.example.org --tls starttls --username otp',
    'npx otpost provider set ses --kind ses --sender login@example.org --default --stage prod',
    'npx otpost provider set old --config linotp-provider.json --stage prod',
  ],
  async run(invocation) {
    const [name = ''] = invocation.operands
    const target = await invocation.target()
    const stored = (await settingsOf(target)).providers.get(name)
    const config = await givenConfig(invocation, stored)
    const asDefault = invocation.options.default ? 'yes' : 'if none'
    const change = { name, ...config, managed: await givenManaged(invocation), asDefault } as const
    const result = await providers.setProvider(editing(target, invocation), change)
    return inForce(result, target, name, `The provider ${name} is set.`)
  },
}

const remove: Command = {
  path: ['provider', 'delete'],
  about: 'Deletes a provider with its secrets, unless something would have mail sent by it.',
  operands: [{ name: 'name' }],
  options: MANAGED_OPTIONS,
  examples: [
    'npx otpost provider delete office',
    'npx otpost provider delete office --stage prod --json',
  ],
  async run(invocation) {
    const [name = ''] = invocation.operands
    const connected = await invocation.target()
    const managed = await givenManaged(invocation)
    const result = await providers.deleteProvider(editing(connected, invocation), name, managed)
    return inForce(result, connected, name, `The provider ${name} is deleted.`)
  },
}

const setDefault: Command = {
  path: ['provider', 'default'],
  about: 'Names the default provider, and behind it those that send when it cannot.',
  operands: [{ name: 'name', optional: true, many: true }],
  options: { none: { about: 'name none: mail.provider decides' } },
  examples: [
    'npx otpost provider default office ses --stage prod',
    'npx otpost provider default --none',
  ],
  async run({ operands, options, target }) {
    if ((operands.length === 0) !== (options.none === true)) {
      throw new UsageError('Name the providers, the first one first, or give --none.')
    }
    const connected = await target()
    const result = await providers.setDefaults(editing(connected), operands)
    const [first, ...others] = operands
    const then = others.length === 0 ? '' : `, then ${others.join(', ')}`
    const says = first === undefined ? 'No provider is the default.' : `Default: ${first}${then}.`
    return inForce(result, connected, first ?? '', says)
  },
}

const test: Command = {
  path: ['provider', 'test'],
  about: 'Has the service send a mail without a code by a provider, stored or not.',
  operands: [{ name: 'name' }],
  options: {
    to: { value: '<address>', about: 'who gets the mail' },
    ...CONFIG_OPTIONS,
    ...MANAGED_OPTIONS,
  },
  notes: 'With options that describe a provider that one is tried, and nothing is stored.',
  examples: [
    'npx otpost provider test office --to me@example.org --stage prod',
    'npx otpost provider test new --config new.json --to me@example.org',
  ],
  async run(invocation) {
    const { operands, options } = invocation
    const [name = ''] = operands
    const to = textOption(options, 'to')
    if (to === undefined) throw new UsageError('--to <address> is missing.')
    const target = await invocation.target()
    const described = Object.keys(CONFIG_OPTIONS).some((option) => options[option] !== undefined)
    const stored = (await settingsOf(target)).providers.get(name)
    const config = described ? await describedConfig(invocation, stored) : {}
    const args = { name, to, ...config, ...(await managedArguments(invocation)) }
    const value = await call<Sent>(target, 'provider.test', args)
    const text = value.sent
      ? `The mail server took the mail: ${value.reply}\n`
      : `The mail was not sent: ${value.reply}\n`
    return { value, text, failed: !value.sent }
  },
}

async function describedConfig(...given: Parameters<typeof givenConfig>) {
  const { provider, password, clientKey } = await givenConfig(...given)
  const secrets = { ...(password && { password }), ...(clientKey && { client_key: clientKey }) }
  const config = { ...membersOf(provider), ...secrets }
  const reading = readProviderObject(config)
  if ('refused' in reading) throw new CommandFailure(`The provider ${reading.refused}.`)
  return { config }
}

const fromLinotp: Command = {
  path: ['provider', 'import-legacy'],
  about: "Makes LinOTP's e-mail settings of old the provider imported_default.",
  options: { config: { value: '<file>', about: 'JSON with the keys; - reads standard input' } },
  notes:
    'The keys are EmailProvider, EmailProviderConfig (decrypted) and EmailBlockingTimeout, with or\n' +
    'without linotp. before them. A second run changes nothing.',
  examples: [
    'npx otpost provider import-legacy --config linotp-config.json --stage prod',
    'linotp-dump | npx otpost provider import-legacy --config -',
  ],
  async run(invocation) {
    const legacy = await legacyConfig(invocation)
    const target = await invocation.target()
    const result = await importLegacy(editing(target), legacy)
    const name = 'imported_default'
    if (result.outcome === 'there already') {
      return { value: { name, imported: false }, text: `The provider ${name} is there already.\n` }
    }
    return inForce(result, target, name, `The provider ${name} is set.`)
  },
}

export const PROVIDER_COMMANDS = [list, show, set, test, setDefault, remove, fromLinotp]
