import { beforeEach, describe, expect, it } from 'vitest'
import { application } from '../../../functions/http/application.ts'
import { LINOTP_VALIDATE_ROUTES } from '../../../functions/http/linotp/validate-routes.ts'
import { answerLinotp } from '../../../functions/http/linotp/wire.ts'
import { notFound } from '../../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../../support/http.ts'
import { authentication, authorization } from '../../support/policies.ts'
import { codeIn, createWorld, otherThan, type World } from '../../support/world.ts'

let world: World
let send: ReturnType<typeof httpClient>
const call = (route: string, form: Record<string, string>) =>
  send(`/linotp/validate/${route}`, { form })
const check = (form: Record<string, string>) => call('check', form)

/** A world where the PIN of alice is 1234 and that of her second token, if she has one, too. */
async function begin(settings: Record<string, string> = {}) {
  world = createWorld({ settings })
  const { ports } = world
  send = httpClient(
    application(
      ports,
      [(request) => answerLinotp(LINOTP_VALIDATE_ROUTES, ports, request)],
      notFound,
    ),
  )
  await world.enrol(await world.addUser('alice'), { serial: 'LSEM1', description: 'work' })
}
beforeEach(() => begin())

const SUCCESS = {
  jsonrpc: '2.0802',
  result: { status: true, value: true },
  id: 0,
  version: 'LinOTP 3.4.4',
  versionNumber: '3.4.4',
}
const REJECT = { ...SUCCESS, result: { status: true, value: false } }

/** Sends the PIN and gives the challenge and its code. */
async function triggered(user = 'alice', pass = '1234') {
  const { json } = await check({ user, pass })
  return { transactionid: json.detail.transactionid as string, otp: world.lastCode() }
}

describe('check', () => {
  it('the right PIN: not let in, and a code is on its way', async () => {
    const { status, json } = await check({ user: 'alice', pass: '1234' })
    expect(status).toBe(200)
    const { transactionid } = json.detail
    expect(transactionid).toMatch(/^[0-9]{20}$/)
    expect(json).toEqual({
      ...REJECT,
      detail: {
        transactionid,
        state: transactionid,
        message: 'e-mail sent successfully',
        linotp_tokenserial: 'LSEM1',
        linotp_tokentype: 'email',
        linotp_tokendescription: 'work',
      },
    })
    expect(JSON.stringify(json)).not.toContain(world.lastCode())
  })

  it.each(['transactionid', 'state'])('the code with its %s: let in, once', async (name) => {
    const { transactionid, otp } = await triggered()
    const form = { user: 'alice', pass: otp, [name]: transactionid }
    expect((await check(form)).json).toEqual(SUCCESS)
    expect((await check(form)).json).toEqual(REJECT)
  })

  it('PIN and code in one: let in; with a transactionid only the code is', async () => {
    const { transactionid, otp } = await triggered()
    expect((await check({ user: 'alice', pass: `1234${otp}`, transactionid })).json).toEqual(REJECT)
    expect((await check({ user: 'alice', pass: `1234${otp}` })).json).toEqual(SUCCESS)
  })

  it.each([
    ['JSON', (form: Record<string, string>) => ({ json: form })],
    [
      'a query',
      (form: Record<string, string>) => ({ query: new URLSearchParams(form).toString() }),
    ],
    [
      'a multipart form',
      (form: Record<string, string>) => ({
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body:
          Object.entries(form)
            .map(
              ([name, value]) =>
                `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
            )
            .join('') + '--x--\r\n',
      }),
    ],
  ])('reads %s', async (_, encode) => {
    const { transactionid, otp } = await triggered()
    const form = { user: 'alice', pass: otp, transactionid, realm: '' }
    expect((await send('/linotp/validate/check', encode(form))).json).toEqual(SUCCESS)
  })

  it('decodes values once', async () => {
    await world.enrol(await world.addUser('bob'), { serial: 'BOB', pin: '100%41' })
    const { json } = await check({ user: 'bob', pass: '100%41' })
    expect(json.detail.linotp_tokenserial).toBe('BOB')
  })

  it.each([
    { user: 'nobody', pass: '1234' },
    { user: 'alice', realm: 'nowhere', pass: '1234' },
    { user: 'alice', pass: 'wrong' },
    { user: 'dave', pass: '1234' },
    { user: 'alice' },
    { pass: '1234' },
    { serial: 'NONE', pass: '1234' },
    { user: 'dave', serial: 'LSEM1', pass: '1234' },
    { user: 'alice', pass: '000000', transactionid: '01234567890123456789' },
  ] as Record<string, string>[])('%j is a rejection like any other', async (form) => {
    await world.addUser('dave')
    const { status, json } = await check(form)
    expect({ status, json }).toEqual({ status: 200, json: REJECT })
    expect(world.mails).toHaveLength(0)
  })

  it('a mail that cannot be sent is a rejection like any other', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    expect((await check({ user: 'alice', pass: '1234' })).json).toEqual(REJECT)
  })

  it.each(['user=alice&user=bob&pass=1234', 'user=alice&pass=1234&pass=12'])(
    'refuses %s',
    async (form) => {
      const { status, json } = await send('/linotp/validate/check', { form })
      expect(status).toBe(200)
      expect(json.result.status).toBe(false)
      expect(json.result.error.code).toBe(905)
      expect(json.result.error.message).toMatch(/^ERR905: (user|pass) is given more than once/)
    },
  )

  it('refuses a list where a string belongs', async () => {
    const { json } = await send('/linotp/validate/check', {
      json: { user: ['alice'], pass: '1234' },
    })
    expect(json.result.error.message).toBe('ERR905: user is a list; a string is accepted.')
  })

  it('takes a serial in place of a user', async () => {
    const { json } = await check({ serial: 'LSEM1', pass: '1234' })
    expect(json.detail.linotp_tokenserial).toBe('LSEM1')
  })

  it('splits realm\\user and user@realm where there is such a realm', async () => {
    for (const user of ['demo\\alice', 'alice@demo']) {
      await begin()
      expect((await check({ user, pass: '1234' })).json.detail.linotp_tokenserial).toBe('LSEM1')
    }
  })

  it('a user with a realm is taken as written', async () => {
    expect((await check({ user: 'alice@demo', realm: 'demo', pass: '1234' })).json).toEqual(REJECT)
  })

  it('challenge drops all other options', async () => {
    const { transactionid, otp } = await triggered()
    world.set({ EmailBlockingTimeout: '0' })
    const form = { user: 'alice', challenge: 'for the bank', transactionid }
    expect((await check({ ...form, pass: otp })).json).toEqual(REJECT)
    expect((await check({ ...form, pass: '1234' })).json.detail.message).toBe(
      'e-mail sent successfully',
    )
  })

  it('token_type leaves out tokens of other types', async () => {
    const form = { user: 'alice', pass: '1234' }
    expect((await check({ ...form, token_type: 'sms' })).json).toEqual(REJECT)
    expect((await check({ ...form, token_type: 'email' })).json.detail).toBeDefined()
  })

  it('auth_info tells how much was PIN and how much OTP', async () => {
    const { otp } = await triggered()
    const { json } = await check({ user: 'alice', pass: `1234${otp}`, auth_info: 'true' })
    expect(json.detail).toEqual({
      auth_info: [
        ['pin_length', 4],
        ['otp_length', 6],
      ],
    })
  })

  it('speaks the language of the client', async () => {
    const { json } = await send('/linotp/validate/check', {
      form: { user: 'alice', pass: '1234' },
      headers: { 'accept-language': 'zh-CN' },
    })
    expect(json.detail.message).toBe('邮件已发送')
  })

  it('EMAIL_CHALLENGE_PROMPT is what is said instead', async () => {
    world.set({ EMAIL_CHALLENGE_PROMPT: 'Look into your mail' })
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('Look into your mail')
  })
})

describe('several tokens of one PIN', () => {
  beforeEach(async () => {
    const account = await world.account('alice')
    await world.enrol(account, { serial: 'LSEM0', email: 'second@example.org' })
  })
  const codeFor = (to: string) => codeIn(world.mails.findLast((mail) => mail.to === to)!)

  it('are challenged together, numbered in the order of their serials', async () => {
    const { json } = await check({ user: 'alice', pass: '1234' })
    const { transactionid, message, challenges } = json.detail
    expect(message).toBe('Multiple challenges submitted.')
    expect(Object.keys(challenges)).toEqual(['LSEM0', 'LSEM1'])
    expect(challenges.LSEM0).toMatchObject({
      transactionid: `${transactionid}.01`,
      state: `${transactionid}.01`,
      message: 'e-mail sent successfully',
      linotp_tokenserial: 'LSEM0',
    })
    expect(challenges.LSEM1.transactionid).toBe(`${transactionid}.02`)
  })

  it.each(['', '.02'])('are answered by <root>%s', async (part) => {
    const { transactionid } = await triggered()
    const pass = codeFor('alice@example.org')
    const form = { user: 'alice', pass, transactionid: `${transactionid}${part}` }
    expect((await check(form)).json).toEqual(SUCCESS)
  })

  it('the code of one does not answer the other', async () => {
    const { transactionid } = await triggered()
    const pass = codeFor('alice@example.org')
    const answer = await check({ user: 'alice', pass, transactionid: `${transactionid}.01` })
    expect(answer.json).toEqual(REJECT)
  })

  it('one whose mail failed is left out', async () => {
    world.mailServer(({ to }) =>
      to === 'second@example.org'
        ? { sent: false, failure: 'address', reply: '550 unknown' }
        : { sent: true, reply: '250 ok' },
    )
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail).toMatchObject({ linotp_tokenserial: 'LSEM1' })
    const { transactionid } = json.detail
    const pass = codeFor('alice@example.org')
    expect((await check({ user: 'alice', pass, transactionid })).json).toEqual(SUCCESS)
  })
})

describe('a code that nobody has answered', () => {
  it('keeps a new mail back: the old transaction is told again', async () => {
    const { transactionid, otp } = await triggered()
    world.advance(60_000)
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail).toMatchObject({
      transactionid,
      state: transactionid,
      message: 'e-mail with otp already submitted',
      info: 'challenge already submitted',
    })
    expect(world.mails).toHaveLength(1)
    expect((await check({ user: 'alice', pass: otp, transactionid })).json).toEqual(SUCCESS)
  })

  it('does so no longer than EmailBlockingTimeout', async () => {
    world.set({ EmailBlockingTimeout: '30' })
    const { transactionid } = await triggered()
    world.advance(30_000)
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.transactionid).not.toBe(transactionid)
    expect(world.mails).toHaveLength(2)
  })

  it('ends with its answer', async () => {
    const { transactionid, otp } = await triggered()
    await check({ user: 'alice', pass: otp, transactionid })
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('e-mail sent successfully')
  })

  it('ends with its last attempt', async () => {
    const { transactionid, otp } = await triggered()
    for (let attempt = 0; attempt < 5; attempt++) {
      await check({ user: 'alice', pass: otherThan(otp), transactionid })
    }
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('e-mail sent successfully')
  })

  it('0 switches it off', async () => {
    world.set({ EmailBlockingTimeout: '0' })
    await triggered()
    await triggered()
    expect(world.mails).toHaveLength(2)
  })
})

describe('policies', () => {
  it('detail_on_success tells who got in by what', async () => {
    const { transactionid, otp } = await triggered()
    world.set(authorization('detail_on_success'))
    const { json } = await check({ user: 'alice', pass: otp, transactionid })
    expect(json.detail).toMatchObject({
      realm: 'demo',
      user: { username: 'alice', email: 'alice@example.org' },
      is_linotp_admin: false,
      tokentype: 'email',
      serial: 'LSEM1',
    })
  })

  it('detail_on_fail tells why not, except where the profile is hardened', async () => {
    world.set(authorization('detail_on_fail'))
    const { json } = await check({ user: 'alice', pass: 'wrong' })
    expect(json.detail).toEqual({ error: 'wrong otp pin' })
    world.set({ profile: 'hardened' })
    expect((await check({ user: 'alice', pass: 'wrong' })).json).toEqual(REJECT)
  })

  it.each(['only_otp', '2'])(
    'otppin=%s: an empty pass triggers, the code lets in',
    async (kind) => {
      world.set(authentication(`otppin=${kind}`))
      expect((await check({ user: 'alice', pass: '1234' })).json).toEqual(REJECT)
      const { otp } = await triggered('alice', '')
      expect((await check({ user: 'alice', pass: otp })).json).toEqual(SUCCESS)
    },
  )

  it.each(['ignore_pin', '3'])(
    'otppin=%s: anything triggers, nothing but the id lets in',
    async (kind) => {
      world.set({ ...authentication(`otppin=${kind}`), EmailBlockingTimeout: '0' })
      const { otp } = await triggered('alice', 'whatever')
      const again = await check({ user: 'alice', pass: `1234${otp}` })
      const { transactionid } = again.json.detail
      const form = { user: 'alice', pass: world.lastCode(), transactionid }
      expect((await check(form)).json).toEqual(SUCCESS)
    },
  )

  it('N17, dynamic_email_address: mail goes to the address of the user, if there is one', async () => {
    world.set(authentication('dynamic_email_address'))
    await world.enrol(await world.addUser('erin'), { serial: 'ERIN', email: 'old@example.org' })
    await check({ user: 'erin', pass: '1234' })
    expect(world.mails.at(-1)!.to).toBe('erin@example.org')
    await world.enrol(await world.addUser('fay', ''), { serial: 'FAY', email: 'own@example.org' })
    await check({ user: 'fay', pass: '1234' })
    expect(world.mails.at(-1)!.to).toBe('own@example.org')
  })

  it('a token without a PIN: an empty pass triggers', async () => {
    await world.enrol(await world.addUser('bob'), { serial: 'BOB', pin: '' })
    const { transactionid, otp } = await triggered('bob', '')
    expect((await check({ user: 'bob', pass: otp, transactionid })).json).toEqual(SUCCESS)
  })
})

describe('simplecheck', () => {
  it('answers by faces, to the byte', async () => {
    const simple = (form: Record<string, string>) => call('simplecheck', form)
    const asked = await simple({ user: 'alice', pass: '1234' })
    expect(asked.headers['content-type']).toMatch(/^text\/plain/)
    const [, state] = /^:-\( ([0-9]{20}) e-mail sent successfully$/.exec(asked.text) ?? []
    expect(state).toBeDefined()
    const pass = world.lastCode()
    expect((await simple({ user: 'alice', pass: otherThan(pass), state: state! })).text).toBe(':-(')
    expect((await simple({ user: 'alice', pass, state: state! })).text).toBe(':-)')
    expect((await simple({ user: 'nobody', pass: '1' })).text).toBe(':-(')
    expect((await simple({ user: 'alice' })).text).toBe(':-(')
    expect((await simple({})).text).toBe(':-(')
    const twice = await send('/linotp/validate/simplecheck', { form: 'user=a&user=b&pass=1' })
    expect(twice.text).toBe(':-(')
  })
})

describe('samlcheck', () => {
  it('tells attributes only where the settings say so', async () => {
    const { transactionid, otp } = await triggered()
    const form = { user: 'alice', pass: otp, transactionid }
    const { json } = await call('samlcheck', form)
    expect(json.result.value).toEqual({ auth: true, attributes: {} })

    world.set({ allowSamlAttributes: 'True' })
    const next = await triggered()
    const told = await call('samlcheck', {
      user: 'alice',
      pass: next.otp,
      transactionid: next.transactionid,
    })
    expect(told.json.result.value).toEqual({
      auth: true,
      attributes: {
        username: 'alice',
        surname: '',
        mobile: '',
        phone: '',
        givenname: '',
        email: 'alice@example.org',
      },
    })
  })

  it('a wrong PIN is no, and a missing one too', async () => {
    const wrong = await call('samlcheck', { user: 'alice', pass: 'x' })
    expect(wrong.json.result.value).toEqual({ auth: false, attributes: {} })
    expect((await call('samlcheck', { user: 'alice' })).json).toEqual(REJECT)
  })
})

describe('check_s', () => {
  const NEITHER = { ...SUCCESS, result: { status: false, value: false } }

  it('logs in by serial, or by a user who has one token', async () => {
    const { json } = await call('check_s', { serial: 'LSEM1', pass: '1234' })
    const { transactionid } = json.detail
    const form = { user: 'alice', pass: world.lastCode(), transactionid }
    expect((await call('check_s', form)).json).toEqual(SUCCESS)
  })

  it.each([
    { pass: '1234' },
    { serial: 'LSEM1' },
    { user: 'nobody', pass: '1234' },
    { user: 'dave', pass: '1234' },
    { user: 'two', pass: '1234' },
  ] as Record<string, string>[])('%j is neither yes nor an error, and no mail', async (form) => {
    await world.addUser('dave')
    const two = await world.addUser('two')
    await world.enrol(two, { serial: 'A' })
    await world.enrol(await world.account('two'), { serial: 'B' })
    expect((await call('check_s', form)).json).toEqual(NEITHER)
    expect(world.mails).toHaveLength(0)
    world.set({ profile: 'hardened' })
    expect((await call('check_s', form)).json).toEqual(REJECT)
  })

  it('a wrong PIN and an unknown serial are rejections', async () => {
    expect((await call('check_s', { serial: 'LSEM1', pass: 'x' })).json).toEqual(REJECT)
    expect((await call('check_s', { serial: 'NONE', pass: 'x' })).json).toEqual(REJECT)
  })
})

describe('ok and fail', () => {
  it.each([
    ['ok', SUCCESS],
    ['fail', REJECT],
  ])('%s is always the same, by GET and POST', async (route, wanted) => {
    expect((await send(`/linotp/validate/${route}`)).json).toEqual(wanted)
    expect((await call(route, {})).json).toEqual(wanted)
  })
})

describe('who may ask', () => {
  it('is what the settings say', async () => {
    world.set({ 'validate.clients': '10.0.0.0/8' })
    const { status, json } = await check({ user: 'alice', pass: '1234' })
    expect(status).toBe(403)
    expect(json.result.error.code).toBe(510)
    world.set({ 'validate.clients': '', api_key_required: 'true' })
    expect((await check({ user: 'alice', pass: '1234' })).status).toBe(403)
    expect((await call('simplecheck', { user: 'alice', pass: '1234' })).text).toBe(':-(')
    expect(world.mails).toHaveLength(0)
  })

  it('a hardened profile takes POST only', async () => {
    world.set({ profile: 'hardened' })
    const { json } = await send('/linotp/validate/check', { query: 'user=alice&pass=1234' })
    expect(json.result).toMatchObject({ status: false, error: { code: 510 } })
    expect(world.mails).toHaveLength(0)
  })
})
