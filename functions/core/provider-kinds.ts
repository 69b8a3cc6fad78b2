/**
 * The kinds of provider. A new kind is one entry here, which says how its members are read, and one
 * in `functions/adapters`, which sends.
 */
import { boolean, integer, line, tls } from './setting-kinds.ts'
import type { Kind } from './setting-kinds.ts'
import { certificates, mailServer } from './setting-kinds-net.ts'
import { sender, templateChoice } from './provider-members.ts'
import { PORT_BY_TLS } from './settings-schema.ts'

/** What providers of all kinds have. */
type Common = {
  /** Empty: `email.mailfrom`. */
  readonly sender: string
  /** The display name beside the sender; empty: none. */
  readonly senderName: string
  /** Empty: `email.subject`. */
  readonly subject: string
  /** The name of a template, also as `file://<name>`; empty: none of its own. */
  readonly template: string
  /** Seconds it may take to accept one mail. */
  readonly timeout: number
  readonly description: string
}

/** A mail server. */
export type SmtpProvider = Common & {
  readonly kind: 'smtp'
  readonly server: string
  readonly port: number
  readonly tls: keyof typeof PORT_BY_TLS
  /** Empty: nobody logs in to the server. */
  readonly username: string
  /** Nobody logs in, though there is a user. */
  readonly anonymous?: true
  /** PEM, shown to the server; its key is the secret `providers/<name>.client_key`. Empty: none. */
  readonly clientCertificate: string
  /** PEM of authorities to trust instead of the public ones; empty: the public ones. */
  readonly ca: string
}

/** Amazon SES, by the account of the deployment. */
export type SesProvider = Common & { readonly kind: 'ses' }

export type Provider = SmtpProvider | SesProvider
export type ProviderKind = Provider['kind']

/** Reads the text of one member to the properties it sets. */
type Member = Kind<Readonly<Record<string, unknown>>>

type KindEntry = {
  /** The classes of LinOTP that mean this kind. */
  readonly classes: readonly string[]
  /** By the name in JSON. */
  readonly members: Readonly<Record<string, Member>>
  /** Makes a provider of the properties that were given, or names the member it cannot do without. */
  complete(given: Readonly<Record<string, unknown>>): { value: Provider } | { missing: string }
}

const as = (property: string, kind: Kind<unknown>): Member => ({
  accepted: kind.accepted,
  read(text) {
    const reading = kind.read(text)
    return 'refused' in reading ? reading : { value: { [property]: reading.value } }
  },
})

const authentication: Member = {
  accepted: boolean.accepted,
  read(text) {
    const reading = boolean.read(text)
    if ('refused' in reading) return reading
    return { value: reading.value ? {} : { anonymous: true } }
  },
}

const COMMON: Readonly<Record<string, Member>> = {
  sender,
  subject: as('subject', line(200)),
  template: as('template', templateChoice),
  timeout: as('timeout', integer(1, 25, ' seconds')),
  description: as('description', line(1000)),
}
const UNSET = { sender: '', senderName: '', subject: '', template: '', description: '' }
const TIMEOUT = 10

const smtp: KindEntry = {
  classes: [
    'SMTPEmailProvider',
    'linotp.provider.emailprovider.SMTPEmailProvider',
    'linotp.lib.emailprovider.SMTPEmailProvider',
  ],
  members: {
    ...COMMON,
    server: as('server', mailServer),
    port: as('port', integer(1, 65_535)),
    tls: as('tls', tls),
    username: as('username', line(320)),
    authentication_required: authentication,
    client_certificate: as('clientCertificate', certificates),
    ca: as('ca', certificates),
  },
  complete(properties) {
    const given = properties as Partial<SmtpProvider>
    if (!given.server) return { missing: 'server' }
    const security = given.tls ?? 'none'
    return {
      value: {
        ...UNSET,
        ...{ kind: 'smtp', timeout: TIMEOUT, tls: security, port: PORT_BY_TLS[security] },
        ...{ username: '', clientCertificate: '', ca: '' },
        ...given,
        server: given.server,
      },
    }
  },
}

const ses: KindEntry = {
  classes: [],
  members: COMMON,
  complete: (given) => ({ value: { ...UNSET, kind: 'ses', timeout: TIMEOUT, ...given } }),
}

export const PROVIDER_KINDS: Readonly<Record<ProviderKind, KindEntry>> = { smtp, ses }

const KINDS = Object.keys(PROVIDER_KINDS) as ProviderKind[]

/** The kind a word or a class of LinOTP means; none at all: a mail server. */
export const providerKind: Kind<ProviderKind> = {
  accepted: `one of ${KINDS.join(', ')}; of LinOTP's classes ${smtp.classes.join(', ')}`,
  read(text) {
    if (text === '') return { value: 'smtp' }
    const kind = KINDS.find(
      (each) => each === text.toLowerCase() || PROVIDER_KINDS[each].classes.includes(text),
    )
    return kind
      ? { value: kind }
      : { refused: `is none that Otpost has; known: ${[...KINDS, ...smtp.classes].join(', ')}` }
  },
}
