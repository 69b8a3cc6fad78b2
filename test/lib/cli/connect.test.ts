import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTo } from '../../../lib/cli/connect.ts'
import { call } from '../../../lib/cli/target.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listening(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return String((server.address() as AddressInfo).port)
}

type Answer = { status?: number; headers?: Record<string, string>; body: unknown }

/** A local stack whose endpoint answers every call alike and keeps the paths it was asked for. */
async function stack(answer: Answer) {
  const requests: { path: string; target: string; body: string }[] = []
  const port = await listening(async (request, response) => {
    if (request.url === '/api/stack') {
      response.end(JSON.stringify({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' }))
      return
    }
    const body = await text(request)
    const target = String(request.headers['x-amz-target'] ?? '')
    requests.push({ path: request.url!, target, body })
    response.writeHead(answer.status ?? 200, answer.headers).end(JSON.stringify(answer.body))
  })
  return { requests, connect: () => connectTo({ OTPOST_MAIL_PORT: port })({ stage: 'local' }) }
}

const failure = (type: string, status = 400, message = 'no'): Answer => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { __type: type, message },
})

describe('the local stage', () => {
  it("invokes the operator's function of the running stack", async () => {
    const { connect, requests } = await stack({ body: { ok: true, value: [] } })
    expect(await call(await connect(), 'admin.list', {})).toEqual([])
    expect(requests).toEqual([
      {
        path: '/2015-03-31/functions/otpost-local-operator/invocations',
        target: '',
        body: '{"command":"admin.list","args":{},"caller":"local"}',
      },
    ])
  })

  it('has the parameters published by its configure function', async () => {
    const { connect, requests } = await stack({ body: { version: 2, problems: [] } })
    expect(await (await connect()).configure()).toEqual({ version: 2, problems: [] })
    expect(requests[0]!.path).toContain('otpost-local-configure')
  })

  it('reads the parameters of the stage local', async () => {
    const Parameters = [{ Name: '/otpost/local/email.port', Type: 'String', Value: '25' }]
    const { connect, requests } = await stack({ body: { Parameters } })
    expect(await (await connect()).parameters.list()).toEqual({
      values: { 'email.port': '25' },
      secrets: {},
      secretsMadeAt: {},
    })
    expect(JSON.parse(requests[0]!.body)).toMatchObject({ Path: '/otpost/local' })
  })

  it.each([
    ['nothing answers', undefined],
    ['something else answers', '<html>'],
    ['something else answers in JSON', '{"name": "other"}'],
  ])('says in one sentence what to do when %s', async (_when, body) => {
    const port = await listening((_request, response) => response.end(body))
    if (body === undefined) {
      const server = servers.pop()!.close()
      await once(server, 'close')
    }
    await expect(connectTo({ OTPOST_MAIL_PORT: port })({ stage: 'local' })).rejects.toThrow(
      `The local stack is not running (nothing of it answers at 127.0.0.1:${port}): ` +
        'start it with `npm start`, or name a deployed stage with --stage.',
    )
  })
})

describe('what AWS refuses', () => {
  it.each([
    [
      failure('ResourceNotFoundException', 404),
      'There is no Otpost of the stage local in us-east-1',
    ],
    [failure('AccessDeniedException', 403, 'not authorized'), 'may not do this: not authorized'],
    [failure('ExpiredTokenException', 403), 'The AWS credentials have expired: sign in again.'],
    [failure('UnrecognizedClientException', 403), 'AWS does not know these credentials'],
    [failure('TooManyRequestsException', 429), 'try again in a moment'],
  ])('is said in words an operator can use: %#', async (answer, says) => {
    const { connect } = await stack(answer)
    const target = await connect()
    await expect(target.invoke('admin.list', {})).rejects.toMatchObject({
      name: 'CommandFailure',
      code: 'unavailable',
      message: expect.stringContaining(says),
    })
  })

  it('points to the log of a function that failed', async () => {
    const headers = { 'x-amz-function-error': 'Unhandled' }
    const { connect } = await stack({ headers, body: { errorMessage: 'boom' } })
    const target = await connect()
    await expect(target.invoke('admin.list', {})).rejects.toThrow(
      'The function otpost-local-operator failed; see its log /otpost/local/operator.',
    )
  })
})

describe('a deployed stage', () => {
  it.each(['Prod', 'a/b', '', '-x', 'x'.repeat(21)])('is not named %j', async (stage) => {
    await expect(connectTo({})({ stage })).rejects.toThrow('--stage is a lower-case name')
  })

  it('says which profile has no credentials', async () => {
    const options = { stage: 'prod', region: 'eu-central-1', profile: 'no-such-profile' }
    const target = await connectTo({})(options)
    await expect(target.invoke('admin.list', {})).rejects.toThrow(
      /No AWS credentials could be used from the profile no-such-profile\..*--profile/,
    )
  })
})
