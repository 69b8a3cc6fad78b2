/** Requests nobody sends on purpose: each has a defined answer, and none is the service's fault. */
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generator, type FuzzRequest } from './support-fuzz.ts'
import { adminSession, logsIn, selfServiceSession, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

const REQUESTS = Number(process.env.OTPOST_FUZZ || 20_000)
const SEED = Number(process.env.OTPOST_FUZZ_SEED || 1)
const SIDE_BY_SIDE = 8

let world: TestStack
let headers: Record<string, string>
/** Somebody's session in the self-service. */
let own: string
beforeAll(async () => {
  world = await startTestStack()
  headers = await adminSession(world)
  own = await selfServiceSession(world, await world.addUser('1234'))
})
afterAll(() => world.stack.stop())

type RawAnswer = { status: number; type: string; text: string }

/** Sends bytes as they are, which `fetch` would not. */
function send({ method, target, headers: own, body }: FuzzRequest): Promise<RawAnswer> {
  const headers = body ? { ...own, 'content-length': String(body.length) } : own
  const { hostname, port } = new URL(world.stack.api)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: target, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const type = response.headers['content-type'] ?? ''
        resolve({ status: response.statusCode!, type, text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What is wrong with an answer; undefined: nothing. */
function objection({ method, target }: FuzzRequest, { status, type, text }: RawAnswer) {
  if (status >= 500) return 'is a fault'
  if (method === 'HEAD' || method === 'OPTIONS' || text === '') return undefined
  // of another method the reference, too, says nothing in JSON
  const path = target.split('?')[0]!
  if (type.startsWith('text/csv') && path.startsWith('/audit/')) return undefined
  const isFile = status === 200 && path.startsWith('/policy/export/')
  if (isFile && type.startsWith('text/plain')) return undefined
  if (path === '/linotp/validate/simplecheck' && type.startsWith('text/plain')) {
    return /^:-\((?: \d{20} [^\r\n]+)?$/.test(text) ? undefined : 'is no frown'
  }
  if (!type.includes('json')) return status === 405 ? undefined : `is ${type}`
  const body = JSON.parse(text)
  if (status === 404 && typeof (body.error ?? body.message) === 'string') return undefined
  if (status === 413) return undefined
  if (path.startsWith('/v1') || path === '/healthz') return objectionOfV1(status, type, body)
  if (path.startsWith('/linotp/')) return objectionOfLinotp(path, body)
  return objectionOfPrivacyIdea(status, body)
}

function objectionOfLinotp(path: string, { jsonrpc, result, id, version }: any) {
  if (jsonrpc !== '2.0802' || !Number.isInteger(id) || typeof version !== 'string') {
    return 'lacks the envelope'
  }
  if (typeof result?.status !== 'boolean') return 'has no result.status'
  const { value, error } = result
  const lets = [value, value?.auth, value?.value].includes(true)
  if (lets && /^\/linotp\/validate\/(check|check_s|check_t|samlcheck)$/.test(path)) return 'lets in'
  if (error === undefined) return value === undefined ? 'has no value' : undefined
  return Number.isInteger(error.code) && typeof error.message === 'string'
    ? undefined
    : 'has no error'
}

function objectionOfV1(status: number, type: string, body: any): string | undefined {
  if (body.accepted === true) return 'lets in'
  if (status < 400) return undefined
  if (!type.startsWith('application/problem+json')) return 'is no problem document'
  return body.status === status && /^urn:otpost:problem:\w+$/.test(body.type)
    ? undefined
    : 'is no valid problem document'
}

function objectionOfPrivacyIdea(status: number, body: any): string | undefined {
  const { jsonrpc, result, version, time } = body
  if (jsonrpc !== '2.0' || typeof version !== 'string' || typeof time !== 'number') {
    return 'lacks the envelope'
  }
  if (result?.authentication === 'ACCEPT' && !('rights' in result.value)) return 'lets in'
  const good = status < 400
  if (result?.status !== good) return 'has the wrong result.status'
  if (good) return 'value' in result ? undefined : 'has no value'
  const { code, message } = result.error ?? {}
  return Number.isInteger(code) && typeof message === 'string' ? undefined : 'has no error'
}

/** Requests of an administrator may name a mail server that does not exist; mail then fails rightly. */
const namesNoServer = ({ message, failure }: Record<string, unknown>) =>
  message === 'not delivered' && failure === 'configuration'

test(`${REQUESTS} requests have defined answers`, { timeout: 30_000 + REQUESTS * 10 }, async () => {
  const parameters = (await world.mail.get('/api/parameters')).json
  const next = generator(SEED, headers.authorization!, own)
  const faults: object[] = []
  const statuses = new Map<number, number>()
  let left = REQUESTS
  const worker = async () => {
    while (left-- > 0 && faults.length < 5) {
      const one = next()
      const answer = await send(one)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      const wrong = objection(one, answer)
      if (wrong) faults.push({ ...one, body: one.body?.toString('latin1'), wrong, answer })
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  expect(faults).toEqual([])
  // a good part gets past the first check
  expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 20)
  const failures = world.lines.filter(
    ({ fields }) => /^error$/i.test(String(fields.level)) && !namesNoServer(fields),
  )
  expect(failures.map(({ text }) => text)).toEqual([])
  await world.mail.json('PUT', '/api/parameters', parameters)
  // a newcomer each time: every try uses up some of what one may ask for
  await expect.poll(async () => logsIn(world, await world.addUser('1234'))).toBe(true)
})
