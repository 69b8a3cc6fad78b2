/** Administrators and their sessions. */
import type { PinHash } from './account.ts'
import { countedTry } from './counted-try.ts'
import { burnPin, hashPin, pinMatcher } from './pin.ts'
import type { Ports } from './ports.ts'
import {
  readSession,
  readVouchedSession,
  type Role,
  type Session,
  type SessionFault,
  signSession,
  vouched,
} from './session.ts'

export { ADMIN_RIGHTS } from './policy/actions.ts'

export type Admin = {
  name: string
  password: PinHash
  /** Wrong passwords since the last right one, and when the last was (Unix milliseconds). */
  failures: number
  failedAt: number
  /** Looks at passwords that were left then. */
  looks?: number
  rev: number
  createdAt: number
  /** Sessions from before this moment have ended (Unix milliseconds). */
  sessionsFrom?: number
  /** Browser sessions that were ended, and until when that is worth knowing (Unix milliseconds). */
  ended?: { id: string; until: number }[]
}

/** What is to be known of administrators by who takes their sessions, and nothing else of them. */
export interface AdminSessions {
  get(name: string): Promise<Pick<Admin, 'sessionsFrom'> | undefined>
}

/** Where administrators are kept. */
export interface AdminStore extends AdminSessions {
  get(name: string): Promise<Admin | undefined>
  /** Writes if the stored revision is still `rev` (0: there is none yet); false otherwise. */
  save(admin: Admin, rev: number): Promise<boolean>
  remove(name: string): Promise<boolean>
  all(): Promise<Admin[]>
}

export type SignInPorts = Pick<Ports, 'keyring' | 'now' | 'random'> & { admins: AdminStore }

/** Seconds a session lasts. */
const SESSION_SECONDS = 3600

/**
 * Whether name and password are an administrator's; a wrong name costs the same time as a wrong
 * password. Every try is counted by a write on a state that still allowed one, before it is answered,
 * so parallel guesses do not share a try.
 */
export async function signIn(ports: SignInPorts, name: string, password: string): Promise<boolean> {
  const pepper = await ports.keyring.key('pin')
  const matches = pinMatcher(pepper)
  return countedTry<Admin>(ports.now, {
    load: () => ports.admins.get(name),
    isRight: (admin) => matches(password, admin.password),
    burn: () => burnPin(pepper, password),
    save: (admin, rev) => ports.admins.save(admin, rev),
  })
}

/** A signed session. `realm` is empty for administrators. */
export async function issueSession(
  { keyring, now, random }: Pick<Ports, 'keyring' | 'now' | 'random'>,
  who: {
    username: string
    role: Role
    realm?: string
    seconds?: number
    /** A moment before the password was checked, Unix milliseconds. @default now */
    since?: number
    /** Of a user: that of the account before anything was proven. */
    epoch?: number
    rights?: readonly string[]
  },
): Promise<string> {
  const session: Session = {
    username: who.username,
    realm: who.realm ?? '',
    nonce: Buffer.from(random(20)).toString('hex'),
    role: who.role,
    authtype: 'password',
    iat: (who.since ?? now()) / 1000,
    ...(who.epoch === undefined ? {} : { epoch: who.epoch }),
    exp: Math.floor(now() / 1000) + (who.seconds ?? SESSION_SECONDS),
    ...(who.rights ? { rights: [...who.rights] } : {}),
  }
  const [key, voucher] = [await keyring.key('session'), await keyring.key('api')]
  return signSession(key, vouched(voucher, session))
}

/**
 * The session of `/auth` or `/v1/sessions` that a JWT states, or what is wrong with it. That of an
 * administrator ends with the account, with a new password and when it is revoked: one read. That of a
 * user is compared with the account (`isOfSessionEpoch`) by who reads it.
 */
export async function readIssuedSession(
  { keyring, now, admins }: Pick<Ports, 'keyring' | 'now'> & { admins: AdminSessions },
  token: string,
): Promise<Session | SessionFault | 'ended'> {
  const session = readSession(await keyring.key('session'), token, now())
  return typeof session === 'string' ? session : inForce(admins, session)
}

/** As {@link readIssuedSession}, for who has not the key that signs sessions: by the voucher. */
export async function readSessionByVoucher(
  { keyring, now, admins }: Pick<Ports, 'keyring' | 'now'> & { admins: AdminSessions },
  token: string,
): Promise<Session | SessionFault | 'ended'> {
  const session = readVouchedSession(await keyring.key('api'), token, now())
  return typeof session === 'string' ? session : inForce(admins, session)
}

async function inForce(admins: AdminSessions, session: Session): Promise<Session | 'ended'> {
  if (session.role !== 'admin') return session
  const admin = await admins.get(session.username)
  const since = Math.round((session.iat ?? 0) * 1000)
  return admin && since >= (admin.sessionsFrom ?? 0) ? session : 'ended'
}

/** Ends every session of an administrator, wherever it is kept; false: there is none of that name. */
export async function revokeSessions(
  { admins, now }: Pick<SignInPorts, 'admins' | 'now'>,
  name: string,
): Promise<boolean> {
  for (;;) {
    const admin = await admins.get(name)
    if (!admin) return false
    const ended = { ...admin, ended: [], sessionsFrom: now() + 1, rev: admin.rev + 1 }
    if (await admins.save(ended, admin.rev)) return true
  }
}

/**
 * Adds an administrator, or gives an existing one a new password, which ends their sessions.
 * True: it is a new one.
 */
export async function putAdmin(
  ports: SignInPorts,
  name: string,
  password: string,
): Promise<boolean> {
  const old = await ports.admins.get(name)
  const admin: Admin = {
    name,
    password: await hashPin(await ports.keyring.key('pin'), password, ports.random),
    failures: 0,
    failedAt: 0,
    rev: (old?.rev ?? 0) + 1,
    createdAt: old?.createdAt ?? ports.now(),
    sessionsFrom: ports.now(),
  }
  if (await ports.admins.save(admin, old?.rev ?? 0)) return !old
  return putAdmin(ports, name, password)
}
