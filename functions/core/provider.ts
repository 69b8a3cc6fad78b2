/** A provider by name: the parameter `providers/<name>` in JSON, of our members or of LinOTP's. */
import { readJsonObject } from './json-text.ts'
import { fromLinotp, isLinotpConfig, type ConfigParts, secretOf } from './linotp-provider.ts'
import { type Provider, PROVIDER_KINDS, providerKind } from './provider-kinds.ts'
import type { Kind, Reading } from './setting-kinds.ts'

export type { Provider, ProviderKind, SesProvider, SmtpProvider } from './provider-kinds.ts'

/** A provider of the settings, with the versions of its secrets; undefined: it has none. */
export type StoredProvider = Provider & {
  readonly password: number | undefined
  readonly clientKey: number | undefined
}

/** In clear: only the function that sends may hold stored ones. */
export type ProviderSecrets = { password?: string | undefined; clientKey?: string | undefined }

/** What the reference knows and Otpost has only one way of doing. */
const WITHOUT_CHOICE: Readonly<Record<string, RegExp>> = {
  enqueue_job: /^(true|false|0|1)?$/i,
  smime: /^(false|0)?$/i,
  dont_send_on_error: /^(false|0)?$/i,
  certificate: /^$/,
  private_key: /^$/,
  private_key_password: /^(__CENSORED__)?$/,
}

export const provider: Kind<Provider> = {
  accepted:
    'a JSON object such as {"server": "smtp.example.org", "port": 587, "tls": true, "username": ' +
    '"otp", "sender": "otp@example.org", "timeout": 10} or {"kind": "ses"}, or the one of ' +
    "LinOTP's SMTPEmailProvider without its secrets",
  // People paste passwords into it.
  confidential: true,
  read(text) {
    const config = readProviderConfig(text)
    if ('refused' in config) return config
    const { provider, password, clientKey } = config.value
    if (password !== undefined) return inClear('password')
    if (clientKey !== undefined) return inClear('client_key')
    return { value: provider }
  },
}

const inClear = (secret: 'password' | 'client_key') => ({
  refused:
    `holds its ${secret === 'password' ? secret : 'private key'} in clear; change that secret, and ` +
    `store the new one as the SecureString providers/<name>.${secret}`,
})

/** A provider with the secrets somebody wrote beside it; undefined: none, or only its mask. */
export type ProviderConfig = ProviderSecrets & { provider: Provider }

/** Reads the JSON of a provider, of our members or of LinOTP's, with the secrets in it. */
export function readProviderConfig(text: string): Reading<ProviderConfig> {
  const object = readJsonObject(text)
  return 'refused' in object ? object : readProviderObject(object.value)
}

/** The same of an object. */
export function readProviderObject(
  object: Readonly<Record<string, unknown>>,
): Reading<ProviderConfig> {
  const config = isLinotpConfig(object) ? fromLinotp(object) : fromOurs(object)
  if ('refused' in config) return config
  const { members, words, ...secrets } = config.value
  const reading = readProvider(members, words)
  return 'refused' in reading ? reading : { value: { provider: reading.value, ...secrets } }
}

function fromOurs({
  password,
  client_key: clientKey,
  ...members
}: Readonly<Record<string, unknown>>): Reading<ConfigParts> {
  for (const [name, value] of Object.entries({ password, client_key: clientKey })) {
    if (typeof (value ?? '') === 'object') {
      return { refused: `cannot be used: its ${name} is not plain text` }
    }
  }
  const secrets = { password: secretOf(password), clientKey: secretOf(clientKey) }
  return { value: { members, words: {}, ...secrets } }
}

/**
 * Reads the members of a provider in any form JSON or a form has. As in the reference, a server may
 * begin with `smtps://`, and `tls` is a switch; `none`, `starttls` and `implicit` are taken too.
 * `words` is what a refusal calls members that have another name where they come from.
 */
export function readProvider(
  object: Readonly<Record<string, unknown>>,
  words: Readonly<Record<string, string>> = {},
): Reading<Provider> {
  const refused = (name: string, why: string) => ({
    refused: `cannot be used: its ${Object.hasOwn(words, name) ? words[name] : name} ${why}`,
  })
  const smtps = /^smtps:\/\//i
  const { kind: word, ...given } = { ...object }
  const kind = readPlain(word, (text) => providerKind.read(text))
  if ('refused' in kind) return refused('kind', kind.refused)
  if (typeof given.server === 'string' && smtps.test(given.server)) {
    given.server = given.server.replace(smtps, '')
    given.tls = 'implicit'
  }
  const { members, complete } = PROVIDER_KINDS[kind.value]
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const reading = readPlain(value, (text) => readMember(members, name, text))
    if ('refused' in reading) return refused(name, reading.refused)
    Object.assign(read, reading.value)
  }
  const whole = complete(read)
  if ('missing' in whole) return refused(whole.missing, 'is missing')
  return { value: Object.freeze(whole.value) }
}

function readPlain<T>(value: unknown, read: (text: string) => Reading<T>): Reading<T> {
  const plain = value ?? ''
  if (typeof plain === 'object') return { refused: 'is not plain text' }
  return read(String(plain).trim())
}

function readMember(
  members: Readonly<Record<string, Kind<object>>>,
  name: string,
  text: string,
): Reading<object> {
  if (Object.hasOwn(members, name)) return text === '' ? { value: {} } : members[name]!.read(text)
  const inert = Object.hasOwn(WITHOUT_CHOICE, name) ? WITHOUT_CHOICE[name] : undefined
  if (inert) return inert.test(text) ? { value: {} } : { refused: 'is not available in Otpost' }
  const known = Object.keys(members).join(', ')
  return { refused: `is not a member of a provider of this kind; known: ${known}` }
}

/**
 * Whether a password for one may be used with the other. It may not go to another server than the
 * one it was given for, or whoever may edit servers could read it off their own.
 */
export const sameLogin = (one: Provider, other: Provider): boolean =>
  one.kind === 'smtp' &&
  other.kind === 'smtp' &&
  one.server === other.server &&
  one.port === other.port &&
  one.tls === other.tls &&
  one.ca === other.ca &&
  one.username === other.username

/** Whether the private key of one is that of the other. */
export const sameCertificate = (one: Provider, other: Provider): boolean =>
  one.kind === 'smtp' &&
  other.kind === 'smtp' &&
  one.clientCertificate !== '' &&
  one.clientCertificate === other.clientCertificate

/** The provider as {@link provider} reads it, without what is empty. */
export function formatProvider(value: Provider): string {
  const { kind, ...rest } = membersOf(value)
  const given = Object.entries(rest).filter(([, member]) => member !== '')
  return JSON.stringify({ kind, ...Object.fromEntries(given) })
}

/** The members of a provider by their names in JSON. */
export function membersOf(value: Provider): Readonly<Record<string, string | number | boolean>> {
  const { senderName, sender, ...common } = value
  const named = { ...common, sender: senderName === '' ? sender : `${senderName} <${sender}>` }
  if (!('clientCertificate' in named)) return named
  const { clientCertificate, anonymous, ...smtp } = named
  return {
    ...smtp,
    ...(anonymous ? { authentication_required: false } : {}),
    client_certificate: clientCertificate,
  }
}
