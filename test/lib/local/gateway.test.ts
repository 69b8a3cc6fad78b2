import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../../../lib/local/gateway.ts'
import { startStack } from '../../../lib/local/stack.ts'
import type { LocalStack } from '../../../lib/local/stack.ts'
import { writeFixture } from './fixture.ts'

let stack: LocalStack
const lines: string[] = []
beforeAll(async () => {
  const log = (line: string) => void lines.push(line)
  stack = await startStack({ data: 'memory', synthesized: writeFixture(), log })
})
afterAll(() => stack.stop())

type Echo = { event: Record<string, any>; environment: Record<string, string> }
const echo = async (path: string, init?: RequestInit): Promise<Echo> =>
  (await fetch(stack.api + path, init)).json() as Promise<Echo>

/** Sends bytes no HTTP client would and returns the first line of the answer. */
async function raw(request: string): Promise<string> {
  const socket = connect(Number(new URL(stack.api).port), '127.0.0.1')
  socket.write(request)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString().split('\r\n')[0]!
}

test('a request arrives as payload 2.0', async () => {
  const { event } = await echo('/users/a%20b?x=1&x=2&y=%zz&z=a+b', {
    headers: { cookie: 'a=1; b=2', 'X-Some': 'Value' },
  })
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'GET /users/{id}',
    rawPath: '/users/a%20b',
    rawQueryString: 'x=1&x=2&y=%zz&z=a+b',
    queryStringParameters: { x: '1,2', y: '%zz', z: 'a b' },
    pathParameters: { id: 'a b' },
    cookies: ['a=1', 'b=2'],
    headers: { 'x-some': 'Value', 'x-forwarded-for': '127.0.0.1' },
    requestContext: {
      routeKey: 'GET /users/{id}',
      stage: '$default',
      http: { method: 'GET', path: '/users/a%20b', sourceIp: '127.0.0.1', protocol: 'HTTP/1.1' },
    },
    isBase64Encoded: false,
  })
  expect(event.headers).not.toHaveProperty('cookie')
  expect(event).not.toHaveProperty('body')
  expect(event.requestContext.time).toMatch(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
})

test.each([
  ['application/x-www-form-urlencoded', false],
  ['application/json; charset=utf-8', false],
  ['text/plain', false],
  ['application/problem+json', false],
  ['application/octet-stream', true],
  ['image/png', true],
])('a body of type %s is base64: %s', async (type, isBase64Encoded) => {
  const { event } = await echo('/form', {
    method: 'POST',
    body: 'user=ä',
    headers: { 'content-type': type },
  })
  const body = isBase64Encoded ? Buffer.from('user=ä').toString('base64') : 'user=ä'
  expect(event).toMatchObject({ body, isBase64Encoded })
})

test('a function sees its own environment only', async () => {
  process.env.OTPOST_TEST_SECRET = 'outside'
  const { environment } = await echo('/x')
  expect(environment).toMatchObject({
    OTPOST_TOKENS_TABLE: 'Tokens',
    OTPOST_KEY_ARN: 'arn:aws:kms:us-east-1:000000000000:key/Key',
    AWS_LAMBDA_FUNCTION_NAME: 'otpost-local-echo',
    AWS_ENDPOINT_URL: stack.endpoint,
  })
  expect(environment).not.toHaveProperty('OTPOST_TEST_SECRET')
  expect(environment).not.toHaveProperty('ABSENT')
})

test('a reply keeps its status, headers, cookies and bytes', async () => {
  const response = await fetch(`${stack.api}/reply`)
  expect(response.status).toBe(418)
  expect(response.headers.get('x-a')).toBe('b')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 1, 255])
})

test.each(['/fail', '/exit', '/odd'])('%s is a bare 500', async (path) => {
  const response = await fetch(stack.api + path)
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ message: 'Internal Server Error' })
})

test('what a function prints arrives before its reply', async () => {
  lines.length = 0
  await fetch(`${stack.api}/log`)
  expect(lines).toEqual([JSON.stringify({ level: 'INFO', said: 'hello' })])
})

test.each(['HEAD', 'OPTIONS', 'DELETE'])('%s is answered', async (method) => {
  const response = await fetch(`${stack.api}/x`, { method })
  expect(response.status).toBe(200)
})

test('a body of more than 10 MB is too long', async () => {
  const body = Buffer.alloc(10 * 1024 * 1024 + 1, 'a')
  const response = await fetch(`${stack.api}/x`, { method: 'POST', body })
  expect(response.status).toBe(413)
  expect(await response.json()).toEqual({ message: 'Request Too Long' })
})

test.each([
  ['GET /%zz?%zz HTTP/1.1\r\nhost: a\r\n\r\n', 'HTTP/1.1 200 OK'],
  ['GET //[:: HTTP/1.1\r\nhost: a\r\n\r\n', 'HTTP/1.1 200 OK'],
  ['GET http://[/x HTTP/1.1\r\nhost: a\r\n\r\n', 'HTTP/1.1 200 OK'],
  ['GET /x HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
])('%j does no harm', async (request, status) => {
  expect(await raw(request)).toBe(status)
  expect((await fetch(`${stack.api}/x`)).status).toBe(200)
})

test('a function that takes too long is unavailable', async () => {
  const never = { key: 'ANY /{proxy+}', target: () => new Promise<unknown>(() => {}) }
  const gateway = await startGateway([never], 0, 20)
  const response = await fetch(`${gateway.url}/x`)
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ message: 'Service Unavailable' })
  await gateway.stop()
})
