import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonService, type JsonServiceOptions } from '../../functions/adapters/json-call.ts'

type Reply = { status: number; body: string } | 'reset'

let server: Server
let endpoint: string
let replies: Reply[]
let calls: { target: string; body: string; socket: Socket }[]

beforeEach(async () => {
  calls = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const target = String(request.headers['x-amz-target'])
      calls.push({ target, body, socket: request.socket })
      const reply = replies.shift() ?? { status: 200, body: '{"MessageId":"ä1"}' }
      if (reply === 'reset') request.socket.destroy()
      else response.writeHead(reply.status).end(reply.body)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const service = (options: Partial<JsonServiceOptions> = {}) =>
  jsonService({
    service: 'sqs',
    prefix: 'AmazonSQS',
    version: '1.0',
    region: 'eu-central-1',
    endpoint,
    credentials: () => ({ accessKeyId: 'id', secretAccessKey: 'key' }),
    ...options,
  })

const THROTTLED = { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled"}' }
const DOWN = { status: 503, body: '<html>' }

describe('a call', () => {
  it('gets the answer', async () => {
    replies = []
    const reply = await service()('SendMessage', { MessageBody: 'ü' })
    expect(reply).toEqual({ answer: { MessageId: 'ä1' } })
    expect(calls).toMatchObject([{ target: 'AmazonSQS.SendMessage', body: '{"MessageBody":"ü"}' }])
  })

  it.each<[string, Reply[]]>([
    ['the connection breaks', ['reset', 'reset']],
    ['the service is down', [DOWN, DOWN]],
    ['it is throttled', [THROTTLED, THROTTLED]],
  ])('is repeated twice when %s', async (_, bad) => {
    replies = [...bad]
    expect(await service()('SendMessage', {})).toHaveProperty('answer')
    expect(calls).toHaveLength(3)
  })

  it('is given up after three tries', async () => {
    replies = [DOWN, 'reset', THROTTLED, DOWN, DOWN, 'reset']
    expect(await service()('SendMessage', {})).toEqual({ fault: 'RequestThrottled' })
    await expect(service()('SendMessage', {})).rejects.toThrow()
    expect(calls).toHaveLength(6)
  })

  it('is not repeated when it was refused', async () => {
    replies = [{ status: 400, body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}' }]
    expect(await service()('SendMessage', {})).toEqual({ fault: 'QueueDoesNotExist' })
    expect(calls).toHaveLength(1)
  })

  it('goes over the connection of the one before', async () => {
    replies = []
    await service()('SendMessage', {})
    await service()('SendMessage', {})
    expect(calls[1]!.socket).toBe(calls[0]!.socket)
  })
})
