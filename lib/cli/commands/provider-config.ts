/** What the options of `otpost provider` say about a provider. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { LEGACY_KEYS, type LegacyConfig } from '../../../functions/core/import-provider.ts'
import { readJsonObject } from '../../../functions/core/json-text.ts'
import {
  membersOf,
  type Provider,
  type ProviderConfig,
  readProviderConfig,
  readProviderObject,
  sameLogin,
  type StoredProvider,
} from '../../../functions/core/provider.ts'
import type { Invocation, Option } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { textOption, textOptions } from '../options.ts'

/** Options whose value is a member. */
const MEMBERS = {
  kind: { value: '<smtp|ses>', about: 'who sends: a mail server (the default) or Amazon SES' },
  server: { value: '<host>', about: 'the mail server' },
  port: { value: '<port>', about: '25, 587 with starttls, 465 with implicit, unless given' },
  tls: { value: '<none|starttls|implicit>', about: 'how the connection is encrypted' },
  username: { value: '<user>', about: 'who logs in to the mail server' },
  sender: { value: '<address>', about: 'the sender, also as "Name <address>"' },
  subject: { value: '<text>', about: 'the subject of its mails' },
  template: { value: '<name>', about: 'the template of its mails' },
  timeout: { value: '<seconds>', about: 'how long it may take to accept a mail' },
  description: { value: '<text>', about: 'what it is' },
} as const satisfies Record<string, Option>

/** Options whose value is a file with the member. */
const FILES = {
  'client-certificate-file': 'client_certificate',
  'ca-file': 'ca',
} as const

/** Everything by which a provider can be described. Secrets have no place on a command line. */
export const CONFIG_OPTIONS: Readonly<Record<string, Option>> = {
  config: { value: '<file>', about: 'JSON with all members; - reads standard input' },
  ...MEMBERS,
  'client-certificate-file': { value: '<file>', about: 'the certificate it is shown, in PEM' },
  'ca-file': { value: '<file>', about: 'authorities to trust instead of the public ones, in PEM' },
  'client-key-file': { value: '<file>', about: 'the private key of the certificate, in PEM' },
  'ask-password': { about: 'ask for the password without echo' },
  'password-stdin': { about: 'read the password from standard input (its first line)' },
}

/** The provider they describe: `stored` with the members that are given, or that of `--config`. */
export async function givenConfig(
  invocation: Invocation,
  stored: StoredProvider | undefined,
): Promise<ProviderConfig> {
  const { options, io } = invocation
  const file = textOption(options, 'config')
  const members = { ...textOptions(options, Object.keys(MEMBERS)), ...(await filesOf(options)) }
  if (file !== undefined && Object.keys(members).length > 0) {
    throw new UsageError(`--config holds all members: leave out --${Object.keys(members)[0]}.`)
  }
  if (file === '-' && options['password-stdin']) {
    throw new UsageError('Standard input is either the configuration or the password.')
  }
  const reading =
    file === undefined
      ? readProviderObject({ ...kept(stored, members), ...members })
      : readProviderConfig(await contentOf(file, io))
  if ('refused' in reading) throw invalid(`The provider ${reading.refused}.`)
  const config = reading.value
  const keyFile = textOption(options, 'client-key-file')
  const clientKey = keyFile === undefined ? config.clientKey : await contentOf(keyFile, io)
  const password = config.password ?? (await passwordFor(invocation, config.provider, stored))
  return { ...config, password, clientKey }
}

/** The members that stay; a port that is only that of its encryption goes with it. */
function kept(stored: StoredProvider | undefined, given: Readonly<Record<string, string>>) {
  if (!stored || (given.kind ?? stored.kind) !== stored.kind) return {}
  const { password: _password, clientKey: _clientKey, ...provider } = stored
  const { port, ...members } = membersOf(provider)
  return given.tls === undefined && port !== undefined ? { ...members, port } : members
}

async function filesOf(options: Invocation['options']): Promise<Record<string, string>> {
  const members: Record<string, string> = {}
  for (const [option, member] of Object.entries(FILES)) {
    const file = textOption(options, option)
    if (file !== undefined) members[member] = file === '' ? '' : await contentOf(file)
  }
  return members
}

/** A password that is given, or asked for because there is none that could stay. */
async function passwordFor(
  { options, io }: Invocation,
  provider: Provider,
  stored: StoredProvider | undefined,
): Promise<string | undefined> {
  if (options['password-stdin']) return (await text(io.stdin)).split(/\r?\n/, 1)[0]
  const needed = provider.kind === 'smtp' && provider.username !== ''
  const stays = stored?.password !== undefined && sameLogin(stored, provider)
  if (options['ask-password'] || (needed && !stays)) {
    if (io.ask) return io.ask('password: ')
    if (options['ask-password']) {
      throw new UsageError('Nobody can be asked here: pipe it in with --password-stdin.')
    }
  }
  return undefined
}

/** The keys of LinOTP in a JSON file. */
export async function legacyConfig({ options, io }: Invocation): Promise<LegacyConfig> {
  const file = textOption(options, 'config')
  if (file === undefined) throw new UsageError('--config <file> is missing.')
  const reading = readJsonObject(await contentOf(file, io))
  if ('refused' in reading) throw invalid(`The configuration ${reading.refused}.`)
  const entries = LEGACY_KEYS.map((key) => {
    const value = reading.value[key] ?? reading.value[`linotp.${key}`]
    return [key, typeof value === 'object' ? JSON.stringify(value) : value && String(value)]
  })
  return Object.fromEntries(entries) as LegacyConfig
}

async function contentOf(file: string, io?: Invocation['io']): Promise<string> {
  if (file === '-' && io) return text(io.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new CommandFailure(`The file ${file} cannot be read (${code}).`, { code: 'not_found' })
  }
}

const invalid = (message: string) => new CommandFailure(message, { code: 'invalid_argument' })
