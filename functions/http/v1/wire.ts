/** Our own wire: routes to operations, checks what they ask, and every fault to a problem. */
import { rights } from '../../core/policy/rights.ts'
import type { Ports } from '../../core/ports.ts'
import type { Session } from '../../core/session.ts'
import type { Logged, Wire } from '../application.ts'
import { admitCaller } from '../callers.ts'
import { ForbiddenError, MalformedRequestError } from '../errors.ts'
import { contentType, readJson, readPairs, type Values } from '../parameters.ts'
import { noteRefusal } from '../refused-by.ts'
import type { Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { findRoute, type PathValues } from '../router.ts'
import type { Access, Operation } from './operation.ts'
import { PATH_PARAMETERS } from './path-parameters.ts'
import { faultReply, NotFoundError, problem, UnsupportedMediaTypeError } from './problem.ts'
import { fits, NOTHING, readMembers, readQuery } from './schema.ts'

/** Who asks for an operation of administrators, or an error. */
export type RequireAdmin = (request: HttpRequest) => Promise<Session>

/** Answers requests to these operations; a path below `/v1` that none of them has is not found. */
export function v1<P extends Ports>(
  operations: readonly Operation<P>[],
  ports: P,
  requireAdmin?: RequireAdmin,
): Wire {
  const routes = operations.map((operation) => ({ ...operation, handle: operation }))
  return async (request) => {
    const route = findRoute(routes, request)
    if (!route) return isOurs(request) ? problem('not_found') : undefined
    request.route = route.pattern
    if ('allowed' in route) return otherMethod(route.allowed)
    try {
      return await answer(route.handle, ports, request, route.values, requireAdmin)
    } catch (error) {
      noteRefusal(request, error)
      return faultReply(error, ports)
    }
  }
}

const isOurs = ({ path }: HttpRequest) => path === '/v1' || path.startsWith('/v1/')

function otherMethod(allowed: string[]): Reply {
  const methods = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
  const detail = `Use ${methods.join(' or ')}.`
  return problem('method', { detail }, { allow: methods.join(', ') })
}

async function answer<P extends Ports>(
  operation: Operation<P>,
  ports: P,
  request: HttpRequest,
  path: PathValues,
  requireAdmin: RequireAdmin | undefined,
): Promise<Reply | Logged> {
  const session = await admit(operation.access, ports, request, requireAdmin)
  const admitted = await operation.admit?.(ports, request)
  for (const [name, value] of Object.entries(path)) {
    if (!fits(PATH_PARAMETERS[name]!, value)) throw new NotFoundError(name)
  }
  const query = readQuery(operation.query ?? NOTHING, readPairs(request.query))
  const body = readMembers(operation.body ?? NOTHING, readBody(operation, request))
  if (session) await requireRights(ports, request, session, operation.rights?.(body) ?? [])
  const result = await operation.handle(ports, { request, path, query, body, admitted })
  noteUser(request, path, 'reply' in result ? result.reply : result)
  return result
}

/** For the log: the user a path names, once the answer says that there is one. */
function noteUser(request: HttpRequest, { user, realm }: PathValues, { statusCode }: Reply): void {
  if (request.target || user === undefined || realm === undefined || statusCode >= 400) return
  request.target = { login: user, realm: realm.toLowerCase() }
}

async function admit(
  access: Access,
  ports: Ports,
  request: HttpRequest,
  requireAdmin: RequireAdmin | undefined,
) {
  if (access === 'login') await admitCaller(ports, request)
  if (access !== 'admin') return undefined
  if (!requireAdmin) throw new Error('No administrator is known here.')
  return requireAdmin(request)
}

/** Stands for everybody: a policy that is restricted to some users does not match it. */
const ANYBODY = { realm: '', login: '', resolver: '' }

/** Refuses what the policies do not let this administrator do to everybody. */
async function requireRights(
  ports: Ports,
  { clientIp, headers }: HttpRequest,
  { username, realm }: Session,
  needed: readonly string[],
): Promise<void> {
  const { policies } = await ports.settings.current()
  const caller = { client: clientIp, userAgent: headers['user-agent'], now: ports.now() }
  const actor = { role: 'admin', name: username, realm, ...caller, target: ANYBODY } as const
  const { allowed } = rights(policies, actor)
  const missing = needed.find((right) => !allowed(right))
  if (missing) throw new ForbiddenError('role', `The right ${missing} is needed.`)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function readBody<P>(operation: Operation<P>, request: HttpRequest): Values {
  if (!operation.body) {
    if (request.body.length === 0) return new Map()
    throw new MalformedRequestError('This request takes no body.')
  }
  const [type] = contentType(request).split(';')
  if (type!.trim() !== 'application/json') throw new UnsupportedMediaTypeError()
  return readJson(decode(request.body))
}

function decode(body: Buffer): string {
  try {
    return UTF8.decode(body)
  } catch {
    throw new MalformedRequestError('The body is not valid UTF-8.')
  }
}
