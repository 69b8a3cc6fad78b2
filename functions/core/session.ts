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
  return `${text}.${sign(key, text).toString('base64url')}`
}

/** The session a JWT states, or what is wrong with it. Only our own header is accepted. */
export function readSession(key: Uint8Array, token: string, now: number): Session | SessionFault {
  const [header, payload, signature, ...rest] = token.split('.')
  if (!header || !payload || !signature || rest.length > 0) return 'malformed'
  const expected = sign(key, `${header}.${payload}`)
  const given = Buffer.from(signature, 'base64url')
  if (header !== HEADER || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return 'signature'
  }
  const session = decode(payload)
  if (!session) return 'malformed'
  return session.exp * 1000 > now ? session : 'expired'
}

function decode(payload: string): Session | undefined {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) ?? undefined
  } catch {
    return undefined
  }
}

const sign = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
