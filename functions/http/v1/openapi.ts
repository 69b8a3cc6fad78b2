/** The OpenAPI 3.1 document of `/v1`, made from the operations that are served. */
import { COMMON_RESPONSES, commonReplies } from './openapi-common.ts'
import { describeReply, json } from './openapi-reply.ts'
import type { JsonSchema, Operation } from './operation.ts'
import { PATH_PARAMETERS } from './path-parameters.ts'
import type { ObjectSchema } from './schema.ts'

/** An operation as something to describe, whatever its handler needs. */
export type Described = Operation<never>

const DESCRIPTION = `One-time passwords by e-mail: a PIN has a code mailed, the code lets in, once.

Bodies are JSON objects in UTF-8 of at most 64 KiB. Members and query parameters that are not described
are refused, and so is a parameter given twice. Refusals and faults are problem details (RFC 9457).`

const TAGS = [
  { name: 'Login', description: 'Codes are mailed and answered.' },
  { name: 'Administration', description: 'Sessions of administrators.' },
  { name: 'Users', description: 'The built-in directory.' },
  { name: 'Tokens', description: 'Registered authenticators that mail codes.' },
  { name: 'Providers', description: 'Who sends mail.' },
  { name: 'Mail sender', description: 'The default provider and the mask, in one place.' },
  { name: 'Templates', description: 'The mails that administrators have written.' },
  { name: 'Self-service', description: 'What people do with what is their own.' },
  { name: 'Records', description: 'Who did what, and what became of each mail.' },
  { name: 'Service', description: 'About the service itself.' },
]

const SECURITY = {
  open: [],
  login: [{}, { apiKey: [] }],
  admin: [{ session: [] }],
  self: [{ selfService: [] }],
}

const SECURITY_SCHEMES = {
  session: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of `POST /v1/sessions`.',
  },
  selfService: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The session of `POST /v1/self/sessions`. It is never kept in a cookie, so that no foreign page can ' +
      'have a browser send it.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An API key; needed where the parameter `api_key_required` is on.',
  },
}

/** Describes these operations. */
export function openApiDocument(operations: readonly Described[]): JsonSchema {
  const schemas: Record<string, unknown> = {}
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of operations) {
    const path = (paths[one.path] ??= {})
    path[one.method.toLowerCase()] = hoisted(describe(one), schemas)
  }
  const responses = hoisted(COMMON_RESPONSES, schemas)
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
    components: { schemas, responses, securitySchemes: SECURITY_SCHEMES },
  }
}

function describe(one: Described): JsonSchema {
  const own = Object.entries(one.replies).map(([status, reply]) => [
    status,
    describeReply(Number(status), reply),
  ])
  return {
    operationId: one.id,
    tags: [one.tag],
    summary: one.summary,
    ...(one.description ? { description: one.description } : {}),
    security: SECURITY[one.access],
    parameters: [
      ...pathParameters(one.path),
      ...queryParameters(one.query),
      ...headerParameters(one.headers),
    ],
    ...(one.body ? { requestBody: { required: true, content: json(one.body, one.example) } } : {}),
    responses: { ...commonReplies(one), ...Object.fromEntries(own) },
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

function headerParameters(headers: Described['headers'] = {}): JsonSchema[] {
  return Object.entries(headers).map(([name, description]) => ({
    ...{ name, in: 'header', required: false, description },
    schema: { type: 'string' },
  }))
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
