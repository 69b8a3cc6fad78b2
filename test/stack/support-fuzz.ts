/** Makes requests up from a seed: real routes and parameters, hostile values, broken bodies. */
import { LINOTP_VALIDATE_ROUTES } from '../../functions/http/linotp/validate-routes.ts'
import { ADMIN_ROUTES } from '../../functions/http/privacyidea/admin-routes.ts'
import { VALIDATE_ROUTES } from '../../functions/http/privacyidea/validate-routes.ts'
import { V1_ADMIN_ROUTES } from '../../functions/http/v1/admin-routes.ts'
import { V1_LOGIN_ROUTES } from '../../functions/http/v1/login-routes.ts'
import { V1_SELF_ROUTES } from '../../functions/http/v1/self/routes.ts'

export type FuzzRequest = {
  method: string
  /** Path and query, as sent. */
  target: string
  headers: Record<string, string>
  body?: Buffer
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']

type FuzzRoute = {
  method: string
  path: string
  /** Parameters it understands. */
  names: string[]
}

const named = (method: string, path: string, names = ''): FuzzRoute => ({
  method,
  path,
  names: names.split(' ').filter(Boolean),
})

/** The parameters that get furthest on the wires that do not describe theirs. */
const UNDERSTOOD: Record<string, string> = {
  '/validate/check': 'user pass serial realm',
  '/validate/triggerchallenge': 'user serial',
  '/auth': 'username password',
  '/token/init': 'user email pin otpkey type otplen',
  '/token/': 'user serial',
  '/token/setpin': 'user serial pin',
  '/user/': 'user email',
  '/system/setConfig': 'email.subject email.validtime',
  '/policy/{name}': 'scope action user realm active',
  '/smtpserver/{identifier}': 'server port sender tls',
  '/realm/{realm}': 'resolvers',
  '/linotp/validate/check': 'user pass serial realm challenge token_type auth_info',
  '/linotp/validate/check_s': 'user pass serial',
  '/linotp/validate/check_t': 'transactionid pass',
  '/linotp/validate/check_status': 'transactionid pass user',
  '/linotp/validate/simplecheck': 'user pass state',
  '/linotp/validate/samlcheck': 'user pass',
}

const ROUTES: FuzzRoute[] = [
  ...[...VALIDATE_ROUTES, ...LINOTP_VALIDATE_ROUTES, ...ADMIN_ROUTES].map(({ method, path }) =>
    named(method, path, UNDERSTOOD[path]),
  ),
  ...[...V1_LOGIN_ROUTES, ...V1_SELF_ROUTES, ...V1_ADMIN_ROUTES].map(({ method, path, body }) =>
    named(method, path, Object.keys(body?.properties ?? {}).join(' ')),
  ),
  named('GET', '/'),
  named('GET', '/{value}'),
  named('GET', '/v1/{value}'),
  named('POST', '/validate/{value}'),
  named('POST', '/linotp/validate/{value}'),
]

const NAMES = [
  'user', 'pass', 'realm', 'serial', 'transaction_id', 'state', 'username', 'password', 'email',
  'type', 'otpkey', 'genkey', 'otplen', 'hashlib', 'pin', 'otppin', 'otp', 'description', 'nonce',
  'transactionid', 'challenge', 'data', 'page', 'pagesize', 'dynamic_email', 'digits', 'algorithm', 'enabled', 'limit', 'cursor',
  '__proto__', 'constructor', 'toString', '', 'user[]', 'ü', 'a'.repeat(300),
] // prettier-ignore

const VALUES: unknown[] = [
  '', ' ', '0', '1', '-1', '1e999', 'NaN', 'null', 'undefined', 'true', 'alice', 'ALICE', 'bob',
  'alice@demo', '@', '@demo', 'alice@', 'a@b@c', '1234', '1234123456', '123456', '000000',
  'EM00000001', 'EM*', '*', '0'.repeat(20), '9'.repeat(400), '__proto__', 'constructor', 'toString',
  'hasOwnProperty', '../../etc/passwd', '%', '%00', '%2', '%zz', '%25252525', '%c0%af', '%u0041',
  '\0', '\r\nX-Injected: 1', '\u202e', '\ud800', '😀'.repeat(40), 'é', 'e\u0301', 'ß', 'İ', 'x'.repeat(5000),
  '0'.repeat(20) + '.01', 'demo\\alice', '\\',
  '"', "'", '<script>', '{{7*7}}', '${7*7}', "' OR 1=1 --", '{"a":1}', '[]', 'a=b&c=d', 'a+b',
  'alice@example.org', '"a b"@example.org', 'a@[127.0.0.1]', 'a@b\r\nBcc: c@d.example', 'a@example.org,b@example.org',
  0, -1, 1.5, 1e21, true, false, null, [], ['alice'], {}, { $ne: '' }, { toString: 1 }, [[[[]]]],
] // prettier-ignore

const TYPES = [
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-16',
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/problem+json',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
  'application/octet-stream',
  'nonsense',
  '',
]

const BODIES = [
  '{',
  '[]',
  'null',
  '"',
  '{"user":',
  '=',
  '&&&',
  '%',
  '--x--',
  '\xff\xfe',
  '{"a":1}{"b":2}',
  '['.repeat(2000),
]

/** What a request may be about, so that some get far. */
const PLAUSIBLE: Record<string, unknown[]> = {
  user: ['alice', 'bob', 'carol', 'alice@demo'],
  pass: ['1234', '1234123456', '123456', ''],
  pin: ['1234', ''],
  otp: ['123456'],
  username: ['admin'],
  password: ['admin', 'wrong'],
  serial: ['EM00000001', 'EM00000002'],
  realm: ['demo'],
  email: ['alice@example.org', 'bob@example.org'],
  type: ['email'],
  otplen: ['6', '8'],
  hashlib: ['sha1', 'sha256'],
  otpkey: ['3132333435363738393031323334353637383930'],
  enabled: [true, false],
  digits: [6, 8],
  algorithm: ['sha1'],
  description: ['a token'],
  scope: ['authentication', 'admin', 'user', 'enrollment'],
  action: ['emailtext=hello', 'otppin=tokenpin', '*'],
  active: [true, false],
  server: ['127.0.0.1'],
  port: ['25'],
  sender: ['otp@example.org'],
  resolvers: ['directory'],
  'email.validtime': ['60'],
}

/** Gives requests, the same ones for the same seed. */
export function generator(seed: number, session: string, own?: string): () => FuzzRequest {
  const random = mulberry32(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  const chance = (probability: number) => random() < probability
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

  /** Percent-encoded once, twice, badly or not at all, within what a request line may hold. */
  function encoded(value: string): string {
    const safe = value.toWellFormed()
    const once = encodeURIComponent(safe)
    const raw = safe.replace(/[^!-~]|#/g, '')
    return pick([once, once, encodeURIComponent(once), `${once}%`, raw])
  }

  const anything = () => [pick(NAMES), pick(VALUES)] as [string, unknown]
  const plausible = (names: string[]) => {
    const name = pick(names)
    return [name, pick(PLAUSIBLE[name] ?? VALUES)] as [string, unknown]
  }
  function pairs(known: string[]): [string, unknown][] {
    const names = known.length > 0 && chance(0.7) ? known : Object.keys(PLAUSIBLE)
    const hostile = pick([0, 0, 0.2, 1])
    return Array.from({ length: below(6) }, () => (chance(hostile) ? anything() : plausible(names)))
  }
  const form = (known: string[]) =>
    pairs(known)
      .map(([name, value]) => `${encoded(name)}=${encoded(text(value))}`)
      .join('&')

  function body(type: string, known: string[]): Buffer | undefined {
    if (chance(0.1)) return undefined
    if (chance(0.1)) return Buffer.from(pick(BODIES), 'latin1')
    if (chance(0.01)) return Buffer.alloc(70_000, 'a')
    if (/json/i.test(type)) return Buffer.from(JSON.stringify(Object.fromEntries(pairs(known))))
    if (type.startsWith('multipart')) return Buffer.from(multipart(pairs(known)))
    return Buffer.from(form(known), 'latin1')
  }

  const pathValue = () => {
    const value = chance(0.5)
      ? pick(['alice', 'bob', 'demo', 'directory', 'EM00000001'])
      : pick(VALUES)
    return encoded(text(value)).slice(0, 1000)
  }

  function multipart(parts: [string, unknown][]): string {
    const fields = parts.map(
      ([name, value]) =>
        `--x\r\nContent-Disposition: form-data; name="${name}"${chance(0.1) ? '; filename="f"' : ''}\r\n\r\n${text(value)}\r\n`,
    )
    return fields.join('') + (chance(0.9) ? '--x--\r\n' : '')
  }

  function extraHeaders(path: string): Record<string, string> {
    const held = own && path.startsWith('/v1/self') ? own : session
    const valid = path.startsWith('/v1') ? `Bearer ${held}` : session
    const some: Record<string, string> = {}
    if (chance(0.85))
      some.authorization = chance(0.9)
        ? valid
        : pick(['Bearer', 'Basic Og==', session.slice(0, -2), 'a.b.c', ''])
    if (chance(0.1)) some['pi-authorization'] = pick([session, '', 'x'])
    if (chance(0.2))
      some['user-agent'] = pick([
        'FreeRADIUS',
        'privacyidea-cp/1',
        '',
        'simpleSAMLphp',
        'x'.repeat(2000),
      ])
    if (chance(0.1)) some['x-forwarded-for'] = pick(['127.0.0.1', '::1, evil', 'x'])
    if (chance(0.1)) some.cookie = pick(['a=b', ';;;', 'a'])
    if (chance(0.05)) some['content-encoding'] = pick(['gzip', 'br', 'x'])
    return some
  }

  return () => {
    const { method: usual, path: pattern, names: known } = pick(ROUTES)
    const method = chance(0.85) ? usual : pick(METHODS)
    const path = pattern.replaceAll(/\{\w+\}/g, () => pathValue())
    const target = chance(method === 'GET' ? 0.7 : 0.2) ? `${path}?${form(known)}` : path
    const usualType = path.startsWith('/v1') ? 'application/json' : TYPES[0]!
    const type = chance(0.7) ? usualType : pick(TYPES)
    const content = method === 'GET' || method === 'HEAD' ? undefined : body(type, known)
    const headers = { ...extraHeaders(path), ...(content && type ? { 'content-type': type } : {}) }
    return { method, target: target.slice(0, 7000), headers, ...(content ? { body: content } : {}) }
  }
}

/** A small generator of numbers in [0, 1) that a seed determines. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
