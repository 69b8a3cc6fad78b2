import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { AuditEntry } from '../core/audit.ts'
import type { Session } from '../core/session.ts'
import { MalformedRequestError } from './errors.ts'

/** A request as it came, before any wire has read it. */
export type HttpRequest = {
  method: string
  /** Percent-encoded, as sent. */
  path: string
  /** The pattern the path fits, once a wire has found it. */
  route?: string
  query: string
  /** Names in lower case. */
  headers: Record<string, string | undefined>
  /** `name=value` each, as sent. */
  cookies: readonly string[]
  body: Buffer
  /** The peer API Gateway saw; nothing a client can say changes it. */
  clientIp: string
  requestId: string
  /** Whose session it carries, once one was verified. */
  actor?: Pick<Session, 'username' | 'realm'> & { role: Session['role'] | 'validate' }
  /** It was not carried out, though the status of the answer does not say so. */
  refused?: boolean
  /** Why it was not carried out, in a word that is ours. */
  refusedBy?: string
  /** Of a user whose address it changed. */
  addresses?: NonNullable<AuditEntry['addresses']>
  /** What it acts on, once that was found; never what was merely asked for. */
  target?: { login?: string | undefined; realm: string; serials?: string[] }
}

/**
 * The value of a cookie. One that came twice counts as none: which of the two another host has set
 * cannot be told.
 */
export function cookieOf({ cookies }: HttpRequest, name: string): string | undefined {
  const values = cookies.filter((cookie) => cookie.startsWith(`${name}=`))
  return values.length === 1 ? values[0]!.slice(name.length + 1) : undefined
}

const LONGEST_BODY = 64 * 1024

/** Reads an API Gateway event (payload 2.0). */
export function readEvent(event: APIGatewayProxyEventV2): HttpRequest {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
  if (body.length > LONGEST_BODY) {
    throw new MalformedRequestError(
      `The body has ${body.length} bytes; at most ${LONGEST_BODY} are accepted.`,
    )
  }
  const { http, requestId } = event.requestContext
  return {
    method: http.method,
    path: event.rawPath,
    query: event.rawQueryString,
    headers: event.headers,
    cookies: event.cookies ?? [],
    body,
    clientIp: http.sourceIp,
    requestId,
  }
}
