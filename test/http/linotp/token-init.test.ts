import { beforeEach, describe, expect, test, vi } from 'vitest'
import { codeIn } from '../../support/world.ts'
import { createTokenAdmin, TOKEN, type TokenAdmin } from './token-admin.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: TokenAdmin['world']
let admin: TokenAdmin['admin']
let init: TokenAdmin['init']
let value: TokenAdmin['value']
let token: TokenAdmin['token']

beforeEach(async () => {
  ;({ world, admin, init, value, token } = await createTokenAdmin())
})

describe('init', () => {
  test('enrols an e-mail token that mails its codes to the address', async () => {
    const answer = await admin.post('/admin/init', { ...TOKEN, user: 'alice@realm1', otplen: '8' })
    expect(answer.json).toEqual({
      jsonrpc: '2.0802',
      result: { status: true, value: true },
      detail: { serial: 'LSEM0001' },
      id: 1,
      version: 'LinOTP 3.4.4',
      versionNumber: '3.4.4',
    })
    expect(world.lines.at(-1)).toMatchObject({
      path: '/linotp/admin/init',
      actor: { username: 'admin' },
      user: 'alice',
      realm: 'realm1',
      serials: ['LSEM0001'],
    })
    await world.check({ user: 'alice', pass: 'pin' })
    expect(world.mails).toMatchObject([{ to: 'a@example.org' }])
    expect(codeIn(world.mails[0]!)).toHaveLength(8)
  })

  test('makes up a serial, and a token for nobody', async () => {
    const answer = await admin.post('/admin/init', {
      type: 'email',
      email_address: 'a@example.org',
    })
    expect(answer.json.detail.serial).toMatch(/^EM[0-9A-F]{8}$/)
  })

  test('enrols a token that asks for its PIN only', async () => {
    expect(await init({ type: 'spass', serial: 'SP1' })).toEqual({ status: 200, value: true })
    expect((await world.check({ user: 'alice', pass: 'pin' })).outcome).toBe('accepted')
  })

  test('enrols an existing serial anew, with its new address and its old PIN', async () => {
    await init({ description: 'old' })
    const before = await token()
    const form = { type: 'email', email_address: 'b@example.org', serial: 'LSEM0001' }
    expect(await value('init', form)).toBe(true)
    expect(await token()).toMatchObject({
      email: 'b@example.org',
      pin: before.pin,
      description: 'old',
    })
    expect((await token()).secret).not.toBe(before.secret)
  })

  test.each([
    [{ type: '' }, 1610, 'ERR1610: type is hmac; email and spass are accepted.'],
    [{ type: 'totp' }, 1610, 'ERR1610: type is totp; email and spass are accepted.'],
    [{ email_address: '' }, -311, 'Missing parameter: email_address'],
    [{ email_address: 'a@x.org, b@x.org' }, 905, expect.stringContaining('email_address')],
    [{ email_address: 'a@x.org\r\nBcc: b@x.org' }, 905, expect.stringContaining('email_address')],
    [{ otplen: '3' }, 905, 'ERR905: otplen is not a whole number from 4 to 12.'],
    [{ otpkey: 'abc' }, 905, expect.stringContaining('otpkey')],
    [{ hashlib: 'md5' }, 905, expect.stringContaining('hashlib')],
    [{ serial: "x'; y" }, 905, expect.stringContaining('Invalid serial')],
    [{ user: 'nobody' }, 905, expect.stringContaining('user')],
    [{ serial: 'constructor' }, 905, expect.stringContaining('serial')],
  ])('refuses %j', async (form, code, message) => {
    expect(await init(form as Record<string, string>)).toEqual({ status: 200, code, message })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
  })

  test('refuses another type, and a serial that is somebody else\u2019s', async () => {
    await init()
    expect(await init({ type: 'spass' })).toMatchObject({ code: 10 })
    expect(await init({ user: 'bob' })).toMatchObject({ code: 905 })
  })

  test('follows the policies of PINs and of enrolment', async () => {
    const scope = (scope: string, action: string) => JSON.stringify({ scope, action })
    await world.configure({
      'policies/a': scope('admin', '*, otp_pin_minlength=4'),
      'policies/e': scope('enrollment', 'email_max_token_per_user=1'),
    })
    expect(await init()).toEqual({
      status: 200,
      code: 410,
      message: 'ERR410: The minimum OTP PIN length is 4',
    })
    expect(await init({ pin: '1234' })).toMatchObject({ value: true })
    expect(await init({ pin: '1234', serial: 'LSEM0002' })).toMatchObject({ code: 410 })
  })

  test('does not go round a policy that wants the address proven', async () => {
    await world.configure({
      'policies/e': JSON.stringify({ scope: 'enrollment', action: 'verify_enrollment=email' }),
    })
    expect(await init()).toMatchObject({
      code: 410,
      message: expect.stringContaining('/token/init'),
    })
    await world.init({ serial: 'LSEM0001', user: 'alice', email: 'a@example.org', pin: 'pin' })
    await world.configure({
      'policies/e': JSON.stringify({ scope: 'enrollment', action: 'max_token_per_user=9' }),
    })
    expect(await init()).toMatchObject({ code: 410 })
    expect((await token()).rollout).toBe('verify')
  })
})
