import { beforeEach, describe, expect, it } from 'vitest'
import { application } from '../../../functions/http/application.ts'
import { ForbiddenError, MalformedRequestError } from '../../../functions/http/errors.ts'
import { value } from '../../../functions/http/linotp/envelope.ts'
import { refusal } from '../../../functions/http/linotp/refused.ts'
import { answerLinotp, type Handler } from '../../../functions/http/linotp/wire.ts'
import { notFound } from '../../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../../support/http.ts'
import { policy } from '../../support/policies.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let send: ReturnType<typeof httpClient>
let handle: Handler<unknown>

beforeEach(() => {
  world = createWorld()
  handle = async (_, { parameters, frame }) => value(parameters.all(), {}, frame)
  const route = (method: string, path: string) => ({
    method,
    path,
    handle: ((ports, call) => handle(ports, call)) as Handler<unknown>,
  })
  const routes = [
    route('POST', '/linotp/x'),
    route('GET', '/linotp/y'),
    route('POST', '/linotp/validate/simplecheck'),
  ]
  const { ports } = world
  send = httpClient(
    application(ports, [(request) => answerLinotp(routes, ports, request)], notFound),
  )
})

const failing = (error: unknown) => {
  handle = async () => {
    throw error
  }
}

describe("LinOTP's envelope", () => {
  it('surrounds what was understood', async () => {
    const { json } = await send('/linotp/x', { form: { a: '1' } })
    expect(json).toEqual({
      jsonrpc: '2.0802',
      result: { status: true, value: { a: '1' } },
      id: 1,
      version: 'LinOTP 3.4.4',
      versionNumber: '3.4.4',
    })
  })

  it('keeps its version where a policy hides it', async () => {
    world.set(policy('hardening', 'hide_version'))
    const { json } = await send('/linotp/x', { form: {} })
    expect(Object.keys(json).sort()).toEqual(['id', 'jsonrpc', 'result'])
  })

  it.each([
    [refusal(1102, 'No token'), 200, 1102, 'ERR1102: No token'],
    [refusal(-311, 'Something else'), 200, -311, 'Something else'],
    [new MalformedRequestError('a is wrong.', 'a'), 200, 905, 'ERR905: a is wrong.'],
    [new ForbiddenError('no_session', 'x'), 401, -311, 'Not authenticated'],
    [new ForbiddenError('client', 'Not here.'), 403, 510, 'ERR510: Not here.'],
  ])('%s', async (error, status, code, message) => {
    failing(error)
    const answer = await send('/linotp/x', { form: {} })
    expect(answer.status).toBe(status)
    expect(answer.json.result).toEqual({ status: false, error: { code, message } })
    expect(answer.json.id).toBe(1)
  })

  it('says no more than that something is down', async () => {
    failing(new Error('secret cause'))
    const { status, text, json } = await send('/linotp/x', { form: {} })
    expect(status).toBe(503)
    expect(json.result.error.code).toBe(-311)
    expect(text).not.toContain('secret')
    expect(world.lines.at(-2)).toMatchObject({ level: 'error', message: 'request failed' })
  })

  it('a fault of simplecheck is a frown', async () => {
    failing(new Error('x'))
    const { status, text } = await send('/linotp/validate/simplecheck', { form: {} })
    expect({ status, text }).toEqual({ status: 503, text: ':-(' })
  })
})

describe('httperror', () => {
  it.each([
    ['444', 444],
    ['200', 200],
    ['abc', 500],
    ['', 500],
    ['100', 500],
    ['99999', 500],
  ])('=%s makes a page of an error, with the status %i', async (httperror, status) => {
    failing(refusal(905, '<script>'))
    const answer = await send('/linotp/x', { form: { httperror } })
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toMatch(/^text\/html/)
    expect(answer.text).toContain('ERR905: &#60;script&#62;')
  })

  it('leaves answers alone', async () => {
    expect((await send('/linotp/x', { form: { httperror: '444' } })).status).toBe(200)
  })
})

describe('requests', () => {
  it('are refused with the methods a path has', async () => {
    const answer = await send('/linotp/x')
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('OPTIONS, POST')
    expect((await send('/linotp/none')).status).toBe(404)
  })

  it('the query goes before the form; JSON stands alone', async () => {
    const form = await send('/linotp/x', { query: 'a=query&b=%2541', form: { a: 'form', c: '1' } })
    expect(form.json.result.value).toEqual({ a: 'query', b: '%41', c: '1' })
    const json = await send('/linotp/x', { query: 'b=2', json: { a: 1 } })
    expect(json.json.result.value).toEqual({ a: 1 })
  })

  it('only serial[] may come more than once', async () => {
    const { json } = await send('/linotp/x', { form: 'serial[]=A&serial[]=B' })
    expect(json.result.value).toEqual({ 'serial[]': ['A', 'B'] })
    const other = await send('/linotp/x', { form: 'user[]=A&user[]=B' })
    expect(other.json.result.error.message).toBe('ERR905: user[] is given more than once.')
  })

  it('more than 100 values are refused, in a list too', async () => {
    const form = Array.from({ length: 101 }, () => 'serial[]=A').join('&')
    const { json } = await send('/linotp/x', { form })
    expect(json.result.error.message).toBe('ERR905: At most 100 parameters are accepted.')
  })
})
