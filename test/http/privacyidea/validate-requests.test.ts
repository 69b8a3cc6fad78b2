import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../../support/world.ts'
import { createLogins, type Logins } from './logins.ts'

let world: World
let send: Logins['send']
let check: Logins['check']

beforeEach(async () => {
  ;({ world, send, check } = await createLogins())
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
