/** Refusals and faults as problem details (RFC 9457). */
import type { Ports } from '../../core/ports.ts'
import { ForbiddenError, MalformedRequestError } from '../errors.ts'
import { isBusy } from '../refused-by.ts'
import { type Reply, textReply } from '../reply.ts'

export const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be understood' },
  no_session: { status: 401, title: 'A session is needed' },
  bad_session: { status: 401, title: 'The session is not valid' },
  expired_session: { status: 401, title: 'The session has expired' },
  api_key: { status: 401, title: 'An API key is needed' },
  credentials: { status: 401, title: 'Wrong name or password' },
  role: { status: 403, title: 'The session does not allow this' },
  reauthentication_required: { status: 403, title: 'Prove again who you are' },
  client: { status: 403, title: 'Not allowed from this address' },
  rejected: { status: 403, title: 'Authentication failed' },
  wrong_pin: { status: 403, title: 'The PIN is wrong' },
  wrong_code: { status: 403, title: 'The code is wrong or no longer valid' },
  registration_off: { status: 403, title: 'Addresses cannot be registered' },
  not_found: { status: 404, title: 'Not found' },
  method: { status: 405, title: 'Method not allowed' },
  user_exists: { status: 409, title: 'The user exists' },
  serial_taken: { status: 409, title: 'The serial belongs to another user' },
  too_many_tokens: { status: 409, title: 'The user has too many tokens' },
  provider_in_use: { status: 409, title: 'The provider is in use' },
  template_in_use: { status: 409, title: 'The template is in use' },
  not_in_force: { status: 409, title: 'Stored, but not in force' },
  revoked: { status: 409, title: 'The token is revoked' },
  no_token: { status: 409, title: 'There is no token for this' },
  same_address: { status: 409, title: 'The address is confirmed already' },
  kept_elsewhere: { status: 409, title: 'The address is kept in a user directory' },
  disputed: { status: 409, title: 'A change of the address was disputed' },
  version: { status: 412, title: 'Changed by somebody else' },
  media_type: { status: 415, title: 'The body is not application/json' },
  not_sent: { status: 422, title: 'The mail could not be sent' },
  too_many: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'The service cannot answer at the moment' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

export const PROBLEM_TYPE = 'urn:otpost:problem:'

/** What every problem says, as JSON Schema. */
export const problemSchema = {
  title: 'Problem',
  description: 'Problem details (RFC 9457).',
  type: 'object',
  properties: {
    type: { type: 'string', enum: Object.keys(PROBLEMS).map((code) => PROBLEM_TYPE + code) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was wrong with this request.' },
    parameter: { type: 'string', description: 'The parameter at fault.' },
    reason: { type: 'string', description: 'Why a login or an address was refused.' },
  },
  required: ['type', 'title', 'status'],
}

type Particulars = { detail?: string; parameter?: string; reason?: string }

/** The reply that states a problem. */
export function problem(
  code: ProblemCode,
  particulars: Particulars = {},
  headers: Record<string, string> = {},
): Reply {
  const { status, title } = PROBLEMS[code]
  const body = { type: PROBLEM_TYPE + code, title, status, ...particulars }
  return textReply(status, JSON.stringify(body), 'application/problem+json', {
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  })
}

/** A body of a type that is not read. */
export class UnsupportedMediaTypeError extends Error {
  override name = 'UnsupportedMediaTypeError'
}

/** A part of the path that can name nothing. */
export class NotFoundError extends Error {
  override name = 'NotFoundError'
}

/** A request that is refused by this problem. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly code: ProblemCode

  constructor(code: ProblemCode, detail: string) {
    super(detail)
    this.code = code
  }
}

/** What a request that failed is answered. A fault of a part is logged here, and told to nobody. */
export function faultReply(error: unknown, { log }: Pick<Ports, 'log'>): Reply {
  if (error instanceof MalformedRequestError) {
    const { message: detail, parameter, reason } = error
    return problem('malformed', { detail, parameter, reason })
  }
  if (error instanceof ForbiddenError) return problem(error.reason, { detail: error.message })
  if (error instanceof ProblemError) return problem(error.code, { detail: error.message })
  if (error instanceof UnsupportedMediaTypeError) return problem('media_type')
  if (error instanceof NotFoundError) return problem('not_found')
  log(isBusy(error) ? 'warn' : 'error', 'request failed', { error })
  return problem(
    'unavailable',
    { detail: 'Nothing was accepted; please try again.' },
    { 'retry-after': '1' },
  )
}
