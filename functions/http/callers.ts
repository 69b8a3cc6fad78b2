/** Who may ask: sessions, API keys and networks. */
import { BlockList, isIPv6 } from 'node:net'
import { readApiKey } from '../core/api-key.ts'
import type { Caller } from '../core/caller.ts'
import type { Ports } from '../core/ports.ts'
import type { Session } from '../core/session.ts'
import { readIssuedSession, type SignInPorts } from '../core/sign-in.ts'
import { ForbiddenError } from './errors.ts'
import type { HttpRequest } from './request.ts'

type SessionPorts = Pick<SignInPorts, 'keyring' | 'now' | 'admins'>
type KeyPorts = Pick<Ports, 'keyring' | 'now' | 'settings'>

/** The administrator's session that a request carries in `Authorization` or `PI-Authorization`. */
export async function requireAdmin(ports: SessionPorts, request: HttpRequest): Promise<Session> {
  const token = bearerOf(request)
  if (!token) throw new ForbiddenError('no_session', 'Missing Authorization header.')
  const session = await readIssuedSession(ports, token)
  if (session === 'expired') throw new ForbiddenError('expired_session', 'The session has expired.')
  if (typeof session === 'string')
    throw new ForbiddenError('bad_session', 'The session is not valid.')
  if (session.role !== 'admin')
    throw new ForbiddenError('role', 'A session of the role admin is needed.')
  request.actor = session
  return session
}

/** Refuses a login request from outside `validate.clients` or, if they are required, without an API key. */
export async function admitCaller(ports: KeyPorts, request: HttpRequest) {
  const settings = await ports.settings.current()
  const networks = settings['validate.clients']
  if (networks.length > 0 && !within(networks, request.clientIp)) {
    throw new ForbiddenError('client', 'This address may not ask.')
  }
  if (!settings.api_key_required || (await apiKeyOf(ports, request)) !== undefined) return
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

const apiKeys = new WeakMap<HttpRequest, Promise<string | undefined>>()

/** The name of the valid API key that a request carries. Verified once, however often it is asked for. */
function apiKeyOf(ports: KeyPorts, request: HttpRequest): Promise<string | undefined> {
  const known = apiKeys.get(request) ?? readKeyOf(ports, request)
  apiKeys.set(request, known)
  return known
}

/** A session may stand in `PI-Authorization` and a key beside it. */
async function readKeyOf(ports: KeyPorts, request: HttpRequest): Promise<string | undefined> {
  const { 'pi-authorization': first, authorization: second } = request.headers
  for (const header of [first, second]) {
    const key = header ? await readApiKey(ports, withoutBearer(header)) : 'malformed'
    if (typeof key === 'string') continue
    request.actor ??= { username: key.name, realm: '', role: 'validate' }
    return key.name
  }
  return undefined
}

/** What is in `Authorization` or `PI-Authorization`, with or without `Bearer`. */
function bearerOf({ headers }: HttpRequest): string | undefined {
  const header = headers['pi-authorization'] ?? headers.authorization
  return header && withoutBearer(header)
}

const withoutBearer = (header: string) => header.replace(/^Bearer +/i, '')

/** Who makes a login request, as policies and mails see them. */
export const loginCaller = (ports: KeyPorts, request: HttpRequest): Caller => ({
  clientIp: request.clientIp,
  userAgent: request.headers['user-agent'],
  language: request.headers['accept-language'],
  apiKey: () => apiKeyOf(ports, request),
})

/**
 * Who does something to tokens, as policies and notices see them: the language of administrators is
 * not that of the users who are told.
 */
export const actingCaller = (
  { clientIp, headers }: HttpRequest,
  { isOwner = false }: { isOwner?: boolean } = {},
): Caller => ({
  clientIp,
  userAgent: headers['user-agent'],
  ...(isOwner ? { language: headers['accept-language'] } : {}),
})

/** Refuses a request to the self-service from outside `selfservice.clients`. */
export async function admitToSelfService(
  { settings }: Pick<Ports, 'settings'>,
  { clientIp }: HttpRequest,
): Promise<void> {
  const { 'selfservice.clients': networks } = await settings.current()
  if (networks.length === 0 || within(networks, clientIp)) return
  throw new ForbiddenError('client', 'This address may not ask.')
}

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
