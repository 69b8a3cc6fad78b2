/** API Gateway's HTTP API event, payload format 2.0, and the reply it makes of a function's. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ACCOUNT } from './cfn.ts'
import { decoded } from './routes.ts'
import type { Match } from './routes.ts'

const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded)\b)|\+(json|xml)\b/i

/** Splits a request target without judging it; `http://host/path` loses its host. */
export function splitTarget(target: string): { path: string; query: string } {
  const local = target.replace(/^[a-z]+:\/\/[^/?]*/i, '')
  const at = local.indexOf('?')
  const path = at < 0 ? local : local.slice(0, at)
  return { path: path || '/', query: at < 0 ? '' : local.slice(at + 1) }
}

/** The event a function gets. */
export function gatewayEvent(
  request: IncomingMessage,
  match: Match<unknown>,
  body: Buffer,
  port: number,
) {
  const { path, query } = splitTarget(request.url ?? '/')
  const sourceIp = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const requestId = randomUUID()
  const now = new Date()
  const headers = joinedHeaders(request)
  const isText = TEXT.test(headers['content-type'] ?? 'text/plain')
  const queryStringParameters = joinedQuery(query)
  const { cookie } = request.headers

  return {
    version: '2.0',
    routeKey: match.route.key,
    rawPath: path,
    rawQueryString: query,
    ...(cookie ? { cookies: cookie.split('; ') } : {}),
    headers: {
      ...headers,
      'x-forwarded-for': [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': String(port),
      'x-forwarded-proto': 'http',
    },
    ...(queryStringParameters ? { queryStringParameters } : {}),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'local',
      domainName: request.headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: match.route.key,
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    ...(match.pathParameters ? { pathParameters: match.pathParameters } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

export type GatewayReply = {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer
}

/** Undefined for what API Gateway answers with its own 500. */
export function gatewayReply(value: unknown): GatewayReply | undefined {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
    return { status: 200, headers: { 'content-type': 'application/json' }, body }
  }
  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded } = value as FunctionReply
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined
  const lower = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)])
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(lower),
      ...(cookies ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  }
}

type FunctionReply = {
  statusCode: unknown
  headers?: Record<string, unknown>
  cookies?: string[]
  body?: string
  isBase64Encoded?: boolean
}

function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headersDistinct).filter(([name]) => name !== 'cookie')
  return Object.fromEntries(entries.map(([name, values]) => [name, values!.join(',')]))
}

function joinedQuery(query: string): Record<string, string> | undefined {
  if (query === '') return undefined
  const joined = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [name = '', ...rest] = pair.split('=').map((part) => decoded(part.replaceAll('+', ' ')))
    const value = rest.join('=')
    joined.set(name, joined.has(name) ? `${joined.get(name)},${value}` : value)
  }
  return Object.fromEntries(joined)
}

/** `21/Nov/2026:02:33:00 +0000` */
function gatewayTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(/,? /)
  return `${day}/${month}/${year}:${time} +0000`
}
