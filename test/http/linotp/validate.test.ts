import { beforeEach, describe, expect, it } from 'vitest'
import { authentication } from '../../support/policies.ts'
import type { World } from '../../support/world.ts'
import { createLinotpLogins, type LinotpLogins, REJECT, SUCCESS } from './logins.ts'

let world: World
let send: LinotpLogins['send']
let call: LinotpLogins['call']
let check: LinotpLogins['check']
let triggered: LinotpLogins['triggered']

async function begin(settings: Record<string, string> = {}) {
  ;({ world, send, call, check, triggered } = await createLinotpLogins(settings))
}

beforeEach(() => begin())

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

  it.each([6, 9])('auth_info tells how much was PIN and how much OTP: %i', async (digits) => {
    world.set(authentication(`email_otplen=${digits}`))
    const { otp } = await triggered()
    const { json } = await check({ user: 'alice', pass: `1234${otp}`, auth_info: 'true' })
    expect(json.detail).toEqual({
      auth_info: [
        ['pin_length', 4],
        ['otp_length', digits],
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

  it('X23: EMAIL_CHALLENGE_PROMPT is what is said instead', async () => {
    world.set({ EMAIL_CHALLENGE_PROMPT: 'Look into your mail' })
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('Look into your mail')
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
