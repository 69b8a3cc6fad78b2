/** Sessions: signed, short-lived statements of who somebody is (JWT, HS256). */
import { hmacSha256, sameText } from './hmac.ts'

export type Role = 'admin' | 'user'

export type Session = {
  username: string
  realm: string
  role: Role
  /** What the holder may do; the wire shows it to clients. */
  rights?: string[]
  nonce: string
  authtype: 'password' | 'pi'
  /** A moment before the password was checked, Unix time in seconds and their parts. */
  iat?: number
  /** Of a user: see `sessionEpochOf`. Undefined: 0. */
  epoch?: number
  /** Says to who may make no session that this is one. */
  vouch?: string
  /** Unix time in seconds. */
  exp: number
}

export type SessionFault = 'malformed' | 'signature' | 'expired'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A kind of JWT: what signs it and what reads it. */
export type JwtKind<Claims> = {
  /** The first part of every JWT of this kind. */
  readonly header: string
  sign(key: Uint8Array, claims: Claims): string
  /** What a JWT states, or what is wrong with it. Only the header of its own kind is accepted. */
  read(key: Uint8Array, token: string, now: number): Claims | SessionFault
}

/** JWTs told from all others by `typ` (RFC 8725 §3.11). */
export function jwtKind<Claims extends { exp: number }>(
  typ: string,
  isClaims: (value: unknown) => value is Claims,
): JwtKind<Claims> {
  const expectedHeader = encode({ alg: 'HS256', typ })
  return {
    header: expectedHeader,
    sign(key, claims) {
      const text = `${expectedHeader}.${encode(claims)}`
      return `${text}.${signatureOf(key, text)}`
    },
    read(key, token, now) {
      const [header, payload, signature, ...rest] = token.split('.')
      if (!header || !payload || !signature || rest.length > 0) return 'malformed'
      const expected = signatureOf(key, `${header}.${payload}`)
      if (header !== expectedHeader || !sameText(signature, expected)) return 'signature'
      const claims = decode(payload)
      if (!isClaims(claims)) return 'malformed'
      return claims.exp * 1000 > now ? claims : 'expired'
    },
  }
}

const SESSION = jwtKind('JWT', isSession)

/** The session with a voucher by which {@link readVouchedSession} knows it. */
export const vouched = (key: Uint8Array, session: Session): Session => ({
  ...session,
  vouch: signatureOf(key, encode(session)),
})

/**
 * As {@link readSession}, by the voucher: who has its key, and not the one that signs sessions, can
 * tell an administrator and make none that others would take.
 */
export function readVouchedSession(
  key: Uint8Array,
  token: string,
  now: number,
): Session | SessionFault {
  const [header, payload, signature, ...rest] = token.split('.')
  if (!payload || !signature || rest.length > 0) return 'malformed'
  if (header !== SESSION.header) return 'signature'
  const claims = decode(payload)
  if (!isSession(claims)) return 'malformed'
  const { vouch = '', ...session } = claims
  if (!sameText(vouch, signatureOf(key, encode(session)))) return 'signature'
  return session.exp * 1000 > now ? session : 'expired'
}

/** The session as a JWT. */
export const signSession = (key: Uint8Array, session: Session): string => SESSION.sign(key, session)

/** The session a JWT states, or what is wrong with it. Only our own header is accepted. */
export const readSession = (key: Uint8Array, token: string, now: number): Session | SessionFault =>
  SESSION.read(key, token, now)

function decode(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
}

const ROLES: readonly unknown[] = ['admin', 'user'] satisfies Role[]
const AUTH_TYPES: readonly unknown[] = ['password', 'pi'] satisfies Session['authtype'][]

function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const { username, realm, role, rights, nonce, authtype, exp, iat, epoch, vouch } =
    value as Partial<Session>
  return (
    [username, realm, nonce].every((text) => typeof text === 'string') &&
    ROLES.includes(role) &&
    AUTH_TYPES.includes(authtype) &&
    (rights === undefined || isTexts(rights)) &&
    Number.isFinite(exp) &&
    (iat === undefined || Number.isFinite(iat)) &&
    (epoch === undefined || Number.isInteger(epoch)) &&
    (vouch === undefined || typeof vouch === 'string')
  )
}

const isTexts = (value: unknown) =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')

const signatureOf = (key: Uint8Array, text: string) => hmacSha256(key, text).toString('base64url')
