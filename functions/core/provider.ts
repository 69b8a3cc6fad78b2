/** A mail server by name: the parameters `providers/<name>` and `providers/<name>.password`. */
import { integer, line, tls } from './setting-kinds.ts'
import type { Kind, Reading } from './setting-kinds.ts'
import { mailbox, mailServer } from './setting-kinds-net.ts'
import { PORT_BY_TLS } from './settings-schema.ts'

/** A mail server that tokens or `email.identifier` name. */
export type Provider = {
  readonly server: string
  readonly port: number
  readonly tls: keyof typeof PORT_BY_TLS
  /** Empty: nobody logs in to the server. */
  readonly username: string
  /** Empty: `email.mailfrom`. */
  readonly sender: string
  /** Seconds the server may take to accept one mail. */
  readonly timeout: number
  readonly description: string
}

const server: Kind<string> = {
  ...mailServer,
  read: (text) => (text === '' ? { refused: 'is missing' } : mailServer.read(text)),
}

const MEMBERS = {
  server,
  port: integer(1, 65_535),
  tls,
  username: line(320),
  sender: mailbox,
  timeout: integer(1, 25, ' seconds'),
  description: line(1000),
} as const

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
    '"otp", "sender": "otp@example.org", "timeout": 10}',
  // People paste passwords into it.
  confidential: true,
  read(text) {
    const object = parseObject(text)
    return object ? readProvider(object) : { refused: 'is not a JSON object' }
  },
}

/**
 * Reads the members of a mail server in any form JSON or a form has. As in the reference, a server
 * may begin with `smtps://`, and `tls` is a switch; `none`, `starttls` and `implicit` are taken too.
 */
export function readProvider(object: Readonly<Record<string, unknown>>): Reading<Provider> {
  const smtps = /^smtps:\/\//i
  const given = { ...object }
  if (typeof given.server === 'string' && smtps.test(given.server)) {
    given.server = given.server.replace(smtps, '')
    given.tls = 'implicit'
  }
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const reading = readMember(name, value)
    if ('refused' in reading) return { refused: `cannot be used: its ${name} ${reading.refused}` }
    read[name] = reading.value
  }
  if (read.server === undefined) return { refused: 'cannot be used: its server is missing' }
  return { value: Object.freeze(complete(read as Partial<Provider> & { server: string })) }
}

function readMember(name: string, value: unknown): Reading<unknown> {
  const plain = value === null || value === undefined ? '' : value
  if (typeof plain === 'object') return { refused: 'is not plain text' }
  const text = String(plain).trim()
  if (Object.hasOwn(MEMBERS, name)) {
    const kind: Kind<unknown> = MEMBERS[name as keyof typeof MEMBERS]
    return text === '' && name !== 'server' ? { value: undefined } : kind.read(text)
  }
  const inert = Object.hasOwn(WITHOUT_CHOICE, name) ? WITHOUT_CHOICE[name] : undefined
  if (!inert) return { refused: 'is not a member of a mail server' }
  return inert.test(text) ? { value: undefined } : { refused: 'is not available in Otpost' }
}

function complete({ server, tls = 'none', ...rest }: Partial<Provider> & { server: string }) {
  return {
    server,
    port: rest.port ?? PORT_BY_TLS[tls],
    tls,
    username: rest.username ?? '',
    sender: rest.sender ?? '',
    timeout: rest.timeout ?? 10,
    description: rest.description ?? '',
  }
}

/**
 * Whether a password for one may be used with the other. It may not go to another server than the
 * one it was given for, or whoever may edit servers could read it off their own.
 */
export const sameLogin = (one: Provider, other: Provider): boolean =>
  one.server === other.server &&
  one.port === other.port &&
  one.tls === other.tls &&
  one.username === other.username

/** The provider as {@link provider} reads it. */
export const formatProvider = (value: Provider): string => JSON.stringify(value)

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
