import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { application } from '../../../functions/http/application.ts'
import { apiKeyIn } from '../../support/api-keys.ts'
import { issueSession } from '../../../functions/core/sign-in.ts'
import { VALIDATE_ROUTES } from '../../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../../support/http.ts'
import { authentication, policy } from '../../support/policies.ts'
import { createWorld, otherThan, type World } from '../../support/world.ts'

let world: World
let send: ReturnType<typeof httpClient>
const check = (form: Record<string, string>) => send('/validate/check', { form })

beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
  await world.addUser('dave')
  const { ports } = world
  send = httpClient(
    application(ports, [(request) => answer(VALIDATE_ROUTES, ports, request)], notFound),
  )
})

describe('the answers clients decide on', () => {
  it('a challenge: not let in, with everything a plugin looks for', async () => {
    const { status, json } = await check({ user: 'alice', pass: '1234' })
    expect(status).toBe(200)
    expect(json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: false })
    const { detail } = json
    expect(detail.transaction_id).toMatch(/^[0-9]{20}$/)
    expect(detail).toMatchObject({
      attributes: { state: null, valid_until: '2026-11-21 12:02:00.000000' },
      client_mode: 'interactive',
      message: 'Enter the OTP from the Email',
      messages: ['Enter the OTP from the Email'],
      multi_challenge: [
        { transaction_id: detail.transaction_id, type: 'email', serial: 'EMALICE' },
      ],
      preferred_client_mode: 'interactive',
      serial: 'EMALICE',
      transaction_ids: [detail.transaction_id],
      type: 'email',
    })
    expect(JSON.stringify(json)).not.toContain(world.lastCode())
  })

  it('the right code: let in, and the second time not', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const form = { user: 'alice', transaction_id: transactionId, pass: otp }
    const first = await check(form)
    expect(first.json.result).toEqual({ authentication: 'ACCEPT', status: true, value: true })
    expect(first.json.detail).toMatchObject({
      message: 'Found matching challenge',
      serial: 'EMALICE',
    })
    const second = await check(form)
    expect(second.json.result).toEqual({ authentication: 'REJECT', status: true, value: false })
    expect(second.json.detail).toEqual({ message: 'wrong otp pin', threadid: 1 })
  })

  it('takes the id as `state` too', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { json } = await check({ user: 'alice', state: transactionId, pass: otp })
    expect(json.result.authentication).toBe('ACCEPT')
  })

  it('PIN and code in one', async () => {
    const { otp } = await world.triggered('alice')
    const { json } = await check({ user: 'alice', pass: `1234${otp}` })
    expect(json.detail).toMatchObject({ message: 'matching 1 tokens', otplen: 6, type: 'email' })
  })

  it('a wrong code carries no transaction_id, or FreeRADIUS would ask again', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const { json } = await check({
      user: 'alice',
      transaction_id: transactionId,
      pass: otherThan(otp),
    })
    expect(json.detail).toEqual({
      message: 'Response did not match the challenge.',
      serial: 'EMALICE',
      threadid: 1,
      type: 'email',
    })
  })

  it.each([
    [{ user: 'nobody', pass: 'x' }, 400, 904, 'ERR904: User <nobody@demo> does not exist.'],
    [
      { user: 'alice', realm: 'nope', pass: 'x' },
      400,
      904,
      'ERR904: User <alice@nope> does not exist.',
    ],
    [{ pass: 'x' }, 400, 905, 'ERR905: You need to specify a serial, user or credential_id.'],
    [
      { user: '', pass: 'x' },
      400,
      905,
      'ERR905: You need to specify a serial, user or credential_id.',
    ],
    [{ user: 'alice' }, 400, 905, 'ERR905: Missing parameter: pass'],
    [{ serial: 'NOPE', pass: 'x' }, 404, 601, 'The requested token could not be found.'],
    [{ serial: 'EM*', pass: 'x' }, 400, 905, 'ERR905: Invalid serial number.'],
    [
      { serial: 'EMALICE', user: 'dave', pass: 'x' },
      400,
      905,
      'ERR905: Given serial does not belong to given user!',
    ],
  ])('%o → %i %i', async (form, status, code, message) => {
    const reply = await check(form as Record<string, string>)
    expect(reply.status).toBe(status)
    expect(reply.json.result).toEqual({ status: false, error: { code, message } })
  })

  it('a user without a token', async () => {
    const { json } = await check({ user: 'dave', pass: 'x' })
    expect(json.detail.message).toBe('The user has no tokens assigned')
  })

  it('tells a mail that could not be sent from a wrong PIN', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.result.authentication).toBe('REJECT')
    expect(json.detail).toMatchObject({
      message: 'The PIN was correct, but the EMail could not be sent!',
      multi_challenge: [],
      transaction_ids: [],
    })
  })

  it('echoes the nonce', async () => {
    expect((await check({ user: 'alice', pass: 'x', nonce: 'abc' })).json.nonce).toBe('abc')
  })
})

describe('the ways a request may come', () => {
  const multipart = ['--b', 'Content-Disposition: form-data; name="user"', '', 'alice', '--b']
    .concat(['Content-Disposition: form-data; name="pass"', '', '1234', '--b--', ''])
    .join('\r\n')
  it.each([
    ['a query', { method: 'GET', query: 'user=alice&pass=1234&' }],
    ['JSON', { json: { user: 'alice', pass: '1234' } }],
    [
      'text/plain JSON',
      { body: '{"user":"alice","pass":"1234"}', headers: { 'content-type': 'text/plain' } },
    ],
    [
      'multipart',
      { body: multipart, headers: { 'content-type': 'multipart/form-data; boundary=b' } },
    ],
    ['query and form', { query: 'user=alice', form: { pass: '1234' } }],
    ['a query that wins over the form', { query: 'user=alice', form: 'user=nobody&pass=1234' }],
    [
      'JSON that wins over the query',
      { query: 'user=nobody', json: { user: 'alice', pass: '1234' } },
    ],
    ['an empty realm', { form: { user: 'alice', realm: '', pass: '1234' } }],
    ['user@realm', { form: { user: 'alice@demo', pass: '1234' } }],
  ])('%s', async (_, request) => {
    const { json } = await send('/validate/check', request)
    expect(json.result.authentication).toBe('CHALLENGE')
  })

  it.each([
    ['FreeRADIUS', 'p%2541n', true],
    ['privacyidea-cp/3.6', 'p%41n', true],
    ['privacyidea-cp/3.6', 'p%2541n', false],
  ])('%s with the PIN pAn written as %s: right is %s', async (agent, pass, right) => {
    const { setPin } = await import('../../../functions/core/manage-tokens.ts')
    await setPin(world.ports, await world.account('alice'), 'EMALICE', 'pAn')
    const { json } = await send('/validate/check', {
      form: `user=alice&pass=${pass}`,
      headers: { 'user-agent': agent },
    })
    expect(json.result.authentication).toBe(right ? 'CHALLENGE' : 'REJECT')
  })

  it.each([
    [
      'a broken JSON body',
      { body: '{"user":', headers: { 'content-type': 'application/json' } },
      'not valid JSON',
    ],
    ['a JSON list', { json: ['user'] }, 'a list'],
    ['a number as pass', { json: { user: 'alice', pass: 5 } }, 'pass is a number'],
    ['null as pass', { json: { user: 'alice', pass: null } }, 'pass is null'],
    ['an object as user', { json: { user: {}, pass: 'x' } }, 'user is an object'],
    ['a list as user', { json: { user: ['alice'], pass: 'x' } }, 'user is a list'],
    ['a parameter twice', { form: 'user=alice&pass=a&pass=1234' }, 'pass is given more than once'],
    ['8 KB', { form: { user: 'alice', pass: 'x'.repeat(8192) } }, 'pass has 8192 characters'],
    ['a user of 256', { form: { user: 'x'.repeat(256), pass: 'x' } }, 'user has 256 characters'],
    [
      'a realm of 65',
      { form: { user: 'alice', realm: 'x'.repeat(65), pass: 'x' } },
      'realm has 65 characters; at most 64',
    ],
    ['a serial of 45', { form: { serial: 'x'.repeat(45), pass: 'x' } }, 'serial has 45 characters'],
    [
      'a transaction_id of 41',
      { form: { user: 'alice', transaction_id: '0'.repeat(41), pass: 'x' } },
      'transaction_id has 41 characters',
    ],
    [
      'a state of 41',
      { form: { user: 'alice', state: '0'.repeat(41), pass: 'x' } },
      'state has 41 characters',
    ],
    ['a nonce of 256', { form: { user: 'alice', nonce: 'x'.repeat(256) } }, 'nonce has 256'],
  ])('%s is refused by name', async (_, request, message) => {
    const { status, json } = await send('/validate/check', request)
    expect(status).toBe(400)
    expect(json.result.error.code).toBe(905)
    expect(json.result.error.message).toContain(message)
  })

  it('looks up a name of 255 characters, however many bytes they take', async () => {
    const { json } = await check({ user: '😀'.repeat(255), pass: 'x' })
    expect(json.result.error.code).toBe(904)
  })

  it('refuses a transaction_id in the path that no transaction can have', async () => {
    const path = `/validate/polltransaction/${'0'.repeat(41)}`
    const { status, json } = await send(path)
    expect(status).toBe(400)
    expect(json.result.error.message).toContain('transaction_id has 41 characters')
  })

  it.each(['PUT', 'DELETE', 'PATCH'])('%s is not a method of it', async (method) => {
    const { status, headers } = await send('/validate/check', { method })
    expect(status).toBe(405)
    expect(headers.allow).toBe('HEAD, OPTIONS, GET, POST')
  })

  it.each(['/validate/check/', '/validate/nothing', '/validate', '/validate/%ff'])(
    '%s is not found',
    async (path) => {
      expect((await send(path, { form: { user: 'alice' } })).status).toBe(404)
    },
  )

  it('answers whatever it is sent without a fault', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        '__proto__',
        '%',
        '%zz',
        '%e4%b8',
        '\0',
        "' or 1=1",
        '${otp}',
        '[]',
        '{}',
        'x'.repeat(9000),
      ),
    )
    const request = fc.oneof(
      fc.record({ query: hostile }),
      fc.record({ form: fc.dictionary(hostile, hostile, { maxKeys: 4 }) }),
      fc.record({ json: fc.jsonValue() }),
      fc.record({
        json: fc.dictionary(
          fc.constantFrom('user', 'pass', 'realm', 'serial', 'transaction_id'),
          fc.jsonValue(),
        ),
      }),
      fc.record({
        body: hostile,
        headers: fc.record({
          'content-type': fc.constantFrom(
            'application/json',
            'multipart/form-data',
            'multipart/form-data; boundary=x',
            'text/plain',
            'x',
          ),
        }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(request, async (options) => {
        const { status, json } = await send('/validate/check', { method: 'POST', ...options })
        expect(status).toBeLessThan(500)
        expect(json.result.value).not.toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('who may ask', () => {
  it('anybody, until networks are named', async () => {
    world.set({ 'validate.clients': '10.0.0.0/8, 2001:db8::/32' })
    const from = (ip: string) => send('/validate/check', { form: { user: 'alice', pass: 'x' }, ip })
    expect((await from('192.0.2.1')).status).toBe(403)
    expect((await from('10.1.2.3')).status).toBe(200)
    expect((await from('2001:db8::1')).status).toBe(200)
  })

  it('a holder of an API key where one is required', async () => {
    world.set({ api_key_required: 'true' })
    const key = await apiKeyIn(world.ports, world.set)
    const admin = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    const ask = (authorization?: string) =>
      send('/validate/check', {
        form: { user: 'alice', pass: 'x' },
        ...(authorization ? { headers: { authorization } } : {}),
      })
    expect((await ask()).json.result.error).toEqual({
      code: 303,
      message: 'No valid API key was passed.',
    })
    expect((await ask(admin)).status).toBe(403)
    expect((await ask(key)).status).toBe(200)
    world.advance(3_600_000)
    expect((await ask(key)).status).toBe(403)
  })

  it('an administrator, to trigger without a PIN', async () => {
    const trigger = (headers?: Record<string, string>) =>
      send('/validate/triggerchallenge', { form: { user: 'alice' }, headers })
    expect((await trigger()).json.result.error.code).toBe(4033)
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    expect((await trigger({ authorization: `Bearer ${session}` })).json.result.error.code).toBe(
      4304,
    )
    const { json } = await trigger({ 'pi-authorization': session })
    expect(json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: 1 })
  })
})

describe('an administrator of one realm', () => {
  const trigger = async (form: Record<string, string>) => {
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    return send('/validate/triggerchallenge', { form, headers: { authorization: session } })
  }
  const helpdeskOf = (realm: string) => policy('admin', 'triggerchallenge', { realm }, 'helpdesk')

  it.each([{ user: 'alice' }, { serial: 'EMALICE' }, { user: 'alice', serial: 'EMALICE' }])(
    'triggers nothing in another one by %o',
    async (form) => {
      world.set({ 'realms/other': 'directory', ...helpdeskOf('other') })
      const { status, json } = await trigger(form as Record<string, string>)
      expect({ status, code: json.result.error?.code }).toEqual({ status: 403, code: 303 })
      expect(world.mails).toEqual([])
      world.set({ ...helpdeskOf('demo') })
      expect((await trigger(form as Record<string, string>)).json.result.value).toBe(1)
    },
  )

  it('triggers nothing where a policy moves the user out of it', async () => {
    world.set({
      'realms/other': 'directory',
      ...helpdeskOf('other'),
      ...authentication('set_realm=demo', { realm: 'other' }),
    })
    const { status } = await trigger({ user: 'alice', realm: 'other' })
    expect(status).toBe(403)
    expect(world.mails).toEqual([])
  })

  it('is not told who there is in another one', async () => {
    world.set({ 'realms/other': 'directory', ...helpdeskOf('other') })
    expect((await trigger({ user: 'nobody' })).status).toBe(403)
  })
})

describe('the hardened profile', () => {
  beforeEach(() => world.set({ profile: 'hardened' }))

  it('says the same of an unknown user, a wrong PIN, a locked token and a lost mail', async () => {
    const bodies = new Set<string>()
    const note = async (form: Record<string, string>) => {
      const { status, json } = await check(form)
      bodies.add(JSON.stringify([status, { ...json, time: 0 }]))
    }
    await note({ user: 'nobody', pass: '1234' })
    await note({ user: 'alice', realm: 'nope', pass: '1234' })
    await note({ user: 'dave', pass: '1234' })
    await note({ user: 'alice', pass: 'wrong' })
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    await note({ user: 'alice', pass: '1234' })
    const { setEnabled } = await import('../../../functions/core/manage-tokens.ts')
    await setEnabled(world.ports, await world.account('alice'), 'EMALICE', false)
    await note({ user: 'alice', pass: '1234' })
    expect([...bodies]).toHaveLength(1)
  })

  it.each(['/validate/check', '/validate/samlcheck'])(
    'says no more where an error or attributes are asked for: %s',
    async (path) => {
      world.set({ ReturnSamlAttributesOnFail: 'true' })
      const bodies = new Set<string>()
      const note = async (form: Record<string, string>) => {
        const { status, text } = await send(path, { form: { ...form, exception: '1' } })
        bodies.add(`${status} ${text.replace(/"(time|signature)":[^,}]+/g, '')}`)
      }
      await note({ user: 'nobody', pass: '1234' })
      await note({ user: 'alice', pass: 'wrong' })
      world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
      await note({ user: 'alice', pass: '1234' })
      world.set({ 'mail.per_hour': '1' })
      await note({ user: 'alice', pass: '1234' })
      expect([...bodies]).toHaveLength(1)
    },
  )

  it('takes no PIN from a URL', async () => {
    const { status } = await send('/validate/check', { query: 'user=alice&pass=1234' })
    expect(status).toBe(403)
    expect(world.mails).toEqual([])
  })
})

it('writes no PIN, code or unknown name into the log', async () => {
  const { transactionId, otp } = await world.triggered('alice')
  await check({ user: 'alice', pass: 'hunter2' })
  await check({ user: 'hunter2', pass: '1234' })
  await check({ user: 'alice', transaction_id: transactionId, pass: otp })
  const text = JSON.stringify(world.lines)
  expect(world.lines.length).toBeGreaterThan(3)
  for (const secret of ['hunter2', '1234', otp]) expect(text).not.toContain(`"${secret}`)
})
