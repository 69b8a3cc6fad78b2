/** What `resolve` does: it asks directories that are not Otpost's own. */
import type { CircuitBreaker } from './circuit-breaker.ts'
import { isRemote } from './directory.ts'
import type { RemoteDirectory } from './directory-kinds.ts'
import type { Log, SettingsSource } from './ports.ts'
import { resolverPasswordOf } from './settings-schema.ts'
import type { Settings } from './settings.ts'
import {
  SourceBusyError,
  SourceFault,
  type SourceUser,
  type UserPage,
  UnanswerableError,
  type UserSource,
} from './user-source.ts'

/** A question to a resolver of the settings, or to one that is to be tried. */
export type ResolveRequest = { resolver: string } & (
  { login: string; password?: string } | { prefix: string }
)

/**
 * The answer to what was asked, or why there is none; `user` null: there is nobody; `busy`: it may be
 * asked again in a moment.
 */
export type ResolveReply =
  | { user: SourceUser | null }
  | { right: boolean }
  | { page: UserPage }
  | { fault: string; busy?: boolean }

export type ResolvePorts = {
  settings: SettingsSource
  /** The source of users of a directory, by the password of its `bind_dn`. */
  source(directory: RemoteDirectory, password: string | undefined): Promise<UserSource>
  /** A secret as the settings name it; undefined when there is none. */
  secret(settings: Settings, name: string): Promise<string | undefined>
  breaker(resolver: string): CircuitBreaker
  log: Log
}

/**
 * Asks one resolver. A fault is an answer too, so that whoever asked need not tell it from a fault of
 * the function itself. While a resolver fails again and again it is not asked, and the fault is told
 * at once.
 */
export async function resolveUser(
  ports: ResolvePorts,
  request: ResolveRequest,
): Promise<ResolveReply> {
  const { resolver } = request
  const settings = await ports.settings.current()
  const directory = settings.directories.get(resolver)
  if (!isRemote(directory)) return { fault: 'There is no such resolver outside of Otpost.' }

  const pass = ports.breaker(resolver).admit()
  if (!pass) return { fault: 'The resolver failed several times and is left alone for a while.' }
  try {
    const secret = await ports.secret(settings, resolverPasswordOf(resolver))
    const source = await ports.source(directory, secret)
    const reply = await ask(source, request)
    pass.end('sound')
    return reply
  } catch (error) {
    const fault = error instanceof SourceFault ? error.message : 'The resolver could not be asked.'
    const busy = error instanceof SourceBusyError
    // nobody may close a resolver to all by questions that it cannot answer, or by many of them
    if (busy) pass.drop()
    else pass.end(error instanceof UnanswerableError ? 'sound' : 'fault')
    ports.log(busy ? 'warn' : 'error', 'resolver failed', { resolver, error })
    return busy ? { fault, busy } : { fault }
  }
}

async function ask(source: UserSource, request: ResolveRequest): Promise<ResolveReply> {
  if ('prefix' in request) return { page: await source.list(request.prefix) }
  const { login, password } = request
  if (password === undefined) return { user: (await source.find(login)) ?? null }
  return { right: await source.checkPassword(login, password) }
}

/** A request as `resolve` was invoked with it; undefined: it is none. */
export function readResolveRequest(event: unknown): ResolveRequest | undefined {
  const { resolver, login, password, prefix } = (event ?? {}) as Record<string, unknown>
  if (typeof resolver !== 'string') return undefined
  if (typeof prefix === 'string') return { resolver, prefix }
  if (typeof login !== 'string') return undefined
  if (password === undefined) return { resolver, login }
  return typeof password === 'string' ? { resolver, login, password } : undefined
}
