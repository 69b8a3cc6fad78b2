import { beforeEach, describe, expect, it } from 'vitest'
import { issueSession } from '../../../functions/core/sign-in.ts'
import { authentication, policy } from '../../support/policies.ts'
import type { World } from '../../support/world.ts'
import { createLogins, type Logins, PIN } from './logins.ts'

let world: World
let send: Logins['send']
let check: Logins['check']

beforeEach(async () => {
  ;({ world, send, check } = await createLogins())
})

describe('/validate/samlcheck', () => {
  const saml = (form: Record<string, string>) => send('/validate/samlcheck', { form })

  it('tells of a person who has logged in', async () => {
    await check(PIN)
    const { json } = await saml({ user: 'alice', pass: `1234${world.lastCode()}` })
    expect(json.result.value).toMatchObject({
      auth: true,
      attributes: { email: 'alice@example.org', givenname: 'Alice', surname: 'Cooper' },
    })
  })

  it('tells nothing of one who has not, unless a setting says so', async () => {
    const value = async () => (await saml({ user: 'alice', pass: 'bad' })).json.result.value
    expect(await value()).toEqual({ auth: false, attributes: {} })
    world.set({ ReturnSamlAttributesOnFail: 'true' })
    expect(await value()).toMatchObject({ auth: false, attributes: { username: 'alice' } })
    world.set({ ReturnSamlAttributes: 'false' })
    expect(await value()).toEqual({ auth: false, attributes: {} })
  })

  it('tells yes or no where only a serial is named', async () => {
    expect((await saml({ serial: 'EMALICE', pass: 'bad' })).json.result.value).toBe(false)
  })
})

describe('/validate/radiuscheck', () => {
  const radius = (form: Record<string, string>) => send('/validate/radiuscheck', { form })

  it.each([
    ['a code on its way', '1234', 400],
    ['a refusal', 'bad', 400],
  ])('%s is %3$i and nothing else', async (_, pass, status) => {
    const reply = await radius({ user: 'alice', pass })
    expect(reply).toMatchObject({ status, text: '' })
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it('a login is 204', async () => {
    await radius(PIN)
    const reply = await radius({ user: 'alice', pass: `1234${world.lastCode()}` })
    expect(reply).toMatchObject({ status: 204, text: '' })
  })

  it('an error is told as everywhere', async () => {
    const { status, json } = await radius({ user: 'nobody', pass: 'x' })
    expect(status).toBe(400)
    expect(json.result.error.code).toBe(904)
  })
})

it.each([
  [
    { type: 'email' },
    400,
    "ERR905: Unsupported token type 'email' for authentication initialization!",
  ],
  [{}, 400, 'ERR905: Missing parameter: type'],
  [
    { type: 'passkey' },
    403,
    'Missing policy for webauthn_relying_party_id, unable to create challenge!',
  ],
])('/validate/initialize %j → %i', async (form, status, message) => {
  const reply = await send('/validate/initialize', { form: form as Record<string, string> })
  expect(reply.status).toBe(status)
  expect(reply.json.result.error.message).toBe(message)
})

it('otponly, a code without PIN and challenge from anybody, is refused by name', async () => {
  const { status, json } = await check({ serial: 'EMALICE', pass: '287082', otponly: '1' })
  expect(status).toBe(400)
  expect(json.result.error.message).toContain('otponly is not accepted')
})

it('exception=1 asks for an error where no mail can be sent', async () => {
  world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
  const { status, json } = await check({ ...PIN, exception: '1' })
  expect(status).toBe(500)
  expect(json.result.error.code).toBe(-500)
  expect((await check(PIN)).status).toBe(200)
})

describe('/validate/triggerchallenge', () => {
  async function trigger(form: Record<string, string>) {
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    return send('/validate/triggerchallenge', { form, headers: { authorization: session } })
  }

  it('needs the right to it once administrators have rights', async () => {
    world.set(policy('admin', 'tokenlist'))
    const { status, json } = await trigger({ user: 'alice' })
    expect(status).toBe(403)
    expect(json.result.error).toEqual({
      code: 303,
      message: 'Admin actions are defined, but the action triggerchallenge is not allowed!',
    })
    world.set(policy('admin', 'triggerchallenge'))
    expect((await trigger({ user: 'alice' })).json.result.value).toBe(1)
  })

  it('says once for each token that no mail could be sent', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EMTWO', email: 'two@x.example' })
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    const { json } = await trigger({ user: 'alice' })
    const message = 'The PIN was correct, but the EMail could not be sent!'
    expect(json.result).toEqual({ authentication: 'REJECT', status: true, value: 0 })
    expect(json.detail).toMatchObject({ message, messages: [message, message] })
  })

  it('mails nothing for a token that has no mail', async () => {
    const dave = await world.account('dave')
    await world.enrol(dave, { serial: 'SPDAVE', type: 'spass', pin: 'spass' })
    expect((await trigger({ user: 'dave' })).json.result.value).toBe(0)
    expect(world.mails).toEqual([])
  })

  it('tells the language and network of the caller to the mail', async () => {
    world.set(authentication('emailtext={client_ip} {otp}'))
    await trigger({ user: 'alice' })
    expect(world.mails[0]!.text).toMatch(/^192\.0\.2\.1 [0-9]{6}$/)
  })
})
