/**
 * Sessions of people at the self-service: short, told from all others by their kind, and read with
 * the account, so that they end with it, with a new PIN, and by signing out.
 */
import { type Account, accountKey } from '../account.ts'
import { changeAccount } from '../change-account.ts'
import { isPending } from '../pending-token.ts'
import type { Ports } from '../ports.ts'
import { jwtKind, type SessionFault } from '../session.ts'
import { isOfSessionEpoch, sessionEpochOf, withoutSessions } from '../session-epoch.ts'
import type { Settings } from '../settings.ts'

export type SelfSession = {
  username: string
  realm: string
  id: string
  /** `activation` stands on a password alone: good for a first address and token, nothing else. */
  purpose: 'full' | 'activation'
  /** The token that signed in; none of an activation. */
  serial?: string
  /** When its holder last proved who they are, Unix time in seconds (as in OpenID Connect). */
  auth_time: number
  /** See {@link sessionEpochOf}. */
  epoch: number
  /** Unix time in seconds. */
  exp: number
}

type SessionPorts = Pick<Ports, 'accounts' | 'keyring' | 'now' | 'random' | 'settings' | 'sleep'>

/** Sessions ended one by one that an account remembers. */
const MOST_ENDED = 20

const JWT = jwtKind('otpost-self+jwt', isSelfSession)

function isSelfSession(value: unknown): value is SelfSession {
  if (typeof value !== 'object' || value === null) return false
  const { username, realm, id, purpose, serial, auth_time, epoch, exp } =
    value as Partial<SelfSession>
  return (
    [username, realm, id].every((text) => typeof text === 'string') &&
    (purpose === 'activation' || (purpose === 'full' && typeof serial === 'string')) &&
    [auth_time, epoch, exp].every(Number.isFinite)
  )
}

/** How a session began. */
export type SessionStart = {
  account: Account
  /** The token that signed in; undefined: an activation. */
  serial?: string
  /** That of the account before its holder proved anything. @default that of `account` */
  epoch?: number
  /** The session it takes the place of, whose holder has proven nothing more. */
  goesOn?: Pick<SelfSession, 'auth_time' | 'exp'>
}

/** A new session, and what its holder sends. */
export async function issueSelfSession(
  { keyring, now, random, settings }: SessionPorts,
  { account, serial, epoch = sessionEpochOf(account), goesOn }: SessionStart,
): Promise<{ session: SelfSession; token: string }> {
  const { 'selfservice.session_minutes': minutes } = await settings.current()
  const seconds = Math.floor(now() / 1000)
  const session: SelfSession = {
    username: account.login!,
    realm: account.realm,
    id: Buffer.from(random(20)).toString('hex'),
    ...(serial === undefined ? { purpose: 'activation' } : { purpose: 'full', serial }),
    epoch,
    ...{ auth_time: seconds, exp: seconds + minutes * 60 },
    ...(goesOn ? { auth_time: goesOn.auth_time, exp: goesOn.exp } : {}),
  }
  return { session, token: JWT.sign(await keyring.key('self'), session) }
}

/** A session in force, and the account it is of as it is now; or what is wrong with it. One read. */
export async function readSelfSession(
  { accounts, keyring, now }: SessionPorts,
  token: string,
): Promise<{ session: SelfSession; account: Account } | SessionFault | 'ended'> {
  const session = JWT.read(await keyring.key('self'), token, now())
  if (typeof session === 'string') return session
  const account = await accounts.get(accountKey(session.realm, session.username))
  return account && isInForce(account, session) ? { session, account } : 'ended'
}

/** The end of the token it stands on is its end, whoever disabled it; an activation's is the first token. */
function isInForce(account: Account, session: SelfSession): boolean {
  const { endedSessions = [], tokens } = account
  const { id, serial, purpose } = session
  if (!isOfSessionEpoch(account, session)) return false
  if (endedSessions.some((one) => one.id === id)) return false
  if (purpose === 'activation') return Object.values(tokens).every(isPending)
  const token = Object.hasOwn(tokens, serial!) ? tokens[serial!]! : undefined
  return token !== undefined && token.enabled && !token.revoked
}

/** Whether it began so lately that it may change a factor; see `selfservice.reauth_minutes`. */
export const isFresh = (session: SelfSession, settings: Settings, now: number): boolean =>
  now < freshUntil(session, settings)

/** Until when it is fresh, Unix milliseconds. */
export const freshUntil = ({ auth_time, exp }: SelfSession, settings: Settings): number =>
  Math.min(auth_time + settings['selfservice.reauth_minutes'] * 60, exp) * 1000

/** The account without this session. More of them than are remembered end all there are. */
function withoutSession(account: Account, { id, exp }: SelfSession, now: number): Account {
  const remembered = (account.endedSessions ?? []).filter(({ until }) => until > now)
  const endedSessions = [...remembered, { id, until: exp * 1000 }]
  return endedSessions.length > MOST_ENDED
    ? withoutSessions(account)
    : { ...account, endedSessions }
}

/** Ends one session, wherever it is kept. */
export const endSelfSession = (ports: SessionPorts, account: Account, session: SelfSession) =>
  changeAccount(ports, account, (current) => ({
    after: withoutSession(current, session, ports.now()),
    result: undefined,
  }))

/** Ends every session of the account. */
export const endSelfSessions = (ports: SessionPorts, account: Account) =>
  changeAccount(ports, account, (current) => ({
    after: withoutSessions(current),
    result: undefined,
  }))
