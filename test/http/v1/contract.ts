/** Holds every answer against the OpenAPI document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { V1_ADMIN_ROUTES, v1Document } from '../../../functions/http/v1/admin-routes.ts'
import { V1_LOGIN_ROUTES } from '../../../functions/http/v1/login-routes.ts'
import { V1_SELF_ROUTES } from '../../../functions/http/v1/self/routes.ts'
import { findRoute } from '../../../functions/http/router.ts'
import { isMailbox } from '../../../functions/mail/mailbox.ts'
import type { Answer } from '../../support/http.ts'

type Json = { [name: string]: any }

export const OPERATIONS = [...V1_LOGIN_ROUTES, ...V1_SELF_ROUTES, ...V1_ADMIN_ROUTES]
/** Which function serves a path. */
export const wireOf = (path: string) =>
  V1_LOGIN_ROUTES.some((one) => one.path === path)
    ? 'login'
    : V1_SELF_ROUTES.some((one) => one.path === path)
      ? 'self'
      : 'admin'

export const document = closed(JSON.parse(JSON.stringify(v1Document()))) as Json

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('idn-email', (text: string) => text === '' || isMailbox(text))
ajv.addFormat('date-time', (text: string) => new Date(text).toISOString() === text)
ajv.addFormat('uri-reference', true)
ajv.addSchema(document, 'v1')

/** A check against the part of the document a JSON pointer names. */
export function validatorAt(...pointer: (string | number)[]): ValidateFunction {
  const escaped = pointer.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))
  const $ref = `v1#/${escaped.map(encodeURIComponent).join('/')}`
  return ajv.getSchema($ref) ?? ajv.compile({ $ref })
}

/** Throws unless the document says that this request may be answered so. */
export function expectDocumented(method: string, path: string, answer: Answer): void {
  const pointer = responseOf(method, path, answer.status)
  if (!pointer) throw new Error(`${method} ${path}: ${answer.status} is not documented`)
  const { headers = {}, content } = pointer.reduce((part, step) => part[step]!, document) as Json
  for (const name of Object.keys(headers)) {
    if (!answer.headers[name.toLowerCase()]) throw new Error(`${path}: no header ${name}`)
  }
  if (!content) {
    if (answer.text !== '') throw new Error(`${method} ${path}: a body is not documented`)
    return
  }
  const type = Object.keys(content)[0]!
  if (answer.headers['content-type'] !== type) {
    throw new Error(`${method} ${path}: ${answer.headers['content-type']} instead of ${type}`)
  }
  const validate = validatorAt(...pointer, 'content', type, 'schema')
  if (!validate(answer.json)) {
    throw new Error(`${method} ${path}: ${ajv.errorsText(validate.errors)} in ${answer.text}`)
  }
}

/** Where a reply is described; a path or method nobody has is answered by a problem. */
function responseOf(method: string, path: string, status: number): string[] | undefined {
  const routes = OPERATIONS.map((operation) => ({ ...operation, handle: operation }))
  const route = findRoute(routes, { method, path })
  if (!route) return status === 404 ? ['components', 'responses', 'NotFound'] : undefined
  if ('allowed' in route)
    return status === 405 ? ['components', 'responses', 'Malformed'] : undefined
  const verb = route.handle.method.toLowerCase()
  const described: Json | undefined = document.paths[route.handle.path][verb].responses[status]
  if (!described) return undefined
  return described.$ref
    ? described.$ref.slice(2).split('/')
    : ['paths', route.handle.path, verb, 'responses', String(status)]
}

/** The same with objects that have no other members than those described. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (value === null || typeof value !== 'object') return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, closed(member)]),
  )
  const open = copy.type === 'object' && copy.properties && !('additionalProperties' in copy)
  return open ? { ...copy, additionalProperties: false } : copy
}
