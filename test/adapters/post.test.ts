import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { post } from '../../functions/adapters/post.ts'

let server: Server
let url: string
const connections = new Set<Socket>()
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (body === 'silent') return
      response.writeHead(body === 'refuse' ? 403 : 200)
      if (body === 'half') response.write('half of it', () => response.destroy())
      else response.end(JSON.stringify({ body, name: request.headers['x-name'] }))
    })
  })
  server.on('connection', (socket) => connections.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it('sends body and headers, and gives status and text', async () => {
  const { status, text } = await post(url, { 'x-name': 'value' }, 'Grüße', 1000)
  expect(status).toBe(200)
  expect(JSON.parse(text)).toEqual({ body: 'Grüße', name: 'value' })
  expect(await post(url, {}, 'refuse', 1000)).toMatchObject({ status: 403 })
})

it('keeps the connection', async () => {
  await post(url, {}, 'one', 1000)
  const before = connections.size
  await post(url, {}, 'two', 1000)
  expect(connections.size).toBe(before)
})

it('rejects when no whole answer comes in time', async () => {
  await expect(post(url, {}, 'silent', 50)).rejects.toThrow('No answer within 50 ms')
  await expect(post(url, {}, 'half', 1000)).rejects.toThrow()
  await expect(post('http://127.0.0.1:9/', {}, '', 1000)).rejects.toThrow(/ECONNREFUSED/)
})
