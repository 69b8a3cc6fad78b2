import { beforeEach, describe, expect, it } from 'vitest'
import { application } from '../../../functions/http/application.ts'
import { VALIDATE_ROUTES } from '../../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../../functions/http/privacyidea/wire.ts'
import { apiKeyIn } from '../../support/api-keys.ts'
import { issueSession } from '../../../functions/core/sign-in.ts'
import { httpClient, type Send } from '../../support/http.ts'
import { authentication, authorization, policy } from '../../support/policies.ts'
import { createWorld, otherThan, type World } from '../../support/world.ts'

let world: World
let send: ReturnType<typeof httpClient>

beforeEach(async () => {
  world = createWorld()
  const alice = await world.addUser('alice')
  const profile = { givenname: 'Alice', surname: 'Cooper', phone: '1', mobile: '2' }
  await world.ports.accounts.save(alice, { ...alice, ...profile })
  await world.enrol(await world.account('alice'), { serial: 'EMALICE' })
  await world.addUser('dave')
  const { ports } = world
  send = httpClient(application(ports, [(one) => answer(VALIDATE_ROUTES, ports, one)], notFound))
})

const check = (form: Record<string, string>, options: Send = {}) =>
  send('/validate/check', { ...options, form })
const PIN = { user: 'alice', pass: '1234' }

describe('the language of answers', () => {
  const inGerman = { headers: { 'accept-language': 'de-DE,de;q=0.9' } }

  it('German, in the words of the reference', async () => {
    const challenge = await check(PIN, inGerman)
    const prompt = 'Bitte geben Sie das Einmalpasswort aus der Email ein'
    expect(challenge.json.detail).toMatchObject({ message: prompt, messages: [prompt] })
    const answered = { user: 'alice', transaction_id: challenge.json.detail.transaction_id }
    const otp = world.lastCode()
    const wrong = await check({ ...answered, pass: otherThan(otp) }, inGerman)
    expect(wrong.json.detail.message).toBe('Die Antwort passt nicht zur Challenge.')
    const right = await check({ ...answered, pass: otp }, inGerman)
    expect(right.json.detail.message).toBe('Passende Challenge gefunden')
  })

  it('Chinese', async () => {
    const { json } = await check(PIN, { headers: { 'accept-language': 'zh-CN' } })
    expect(json.detail.message).toBe('请输入邮件中的一次性验证码')
    expect(world.mails[0]!.subject).not.toBe('')
  })

  it('English for all others', async () => {
    const { json } = await check(PIN, { headers: { 'accept-language': 'fr,*' } })
    expect(json.detail.message).toBe('Enter the OTP from the Email')
  })
})

describe('the text of a challenge', () => {
  it('is what a policy says, with the address masked', async () => {
    world.set(
      authentication('email_challenge_text=Hi {user}\\, look at {email_redacted} {nope}({serial})'),
    )
    const { json } = await check(PIN)
    expect(json.detail.message).toBe('Hi Alice, look at al********@e****.org (EMALICE)')
  })

  it.each([
    ['compat', 'To alice@example.org or a***e@e**.**'],
    ['hardened', 'To a***e@e**.** or a***e@e**.**'],
  ])('masks as the settings say; in the profile %s: %s', async (profile, message) => {
    world.set({
      ...authentication('email_challenge_text=To {email} or {email_redacted}'),
      'mask.address': 'x***x@x**.**',
      profile,
    })
    const { json } = await check(PIN)
    expect(json.detail.message).toBe(message)
  })

  it('never knows the code', async () => {
    world.set(authentication('email_challenge_text={otp} {pin} {validtime}'))
    const { json } = await check(PIN)
    expect(json.detail.message).not.toContain(world.lastCode())
  })

  it('stands between header and footer, and as list items where the header opens a list', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EMTWO', email: 'two@x.example' })
    const text = 'email_challenge_text=To {email}'
    world.set(authentication(`${text}, challenge_text_header=Hello, challenge_text_footer=Bye`))
    const plain = await check(PIN)
    expect(plain.json.detail.message).toBe('Hello\nTo alice@example.org, To two@x.example\nBye')
    expect(plain.json.detail.messages).toEqual(['To alice@example.org', 'To two@x.example'])
    world.set(
      authentication(`${text}, challenge_text_header=One of <ul>, challenge_text_footer=</ul>`),
    )
    const list = await check(PIN)
    expect(list.json.detail.message).toBe(
      'One of <ul>\n<li>To alice@example.org</li>\n<li>To two@x.example</li>\n</ul>',
    )
  })
})

describe('what answers keep to themselves', () => {
  async function login() {
    const challenge = await check(PIN)
    const transactionId = challenge.json.detail?.transaction_id ?? ''
    const otp = world.lastCode()
    return { challenge, transactionId, otp }
  }

  it('no_detail_on_success: the detail of a login', async () => {
    world.set(authorization('no_detail_on_success'))
    const { challenge, transactionId, otp } = await login()
    expect(challenge.json.detail.transaction_id).toBe(transactionId)
    const { json } = await check({ user: 'alice', pass: otp, transaction_id: transactionId })
    expect(json).not.toHaveProperty('detail')
    expect(json.result).toEqual({ authentication: 'ACCEPT', status: true, value: true })
  })

  it('no_detail_on_fail: everything of a refusal, and of a challenge while PIN and code let in', async () => {
    world.set(authorization('no_detail_on_fail'))
    const { challenge, otp } = await login()
    expect(challenge.json).not.toHaveProperty('detail')
    expect((await check({ ...PIN, pass: 'bad' })).json).not.toHaveProperty('detail')
    const { json } = await check({ user: 'alice', pass: `1234${otp}` })
    expect(json.detail.message).toBe('matching 1 tokens')
  })

  it('no_detail_on_fail: not the challenge where nobody could log in without it', async () => {
    world.set({
      ...authorization('no_detail_on_fail'),
      ...authentication('force_challenge_response'),
    })
    expect((await login()).transactionId).toMatch(/^[0-9]{20}$/)
  })

  it('hide_specific_error_message: why', async () => {
    world.set(authentication('hide_specific_error_message'))
    const hidden = { message: 'Authentication failed.', threadid: 1 }
    expect((await check({ ...PIN, pass: 'bad' })).json.detail).toEqual(hidden)
    expect((await check({ user: 'dave', pass: 'x' })).json.detail).toEqual(hidden)
    const unknown = await check({ user: 'nobody', pass: 'x' })
    expect(unknown.status).toBe(401)
    expect(unknown.json).toMatchObject({
      detail: hidden,
      result: { error: { code: 403, message: 'Authentication failed.' }, status: false },
    })
    expect((await check({ pass: 'x' })).json.result.error.code).toBe(905)
  })

  it('hide_version: the version', async () => {
    world.set(policy('hardening', 'hide_version'))
    const { json } = await check(PIN)
    expect(json).not.toHaveProperty('version')
    expect(json).not.toHaveProperty('versionnumber')
    expect((await check({ pass: 'x' })).json).not.toHaveProperty('version')
  })

  it('hide_auth_error_status: the status of an error', async () => {
    world.set(policy('hardening', 'hide_auth_error_status'))
    const refused: Record<string, string>[] = [{}, { user: 'nobody' }, { serial: 'NOPE' }]
    for (const form of refused) expect((await check({ ...form, pass: 'x' })).status).toBe(401)
    expect((await check({ ...PIN, pass: 'bad' })).status).toBe(200)
  })
})

it('add_user_in_response and add_resolver_in_response tell who logged in, and no password', async () => {
  world.set(authorization('add_user_in_response, add_resolver_in_response'))
  const challenge = await check(PIN)
  expect(challenge.json.detail).not.toHaveProperty('user')
  const { transaction_id } = challenge.json.detail
  const { json } = await check({ user: 'alice', pass: world.lastCode(), transaction_id })
  expect(json.detail).toMatchObject({
    user: {
      email: 'alice@example.org',
      givenname: 'Alice',
      mobile: '2',
      phone: '1',
      surname: 'Cooper',
      userid: 'alice',
      username: 'alice',
    },
    'user-realm': 'demo',
    'user-resolver': 'directory',
  })
  expect(JSON.stringify(json)).not.toContain('pass')
})

it.each([
  ['authorized=deny_access', 400, 401],
  ['tokentype=hotp', 403, 303],
  ['serial=^OATH', 403, 303],
  ['api_key_required', 403, 303],
])('%s is told as %i and code %i', async (action, status, code) => {
  world.set(authorization(action))
  const reply = await check(PIN)
  expect(reply.status).toBe(status)
  expect(reply.json.result.error.code).toBe(code)
})

it('an API key in the header meets api_key_required', async () => {
  world.set(authorization('api_key_required'))
  const key = await apiKeyIn(world.ports, world.set)
  const { json } = await check(PIN, { headers: { authorization: key } })
  expect(json.result.authentication).toBe('CHALLENGE')
})

it.each([
  ['passOnNoToken', 'dave', "user has no token, accepted due to 'p'"],
  ['passOnNoUser', 'nobody', "user does not exist, accepted due to 'p'"],
])('%s names the policy', async (action, user, message) => {
  world.set(authentication(action))
  const { json } = await check({ user, pass: 'x' })
  expect(json.result).toEqual({ authentication: 'ACCEPT', status: true, value: true })
  expect(json.detail.message).toBe(message)
})

describe('a user who has to choose a PIN', () => {
  it('is told before and asked after the code', async () => {
    world.set(authentication('change_pin_via_validate'))
    await world.enrol(await world.addUser('carl'), { serial: 'EMCARL', changePin: true })
    const challenge = await check({ user: 'carl', pass: '1234' })
    expect(challenge.json.detail).toMatchObject({
      next_pin_change: '2026-11-21T12:00+0000',
      pin_change: true,
      multi_challenge: [{ pin_change: true }],
    })
    const { transaction_id } = challenge.json.detail
    const asked = await check({ user: 'carl', pass: world.lastCode(), transaction_id })
    expect(asked.json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: false })
    const id = asked.json.detail.transaction_id
    expect(asked.json.detail).toEqual({
      message: 'Please enter a new PIN',
      messages: ['Please enter a new PIN'],
      multi_challenge: [
        {
          attributes: null,
          client_mode: 'interactive',
          message: 'Please enter a new PIN',
          serial: 'EMCARL',
          transaction_id: id,
          type: 'email',
        },
      ],
      preferred_client_mode: 'interactive',
      threadid: 1,
      transaction_id: id,
      transaction_ids: [id],
    })
  })
})

describe('a user who adds an address', () => {
  beforeEach(async () => {
    world.set(authentication('enroll_via_multichallenge=EMAIL, enroll_via_multichallenge_optional'))
    const dave = await world.account('dave')
    await world.enrol(dave, { serial: 'SPDAVE', type: 'spass', pin: 'spass' })
  })
  const ask = async () => (await check({ user: 'dave', pass: 'spass' })).json.detail

  it('is asked as recorded', async () => {
    const detail = await ask()
    const challenge = {
      client_mode: 'interactive',
      image: null,
      message: 'Please enter your new email address!',
      serial: detail.serial,
      transaction_id: detail.transaction_id,
      type: 'email',
    }
    expect(detail).toEqual({
      ...challenge,
      enroll_via_multichallenge: true,
      enroll_via_multichallenge_optional: true,
      multi_challenge: [challenge],
      otplen: 6,
      threadid: 1,
      transaction_ids: [detail.transaction_id],
    })
  })

  it('may give none that is not one', async () => {
    const { transaction_id } = await ask()
    const { status, json } = await check({ user: 'dave', pass: 'nope', transaction_id })
    expect(status).toBe(400)
    expect(json.result.error).toEqual({
      code: 401,
      message: 'ERR401: The email address is not valid!',
    })
  })

  it('may decline, by the transaction alone', async () => {
    const { transaction_id } = await ask()
    const cancel = () => check({ cancel_enrollment: '1', transaction_id })
    const first = await cancel()
    expect(first.json.result.authentication).toBe('ACCEPT')
    expect(first.json.detail.message).toBe('Cancelled enrollment via multichallenge')
    const second = await cancel()
    expect(second.json.result.authentication).toBe('REJECT')
    expect(second.json.detail.message).toBe('Failed to cancel enrollment via multichallenge')
    expect((await check({ cancel_enrollment: '1' })).json.result.error.message).toBe(
      'ERR905: Missing parameter: transaction_id',
    )
  })
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
