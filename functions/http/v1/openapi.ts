/** The OpenAPI 3.1 document of `/v1`, made from the operations that are served. */
import type { JsonSchema, Operation, ReplyDoc } from './operation.ts'
import { PATH_PARAMETERS } from './path-parameters.ts'
import { PROBLEM_TYPE, PROBLEMS, problemSchema } from './problem.ts'
import type { ObjectSchema } from './schema.ts'

type Described = Operation<never>

const DESCRIPTION = `One-time passwords by e-mail: a PIN has a code mailed, the code lets in, once.

Bodies are JSON objects in UTF-8 of at most 64 KiB; members and query parameters that are not described
are refused, and so is a parameter given twice. Refusals and faults are problem details (RFC 9457).`

const TAGS = [
  { name: 'Login', description: 'Codes are mailed and answered.' },
  { name: 'Administration', description: 'Sessions of administrators.' },
  { name: 'Users', description: 'The built-in directory.' },
  { name: 'Tokens', description: 'Registered authenticators that mail codes.' },
  { name: 'Service', description: 'About the service itself.' },
]

/** Describes these operations. */
export function openApiDocument(operations: readonly Described[]): JsonSchema {
  const schemas: Record<string, unknown> = {}
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of operations) {
    const path = (paths[one.path] ??= {})
    path[one.method.toLowerCase()] = hoisted(describe(one), schemas)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Otpost',
      version: '1.0.0',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths,
    components: {
      schemas,
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The token of POST /v1/sessions.',
        },
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An API key; needed where the parameter `api_key_required` is on.',
        },
      },
    },
  }
}

const SECURITY = { open: [], login: [{}, { apiKey: [] }], admin: [{ session: [] }] }

function describe(one: Described): JsonSchema {
  return {
    operationId: one.id,
    tags: [one.tag],
    summary: one.summary,
    ...(one.description ? { description: one.description } : {}),
    security: SECURITY[one.access],
    parameters: [...pathParameters(one.path), ...queryParameters(one.query)],
    ...(one.body
      ? { requestBody: { required: true, content: json(one.body, one.example) } }
      : {}),
    responses: Object.fromEntries(
      Object.entries({ ...commonReplies(one), ...one.replies }).map(([status, reply]) => [
        status,
        describeReply(Number(status), reply),
      ]),
    ),
  }
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => {
    const { description, ...schema } = PATH_PARAMETERS[name!]!
    return { name, in: 'path', required: true, description, schema }
  })
}

function queryParameters(query: ObjectSchema | undefined): JsonSchema[] {
  return Object.entries(query?.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    description,
    schema,
  }))
}

/** What any operation of its kind may reply, whatever it does. */
function commonReplies({ access, body, path }: Described): Record<number, ReplyDoc> {
  return {
    400: { description: 'The request cannot be understood; `parameter` names what is at fault.' },
    ...(access === 'admin' ? ADMIN_REPLIES : {}),
    ...(access === 'login' ? LOGIN_REPLIES : {}),
    ...(path.includes('{') ? { 404: { description: 'The path names nothing.' } } : {}),
    ...(body ? { 415: { description: 'The body is not application/json.' } } : {}),
    503: { description: 'The service cannot answer at the moment. Nothing was accepted.' },
  }
}
const ADMIN_REPLIES: Record<number, ReplyDoc> = {
  401: { description: 'No session, or not a valid one.' },
  403: { description: 'The session is of another role.' },
}
const LOGIN_REPLIES: Record<number, ReplyDoc> = {
  401: { description: 'The settings ask for an API key.' },
  403: { description: 'The settings do not allow this address.' },
}

function describeReply(status: number, reply: ReplyDoc): JsonSchema {
  const { description, schema = problemSchema, example = exampleOf(status), location } = reply
  if (status === 204) return { description }
  return {
    description,
    ...(location ? { headers: { Location: LOCATION } } : {}),
    content:
      status < 400
        ? json(schema, example)
        : { 'application/problem+json': { schema, example } },
  }
}
const LOCATION = {
  description: 'The path of what was made.',
  schema: { type: 'string', format: 'uri-reference' },
}

const json = (schema: JsonSchema | ObjectSchema, example: unknown) => ({
  'application/json': { schema, example },
})

/** The first problem with that status. */
function exampleOf(status: number): JsonSchema | undefined {
  const found = Object.entries(PROBLEMS).find(([, problem]) => problem.status === status)
  return found && { type: PROBLEM_TYPE + found[0], title: found[1].title, status }
}

/** The same with every schema that has a title moved to the components. */
function hoisted(value: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => hoisted(item, schemas))
  if (value === null || typeof value !== 'object') return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, hoisted(member, schemas)]),
  )
  const { title, ...schema } = copy
  if (copy.type !== 'object' || typeof title !== 'string') return copy
  schemas[title] = schema
  return { $ref: `#/components/schemas/${title}` }
}
