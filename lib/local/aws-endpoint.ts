/** The one loopback address that answers for every AWS service: what AWS_ENDPOINT_URL points to. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setMaxIdleHTTPParsers } from 'node:http'
import { AwsError, unknownOperation } from './aws-error.ts'
import type { Faults } from './faults.ts'
import { close, isOwnRequest, listen, LOOPBACK, readBody } from './loopback.ts'

type Json = Record<string, any>

/** A service that speaks AWS's JSON protocol: one operation, one JSON object in, one out. */
export type JsonService = { call(operation: string, body: Json): Promise<Json> | Json }

/** What a REST service makes of a request: which operation it is, and how to perform it. */
export type RestCall = { operation: string; perform: () => Promise<RestReply> }
export type RestReply = { status?: number; headers?: Record<string, string>; body: unknown }

/** A service that speaks REST. Undefined for paths that are not its own. */
export type RestService = {
  route(method: string, path: string, body: Buffer): RestCall | undefined
}

export type AwsServices = {
  dynamodb: JsonService
  sqs: JsonService
  ssm: JsonService
  kms: JsonService
  cognito?: JsonService
  ses: RestService
  lambda: RestService
}

export type AwsEndpoint = { url: string; stop(): Promise<void> }

const JSON_SERVICES = {
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  AmazonSSM: 'ssm',
  TrentService: 'kms',
  AWSCognitoIdentityProviderService: 'cognito',
} as const
const REST_SERVICES = ['ses', 'lambda'] as const

const THROTTLED: Record<string, string> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  sqs: 'com.amazonaws.sqs#RequestThrottled',
  lambda: 'TooManyRequestsException',
  ses: 'TooManyRequestsException',
}
const MAX_BODY = 64 * 1024 * 1024

type Call = { service: string; operation: string; body: Json; perform: () => Promise<RestReply> }

/** Starts the endpoint on a free port. */
export async function startAwsEndpoint(
  services: AwsServices,
  faults: Faults,
): Promise<AwsEndpoint> {
  setMaxIdleHTTPParsers(256)
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(services, faults, request, response).catch(() => request.socket.destroy())
  })
  const port = await listen(server, 0, 'AWS_ENDPOINT_URL')
  return { url: `http://${LOOPBACK}:${port}`, stop: () => close(server) }
}

async function serve(
  services: AwsServices,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOwnRequest(request)) return void response.writeHead(403).end()
  const raw = await readBody(request, MAX_BODY)
  if (!raw) return void response.writeHead(413).end()
  const reply = await answer(services, faults, request, raw)
  if (reply === 'drop') request.socket.destroy()
  if (typeof reply === 'object') send(response, reply)
}

/** The reply; `drop` to cut the connection, `never` to leave it open without one. */
async function answer(
  services: AwsServices,
  faults: Faults,
  request: IncomingMessage,
  raw: Buffer,
): Promise<RestReply | 'drop' | 'never'> {
  try {
    const call = route(services, request, raw)
    const effect = faults.strike(call.service, call.operation, call.body)
    if (effect === 'reset') return 'drop'
    if (effect === 'timeout') return 'never'
    if (effect === 'throttle') throw throttled(call.service)
    if (typeof effect === 'object') {
      throw new AwsError(effect.type, 'Planted fault', {}, effect.status)
    }
    if (effect !== 'lost-reply') return await call.perform()
    // A refusal is a reply too.
    await Promise.allSettled([call.perform()])
    return 'drop'
  } catch (error) {
    return failure(error)
  }
}

function route(services: AwsServices, request: IncomingMessage, raw: Buffer): Call {
  const [prefix = '', operation] = String(request.headers['x-amz-target'] ?? '').split('.')
  if (operation) return routeJson(services, prefix, operation, parseJson(raw))
  const { method = 'GET', url = '/' } = request
  const path = url.split('?')[0]!
  for (const service of REST_SERVICES) {
    const call = services[service].route(method, path, raw)
    if (call) return { service, body: parseJson(raw), ...call }
  }
  throw unknownOperation(method, path)
}

function routeJson(services: AwsServices, prefix: string, operation: string, body: Json): Call {
  const service = JSON_SERVICES[prefix as keyof typeof JSON_SERVICES]
  if (!service) throw unknownOperation(prefix, operation)
  const asked = services[service]
  if (!asked) throw unknownOperation(prefix, operation)
  const perform = async () => ({ body: await asked.call(operation, body) })
  return { service, operation, body, perform }
}

function parseJson(raw: Buffer): Json {
  if (raw.length === 0) return {}
  try {
    const value: unknown = JSON.parse(raw.toString())
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.')
  }
}

function throttled(service: string): AwsError {
  return new AwsError(THROTTLED[service] ?? 'ThrottlingException', 'Rate exceeded')
}

function failure(error: unknown): RestReply {
  if (!(error instanceof AwsError)) {
    console.error(error)
    return failure(new AwsError('InternalFailure', 'The local stack failed.', {}, 500))
  }
  return {
    status: error.status,
    headers: { 'x-amzn-errortype': error.code },
    body: { __type: error.type, message: error.message, ...error.members },
  }
}

function send(response: ServerResponse, reply: RestReply): void {
  if (response.destroyed) return
  const body = reply.body === undefined ? '' : JSON.stringify(reply.body)
  response.writeHead(reply.status ?? 200, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...reply.headers,
  })
  response.end(body)
}
