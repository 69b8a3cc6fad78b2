/** The configuration of LinOTP's SMTPEmailProvider as members of ours. */
import { MASK } from './masked.ts'
import type { SmtpProvider } from './provider-kinds.ts'
import { boolean } from './setting-kinds.ts'
import type { Reading } from './setting-kinds.ts'

/** A configuration by the names of our members, its secrets apart. */
export type ConfigParts = {
  /** As `readProvider` takes them. */
  members: Readonly<Record<string, unknown>>
  /** What a member is called where it comes from, if not the same. */
  words: Readonly<Record<string, string>>
  /** In clear; undefined: none was given, or its mask. */
  password: string | undefined
  /** PEM; undefined: none was given, or its mask. */
  clientKey: string | undefined
}

/** By the name in LinOTP; its manual calls `SMTP_PORT` plain `PORT`. */
const MEMBERS: Readonly<Record<string, string>> = {
  SMTP_SERVER: 'server',
  SMTP_PORT: 'port',
  PORT: 'port',
  SMTP_USER: 'username',
  EMAIL_FROM: 'sender',
  EMAIL_SUBJECT: 'subject',
  CERTFILE: 'client_certificate',
  TEMPLATE: 'template',
  TIMEOUT: 'timeout',
}
const SWITCHES = ['USE_SSL', 'START_TLS']
const SECRETS = ['SMTP_PASSWORD', 'KEYFILE']
const KNOWN = [...Object.keys(MEMBERS), ...SWITCHES, ...SECRETS]
/** Members of ours that may stand beside LinOTP's. */
const BESIDE = ['kind', 'description', 'ca']
const DEFAULT_SUBJECT = 'Your OTP'

/** Whether an object is written in LinOTP's words: they are upper case, and ours are not. */
export const isLinotpConfig = (object: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(object).some((name) => /^[A-Z][A-Z_]+$/.test(name))

/** Reads such a configuration, and takes the secrets out of it. */
export function fromLinotp(config: Readonly<Record<string, unknown>>): Reading<ConfigParts> {
  const members: Record<string, unknown> = { subject: DEFAULT_SUBJECT }
  const words: Record<string, string> = {}
  for (const [name, value] of Object.entries(config)) {
    if (!KNOWN.includes(name) && !BESIDE.includes(name)) {
      const known = KNOWN.join(', ')
      return refused(name, `is no member of LinOTP's SMTPEmailProvider; known: ${known}`)
    }
    if (typeof value === 'object' && value !== null && name !== 'TIMEOUT') {
      return refused(name, 'is not plain text')
    }
    const member = MEMBERS[name] ?? (BESIDE.includes(name) ? name : undefined)
    if (member === undefined || isEmpty(value)) continue
    if (member in words && String(members[member]) !== String(value)) {
      return refused(name, `differs from ${words[member]}`)
    }
    members[member] = value
    words[member] = name
  }
  return withTls(config, members, words)
}

function withTls(
  config: Readonly<Record<string, unknown>>,
  members: Record<string, unknown>,
  words: Readonly<Record<string, string>>,
): Reading<ConfigParts> {
  const switches: Record<string, boolean> = {}
  for (const name of SWITCHES) {
    const reading = boolean.read(isEmpty(config[name]) ? 'false' : String(config[name]).trim())
    if ('refused' in reading) return refused(name, `${reading.refused}: ${boolean.accepted}`)
    switches[name] = reading.value
  }
  if (switches.USE_SSL) members.tls = 'implicit'
  else members.tls = switches.START_TLS ? 'starttls' : 'none'
  if ('timeout' in members) {
    const timeout = secondsOf(members.timeout)
    if (timeout === undefined) return refused('TIMEOUT', 'is neither seconds nor two of them')
    members.timeout = timeout
  }
  return withSecrets(config, members, words)
}

function withSecrets(
  { CERTFILE, KEYFILE, SMTP_PASSWORD }: Readonly<Record<string, unknown>>,
  members: Record<string, unknown>,
  words: Readonly<Record<string, string>>,
): Reading<ConfigParts> {
  if (!isEmpty(CERTFILE) && !isPem(CERTFILE)) {
    return refused('CERTFILE', 'is no PEM: no file is read here, give the certificate itself')
  }
  const clientKey = secretOf(KEYFILE)
  if (clientKey !== undefined && !isPem(clientKey)) {
    return refused(
      'KEYFILE',
      'is no PEM: no file is read here, the key itself goes into the secret ' +
        'providers/<name>.client_key',
    )
  }
  return { value: { members, words, password: secretOf(SMTP_PASSWORD), clientKey } }
}

/** A secret that was written, and not only its mask. */
export const secretOf = (value: unknown): string | undefined =>
  isEmpty(value) || value === MASK ? undefined : String(value)

const isEmpty = (value: unknown) => value === undefined || value === null || value === ''
const isPem = (value: unknown) => String(value).trimStart().startsWith('-----BEGIN ')

const LONGEST = 25

/** LinOTP has seconds to connect, or a pair: to connect and to answer. We have one for both. */
function secondsOf(value: unknown): number | undefined {
  const parts = Array.isArray(value)
    ? value
    : String(value)
        .replaceAll(/[()[\]\s]/g, '')
        .split(',')
  const seconds = parts.map(Number)
  const fit = seconds.every((each) => Number.isFinite(each) && each > 0)
  if (!fit || seconds.length > 2) return undefined
  return Math.min(Math.ceil(seconds.reduce((sum, each) => sum + each, 0)), LONGEST)
}

const refused = (name: string, why: string) => ({ refused: `cannot be used: its ${name} ${why}` })

/** A mail server in LinOTP's words, its secrets masked. */
export function toLinotp(
  provider: SmtpProvider,
  has: { password: boolean; clientKey: boolean },
): Record<string, string | number | boolean> {
  const { senderName, sender, tls } = provider
  const optional = {
    SMTP_USER: provider.username,
    SMTP_PASSWORD: has.password ? MASK : '',
    EMAIL_FROM: senderName === '' ? sender : `${senderName} <${sender}>`,
    EMAIL_SUBJECT: provider.subject,
    CERTFILE: provider.clientCertificate,
    KEYFILE: has.clientKey ? MASK : '',
    TEMPLATE: provider.template,
  }
  return {
    SMTP_SERVER: provider.server,
    SMTP_PORT: provider.port,
    ...Object.fromEntries(Object.entries(optional).filter(([, text]) => text !== '')),
    START_TLS: tls === 'starttls',
    USE_SSL: tls === 'implicit',
    TIMEOUT: provider.timeout,
  }
}
