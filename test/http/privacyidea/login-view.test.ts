import { beforeEach, describe, expect, it } from 'vitest'
import { apiKeyIn } from '../../support/api-keys.ts'
import { authentication, authorization, policy } from '../../support/policies.ts'
import { otherThan, type World } from '../../support/world.ts'
import { createLogins, type Logins, PIN } from './logins.ts'

let world: World
let check: Logins['check']

beforeEach(async () => {
  ;({ world, check } = await createLogins())
})

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
