/** How the text of a parameter becomes a value: hosts, mailboxes, networks, certificates, realms. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { listOf } from './setting-kinds.ts'
import type { Kind, Reading } from './setting-kinds.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/** RFC 1123 §2.1; a name whose last label is a number would be a mistyped IPv4 address. */
function isHostName(name: string) {
  const labels = name.split('.')
  const last = labels.at(-1) ?? ''
  return name.length <= 253 && !/^\d+$/.test(last) && labels.every((label) => LABEL.test(label))
}

/** A mail server: lower-case host name or bare IP literal. Empty: none. */
export const mailServer: Kind<string> = {
  accepted: 'a host name, IPv4 or IPv6 address, without scheme and port',
  // People paste URLs with a user and a password in them.
  confidential: true,
  read(text) {
    if (text === '') return { value: '' }
    if (text.includes('://')) return { refused: schemeAdvice(text) }

    const host = text.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) || isHostName(host)) return { value: host.toLowerCase() }
    if (/^[^:]+:\d+$|\]:\d+$/.test(text))
      return { refused: 'carries a port; set email.port instead' }
    return { refused: 'is neither a host name nor an IP address' }
  },
}

const schemeAdvice = (text: string) =>
  /^smtps:/i.test(text)
    ? 'carries a scheme; give the bare host and set email.tls=implicit instead of smtps://'
    : 'carries a scheme; give the bare host'

const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i

/** One bare mailbox (RFC 5321 §4.1.2 without quoted local parts). Empty: none. */
export const mailbox: Kind<string> = {
  accepted: 'one bare e-mail address such as otp@example.com',
  read(value) {
    if (value === '') return { value }
    const at = value.lastIndexOf('@')
    const local = value.slice(0, at)
    const valid = local.length <= 64 && DOT_ATOM.test(local) && isHostName(value.slice(at + 1))
    if (at < 1 || !valid || value.length > 254) return { refused: 'is not one e-mail address' }
    return { value }
  },
}

/** An address as written, or a subnet as address/prefix length. */
const network: Kind<string> = {
  accepted: 'an IPv4 or IPv6 address or subnet',
  read(value) {
    const [address = '', prefix, ...rest] = value.split('/')
    const family = address.includes('%') ? 0 : isIP(address)
    const bits = family === 6 ? 128 : 32
    const prefixFits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
    if (!family || !prefixFits || rest.length > 0) return { refused: 'is no address or subnet' }
    return { value }
  },
}

/** A comma list of addresses and subnets. */
export const networks = listOf(
  network,
  'a comma list of IPv4 or IPv6 addresses and subnets such as 10.0.0.0/8, 2001:db8::/32',
)

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** One or more X.509 certificates in PEM, end-entity first. Empty: none. */
export const certificates: Kind<string> = {
  accepted: 'certificates in PEM (-----BEGIN CERTIFICATE-----)',
  confidential: true,
  read(pem) {
    if (pem === '') return { value: pem }
    if (pem.includes('PRIVATE KEY')) {
      return { refused: 'holds a private key, which belongs into a SecureString of its own' }
    }
    const blocks = pem.match(CERTIFICATE) ?? []
    if (blocks.length === 0 || pem.replace(CERTIFICATE, '').trim() !== '') {
      return { refused: 'is not PEM, or has text around the certificates' }
    }
    return blocks.every(isCertificate) ? { value: pem } : { refused: 'holds a broken certificate' }
  },
}

function isCertificate(pem: string) {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}

/** A realm's name, lower-cased. */
export const realmName: Kind<string> = {
  accepted: 'a realm name: a letter or digit, then up to 62 of a-z 0-9 _ . -',
  read: (text) => matching(/^[a-z0-9][a-z0-9_.-]{0,62}$/, text.toLowerCase(), 'realm name'),
}

/** The name of a directory; case counts. `x.password` would be the name of a secret. */
export const resolverName: Kind<string> = {
  accepted: 'a resolver name',
  read: (text) => matching(/^(?!.*\.password$)[a-z0-9][a-z0-9_.-]{0,62}$/i, text, 'resolver name'),
}

/** The name of a provider; with one of the endings it would be that of what a provider has. */
export const providerName: Kind<string> = {
  accepted:
    'a name of letters, digits and _ . -, at most 63, that does not end in .password, .client_key ' +
    'or .managed',
  read(name) {
    const [ending] = /\.(password|client_key|managed)$/i.exec(name) ?? []
    if (ending !== undefined) return { refused: `ends in ${ending}` }
    return matching(/^[a-z0-9][a-z0-9_.-]{0,62}$/i, name, 'name of a provider')
  },
}

/** Mail servers in the order they are tried, each once. Also between blanks, as in a policy. */
export const providerNames: Kind<readonly string[]> = {
  accepted: 'names of providers between commas, the first to be tried first',
  read(text) {
    const reading = listOf(providerName, '').read(text.trim().replaceAll(/[\s,]+/g, ','))
    return 'refused' in reading ? reading : { value: Object.freeze([...new Set(reading.value)]) }
  },
}

const resolverNames = listOf(resolverName, 'a comma list of resolver names such as directory')

/** The resolvers of a realm, in the order they are asked; at least one. */
export const resolvers: Kind<readonly string[]> = {
  accepted: resolverNames.accepted,
  read(text) {
    const reading = resolverNames.read(text)
    const empty = 'value' in reading && reading.value.length === 0
    return empty ? { refused: 'names no resolver' } : reading
  },
}

const matching = (pattern: RegExp, value: string, what: string): Reading<string> =>
  pattern.test(value) ? { value } : { refused: `is not a ${what}` }
