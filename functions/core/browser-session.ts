/**
 * Sessions of administrators that live in a browser's cookie: short, renewed while they are used, and
 * ended by signing out. Read with the administrator's item, so that they end with the account, too.
 */
import type { Ports } from './ports.ts'
import { jwtKind } from './session.ts'
import type { Admin, AdminStore } from './sign-in.ts'

export type BrowserSession = {
  username: string
  id: string
  /** What a request that changes something repeats, where no foreign page can read it. */
  csrf: string
  /** When its holder signed in, Unix time in milliseconds. */
  since: number
  /** Unix time in seconds. */
  exp: number
}

type SessionPorts = Pick<Ports, 'keyring' | 'now'>

/** Seconds a browser session lasts when it is not renewed. */
export const BROWSER_SESSION_SECONDS = 30 * 60
/** Seconds before its end from which on it is renewed. */
const RENEWED_BELOW = 5 * 60
/** Milliseconds after which one has to sign in again, however busy (NIST SP 800-63B-4 §2.2.3). */
const LONGEST = 12 * 60 * 60 * 1000
/** Ended sessions that are remembered one by one. */
const MOST_ENDED = 100

const JWT = jwtKind('otpost-browser+jwt', isBrowserSession)

function isBrowserSession(value: unknown): value is BrowserSession {
  if (typeof value !== 'object' || value === null) return false
  const { username, id, csrf, since, exp } = value as Partial<BrowserSession>
  return (
    [username, id, csrf].every((text) => typeof text === 'string' && text !== '') &&
    [since, exp].every(Number.isFinite)
  )
}

/**
 * A new session of an administrator. `since` is a moment before the password was checked: a password
 * that was changed meanwhile ends the session.
 */
export function newBrowserSession(
  { now, random }: Pick<Ports, 'now' | 'random'>,
  username: string,
  since: number,
): BrowserSession {
  const text = () => Buffer.from(random(20)).toString('hex')
  return { username, id: text(), csrf: text(), since, exp: expiry(now()) }
}

const expiry = (now: number) => Math.floor(now / 1000) + BROWSER_SESSION_SECONDS

/** The session as what the cookie holds. */
export const signBrowserSession = async ({ keyring }: SessionPorts, session: BrowserSession) =>
  JWT.sign(await keyring.key('session'), session)

/** The session a cookie holds, if it is in force. One read. */
export async function readBrowserSession(
  ports: SessionPorts & { admins: AdminStore },
  cookie: string,
): Promise<BrowserSession | undefined> {
  const session = JWT.read(await ports.keyring.key('session'), cookie, ports.now())
  if (typeof session === 'string') return undefined
  const admin = await ports.admins.get(session.username)
  return admin && isInForce(admin, session) ? session : undefined
}

function isInForce({ sessionsFrom = 0, ended = [] }: Admin, { since, id }: BrowserSession) {
  return since >= sessionsFrom && !ended.some((one) => one.id === id)
}

/** The same session for longer, if it is about to end and has not lasted for too long. */
export function renewedBrowserSession(
  { now }: Pick<Ports, 'now'>,
  session: BrowserSession,
): BrowserSession | undefined {
  const left = session.exp * 1000 - now()
  if (left > RENEWED_BELOW * 1000 || session.since + LONGEST <= now()) return undefined
  return { ...session, exp: expiry(now()) }
}

/**
 * Ends a session wherever it is kept. More of them at once than are remembered end every session of
 * the administrator.
 */
export async function endBrowserSession(
  { admins, now }: Pick<Ports, 'now'> & { admins: AdminStore },
  { username, id }: BrowserSession,
): Promise<void> {
  for (;;) {
    const admin = await admins.get(username)
    if (!admin) return
    const remembered = (admin.ended ?? []).filter(({ until }) => until > now())
    const ended = [...remembered, { id, until: now() + BROWSER_SESSION_SECONDS * 1000 }]
    const changes = ended.length > MOST_ENDED ? { ended: [], sessionsFrom: now() + 1 } : { ended }
    if (await admins.save({ ...admin, ...changes, rev: admin.rev + 1 }, admin.rev)) return
  }
}
