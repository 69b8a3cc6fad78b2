/** Calls a handler as API Gateway would (payload 2.0). */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import type { Reply } from '../../functions/http/reply.ts'

export type Send = {
  method?: string
  query?: string
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Record<string, string> | string
  json?: unknown
  /** A body of any other kind, with its content type in `headers`. */
  body?: string | Buffer
  headers?: Record<string, string>
  /** `name=value` each. */
  cookies?: string[]
  ip?: string
}
export type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Reply>
export type Answer = {
  status: number
  headers: Record<string, string>
  /** `Set-Cookie`, one each. */
  cookies: string[]
  text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any
}

let requests = 0

export function httpClient(handler: unknown) {
  return async (path: string, options: Send = {}): Promise<Answer> => {
    const reply = await (handler as Handler)(eventOf(path, options), {} as Context)
    return {
      status: reply.statusCode,
      headers: reply.headers,
      cookies: reply.cookies ?? [],
      text: reply.body,
      json: parsed(reply.body),
    }
  }
}

function eventOf(path: string, { query = '', ...options }: Send): APIGatewayProxyEventV2 {
  const { body, type } = bodyOf(options)
  const method = options.method ?? (body === undefined ? 'GET' : 'POST')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { ...(type ? { 'content-type': type } : {}), ...options.headers },
    ...(options.cookies ? { cookies: options.cookies } : {}),
    requestContext: {
      accountId: '000000000000',
      apiId: 'test',
      domainName: 'localhost',
      domainPrefix: 'test',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: options.ip ?? '192.0.2.1',
        userAgent: options.headers?.['user-agent'] ?? '',
      },
      requestId: `http-${++requests}`,
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...(body === undefined ? {} : { body: body.toString('base64') }),
    isBase64Encoded: body !== undefined,
  }
}

function bodyOf({ form, json, body }: Send): { body?: Buffer; type?: string } {
  if (form !== undefined) {
    const text = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    return { body: Buffer.from(text), type: 'application/x-www-form-urlencoded' }
  }
  if (json !== undefined)
    return { body: Buffer.from(JSON.stringify(json)), type: 'application/json' }
  return body === undefined ? {} : { body: Buffer.from(body) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
