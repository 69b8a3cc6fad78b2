/** Replies that every operation of a kind has, whatever it does. */
import type { Described } from './openapi.ts'
import { problemExample, problemJson } from './openapi-reply.ts'
import type { JsonSchema } from './operation.ts'
import { type ProblemCode, PROBLEMS, problemSchema } from './problem.ts'

const RETRY_AFTER = { description: 'Seconds to wait.', schema: { type: 'integer' } }

const respond = (code: ProblemCode, description: string, headers?: JsonSchema) => ({
  status: PROBLEMS[code].status,
  response: {
    description,
    ...(headers ? { headers } : {}),
    content: problemJson(problemSchema, problemExample(code)),
  },
})

const COMMON = {
  Malformed: respond(
    'malformed',
    'The request cannot be understood; `parameter` names what is at fault.',
  ),
  NoSession: respond('no_session', 'No session, or not a valid one.'),
  WrongRole: respond(
    'role',
    'The session is of another role, or the policies do not give it this right.',
  ),
  NoApiKey: respond('api_key', 'The settings ask for an API key.'),
  NotAdmitted: respond('client', 'The settings do not admit this address.'),
  NotFound: respond('not_found', 'The path names nothing.'),
  NotJson: respond('media_type', 'The body is not application/json.'),
  Unavailable: respond(
    'unavailable',
    'The service cannot answer at the moment. Nothing was accepted.',
    { 'Retry-After': RETRY_AFTER },
  ),
}
type CommonName = keyof typeof COMMON

/** The responses among the components. */
export const COMMON_RESPONSES: JsonSchema = Object.fromEntries(
  Object.entries(COMMON).map(([name, { response }]) => [name, response]),
)

/** What an operation may reply because of its kind: by status, as references to the components. */
export function commonReplies({ access, body, path }: Described): JsonSchema {
  const names: CommonName[] = ['Malformed', 'Unavailable']
  if (access === 'admin' || access === 'self') names.push('NoSession', 'WrongRole')
  if (access === 'login') names.push('NoApiKey', 'NotAdmitted')
  if (path.includes('{')) names.push('NotFound')
  if (body) names.push('NotJson')
  return Object.fromEntries(
    names.map((name) => [COMMON[name].status, { $ref: `#/components/responses/${name}` }]),
  )
}
