/** Sessions: signed, short-lived statements of who somebody is (JWT, HS256). */
import { createHmac, timingSafeEqual } from 'node:crypto'

export type Role = 'admin' | 'user' | 'validate'

export type Session = {
  username: string
  realm: string
  role: Role
  /** What the holder may do; the wire shows it to clients. */
  rights?: string[]
  nonce: string
  authtype: 'password' | 'pi' | 'api_key'
  /** Unix time in seconds. */
  exp: number
}

export type SessionFault = 'malformed' | 'signature' | 'expired'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encode({ alg: 'HS256', typ: 'JWT' })

/** The session as a JWT. */
export function signSession(key: Uint8Array, session: Session): string {
  const text = `${HEADER}.${encode(session)}`
  return `${text}.${signatureOf(key, text)}`
}

/** The session a JWT states, or what is wrong with it. Only our own header is accepted. */
export function readSession(key: Uint8Array, token: string, now: number): Session | SessionFault {
  const [header, payload, signature, ...rest] = token.split('.')
  if (!header || !payload || !signature || rest.length > 0) return 'malformed'
  const expected = signatureOf(key, `${header}.${payload}`)
  if (header !== HEADER || !equal(signature, expected)) return 'signature'
  const session = decode(payload)
  if (!isSession(session)) return 'malformed'
  return session.exp * 1000 > now ? session : 'expired'
}

function decode(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
}

const ROLES: readonly unknown[] = ['admin', 'user', 'validate'] satisfies Role[]
const AUTH_TYPES: readonly unknown[] = ['password', 'pi', 'api_key'] satisfies Session['authtype'][]

function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const { username, realm, role, rights, nonce, authtype, exp } = value as Partial<Session>
  return (
    [username, realm, nonce].every((text) => typeof text === 'string') &&
    ROLES.includes(role) &&
    AUTH_TYPES.includes(authtype) &&
    (rights === undefined || isTexts(rights)) &&
    Number.isFinite(exp)
  )
}

const isTexts = (value: unknown) =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')

const signatureOf = (key: Uint8Array, text: string) =>
  createHmac('sha256', key).update(text).digest('base64url')

/** Compares the texts, not what they decode to: a signature is written in one way only. */
function equal(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
