/** Who may ask: sessions, API keys and networks. */
import { BlockList, isIPv6 } from 'node:net'
import type { Caller } from '../core/caller.ts'
import type { Ports } from '../core/ports.ts'
import { readSession, type Role, type Session } from '../core/session.ts'
import { ForbiddenError } from './errors.ts'
import type { HttpRequest } from './request.ts'

type SessionPorts = Pick<Ports, 'keyring' | 'now'>

/** The session a request carries in `Authorization` or `PI-Authorization`, with or without `Bearer`. */
export async function requireSession(
  ports: SessionPorts,
  request: HttpRequest,
  role: Role,
  { bearer }: { bearer: boolean },
): Promise<Session> {
  const { headers } = request
  const header = headers['pi-authorization'] ?? headers.authorization
  if (!header) throw new ForbiddenError('no_session', 'Missing Authorization header.')
  const token = bearer ? header.replace(/^Bearer +/i, '') : header
  const session = readSession(await ports.keyring.key('session'), token, ports.now())
  if (session === 'expired') throw new ForbiddenError('expired_session', 'The session has expired.')
  if (typeof session === 'string')
    throw new ForbiddenError('bad_session', 'The session is not valid.')
  if (session.role !== role)
    throw new ForbiddenError('role', `A session of the role ${role} is needed.`)
  request.actor = session
  return session
}

/** Refuses a login request from outside `validate.clients` or, if they are required, without an API key. */
export async function admitCaller(
  ports: Pick<Ports, 'keyring' | 'now' | 'settings'>,
  request: HttpRequest,
) {
  const settings = await ports.settings.current()
  const networks = settings['validate.clients']
  if (networks.length > 0 && !within(networks, request.clientIp)) {
    throw new ForbiddenError('client', 'This address may not ask.')
  }
  if (!settings.api_key_required || (await hasApiKey(ports, request))) return
  throw new ForbiddenError('api_key', 'No valid API key was passed.')
}

/** A PIN in a URL ends up in other people's logs; only real plugins that do so are let. */
export async function refuseGetWhereHardened(
  { settings }: Pick<Ports, 'settings'>,
  method: string,
): Promise<void> {
  if (method === 'POST' || (await settings.current()).profile !== 'hardened') return
  throw new ForbiddenError('client', 'This profile accepts POST only.')
}

/** Whether a request carries a valid API key. */
async function hasApiKey(ports: SessionPorts, request: HttpRequest): Promise<boolean> {
  try {
    await requireSession(ports, request, 'validate', { bearer: true })
    return true
  } catch (error) {
    if (error instanceof ForbiddenError) return false
    throw error
  }
}

/** Who makes a login request, as policies and mails see them. */
export const loginCaller = (ports: SessionPorts, request: HttpRequest): Caller => ({
  clientIp: request.clientIp,
  userAgent: request.headers['user-agent'],
  language: request.headers['accept-language'],
  hasApiKey: () => hasApiKey(ports, request),
})

const lists = new WeakMap<readonly string[], BlockList>()

function within(networks: readonly string[], address: string): boolean {
  const list = lists.get(networks) ?? blockList(networks)
  lists.set(networks, list)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address, prefix] = network.split('/') as [string, string?]
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}
