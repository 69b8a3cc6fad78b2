import { beforeEach, describe, expect, test, vi } from 'vitest'
import { codeIn } from '../../support/world.ts'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { type Browser, signedIn, told } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let admin: Browser
beforeEach(async () => {
  world = await createAdminWorld()
  admin = await signedIn(world)
})

const TOKEN = { type: 'email', email_address: 'a@example.org', pin: 'pin', serial: 'LSEM0001' }
const init = async (form: Record<string, string> = {}) =>
  told(await admin.post('/admin/init', { ...TOKEN, user: 'alice', realm: 'realm1', ...form }))
const done = async (verb: string, form: Record<string, string> | string) =>
  told(await admin.post(`/admin/${verb}`, form))
const value = async (verb: string, form: Record<string, string> | string) =>
  (await done(verb, form)).value
const token = async (login = 'alice', serial = 'LSEM0001') =>
  (await world.account(login)).tokens[serial]!

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
    [{ otplen: '5' }, 905, 'ERR905: otplen is not a whole number from 6 to 10.'],
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

describe('remove, enable, disable, reset', () => {
  beforeEach(async () => {
    await init()
    await init({ serial: 'LSEM0002' })
    await init({ serial: 'LSEM0003', user: 'bob' })
  })

  test('count the tokens they are about, by serial or by user', async () => {
    expect(await value('disable', { serial: 'LSEM0001' })).toBe(1)
    expect((await token()).enabled).toBe(false)
    expect(await value('disable', { user: 'alice' })).toBe(2)
    expect(await value('enable', { user: 'alice', realm: 'realm1' })).toBe(2)
    expect((await token()).enabled).toBe(true)
    const { key } = await world.account('alice')
    await world.ports.accounts.charge(key, { at: 5, evaluated: 3, serials: ['LSEM0001'] })
    expect(await value('reset', { serial: 'LSEM0001' })).toBe(1)
    expect((await token()).failcount).toBe(0)
    expect(await value('remove', { serial: 'LSEM0001' })).toBe(1)
    expect(Object.keys((await world.account('alice')).tokens)).toEqual(['LSEM0002'])
  })

  test('take lists of serials', async () => {
    const form = 'serial[]=LSEM0001&serial[]=LSEM0003'
    expect(await value('disable', form)).toBe(2)
    expect(world.lines.at(-1)).toMatchObject({ serials: ['LSEM0001', 'LSEM0003'] })
    expect(await value('remove', form)).toBe(2)
    const json = { serial: ['LSEM0002', 'LSEM0002'] }
    expect(told(await admin.call('/admin/remove', { method: 'POST', json })).value).toBe(1)
  })

  test.each(['enable', 'disable', 'reset'])('say so when %s finds nothing', async (verb) => {
    const none = await admin.post(`/admin/${verb}`, { serial: 'NOPE' })
    expect(none.json).toMatchObject({
      result: { status: true, value: 0 },
      detail: { message: 'No token with serial NOPE' },
    })
    const idle = await admin.post(`/admin/${verb}`, { user: 'carol' })
    expect(idle.json).toMatchObject({
      result: { status: true, value: 0 },
      detail: { message: 'No tokens for this user' },
    })
  })

  test('remove nothing where one serial is unknown, or of another user', async () => {
    expect(await done('remove', 'serial[]=LSEM0001&serial[]=NOPE')).toEqual({
      status: 200,
      code: 1102,
      message: 'ERR1102: No token with serial NOPE found',
    })
    expect(await done('remove', { serial: 'LSEM0003', user: 'alice' })).toMatchObject({
      code: 1102,
    })
    expect(await token()).toBeDefined()
    expect(await token('bob', 'LSEM0003')).toBeDefined()
  })

  test('need a serial or a user', async () => {
    for (const verb of ['remove', 'enable', 'disable', 'reset']) {
      expect(await done(verb, {})).toMatchObject({ status: 200, code: 905 })
    }
  })

  test('leave a revoked token as it is', async () => {
    await world.call('POST', '/token/revoke', { form: { serial: 'LSEM0001' } })
    expect(await done('enable', { serial: 'LSEM0001' })).toMatchObject({ code: 905 })
    expect(await init()).toMatchObject({ code: 905 })
  })
})

describe('set', () => {
  beforeEach(() => init())
  const set = (form: Record<string, string>) => done('set', { serial: 'LSEM0001', ...form })

  test('changes several things at once and counts the tokens of each', async () => {
    const form = {
      pin: 'other',
      MaxFailCount: '7',
      SyncWindow: '500',
      CounterWindow: '5',
      OtpLen: '8',
      hashlib: 'sha256',
      description: 'desk',
      validityPeriodStart: '01/02/26 08:00',
      validityPeriodEnd: '2027-01-31T00:00+0000',
    }
    const { value } = await set(form)
    expect(value).toEqual(Object.fromEntries(Object.keys(form).map((name) => [`set ${name}`, 1])))
    expect(await token()).toMatchObject({
      maxFailcount: 7,
      digits: 8,
      algorithm: 'sha256',
      description: 'desk',
      validFrom: Date.UTC(2026, 1, 1, 8),
      validUntil: Date.UTC(2027, 0, 31),
    })
    await world.check({ user: 'alice', pass: 'other' })
    expect(codeIn(world.mails[0]!)).toHaveLength(8)
  })

  test('reads names in any case, and all tokens of a user', async () => {
    await init({ serial: 'LSEM0002' })
    const form = { user: 'alice', maxfailcount: '3' }
    expect(await value('set', form)).toEqual({ 'set MaxFailCount': 2 })
    expect((await token('alice', 'LSEM0002')).maxFailcount).toBe(3)
  })

  test('follows the policies of PINs, for all tokens or for none', async () => {
    await init({ serial: 'SP1', type: 'spass' })
    const before = await world.account('alice')
    expect(await done('set', { user: 'alice', pin: '' })).toMatchObject({
      code: 905,
      message: expect.stringContaining('pin is empty'),
    })
    const action = 'setpin, otp_pin_minlength=4'
    await world.configure({ 'policies/a': JSON.stringify({ scope: 'admin', action }) })
    expect(await done('set', { user: 'alice', pin: '123' })).toMatchObject({ code: 410 })
    expect(await world.account('alice')).toEqual(before)
    expect(await value('set', { user: 'alice', pin: '1234' })).toEqual({ 'set pin': 2 })
  })

  test('ends a period of validity', async () => {
    await set({ validityPeriodEnd: '01/02/26 08:00' })
    expect((await world.check({ user: 'alice', pass: 'pin' })).outcome).toBe('rejected')
    await set({ validityPeriodEnd: 'unlimited' })
    expect((await world.check({ user: 'alice', pass: 'pin' })).outcome).toBe('challenged')
  })

  test.each([
    [{}, 77, expect.stringMatching(/^ERR77: Usage: .*MaxFailCount/)],
    [{ MaxFailCount: '0' }, 905, expect.stringContaining('maxfailcount')],
    [{ OtpLen: '11' }, 905, expect.stringContaining('otplen')],
    [{ validityPeriodEnd: '31/02/26 08:00' }, 905, expect.stringContaining('validityperiodend')],
    [{ phone: '123' }, 905, 'ERR905: phone is for SMS tokens.'],
    [{ email_address: 'b@example.org' }, 905, expect.stringContaining('init')],
    [{ countAuthMax: '3' }, 905, expect.stringContaining('auth_max_success')],
    [{ pin: 'a', PIN: 'b' }, 905, expect.stringContaining('more than once')],
  ])('changes nothing at all for %j', async (form, code, message) => {
    const before = await token()
    const given = form as Record<string, string>
    const answer = await set(
      'pin' in given ? given : { ...given, ...(code === 77 ? {} : { pin: 'x' }) },
    )
    expect(answer).toEqual({ status: 200, code, message })
    expect(await token()).toEqual(before)
  })
})

describe('assign and unassign', () => {
  beforeEach(async () => {
    for (const serial of ['LSEM0001', 'LSEM0002']) await value('init', { ...TOKEN, serial })
  })

  test('give tokens to a user and take them away', async () => {
    const form = 'serial[]=LSEM0001&serial[]=LSEM0002&user=alice&realm=realm1&pin=mine'
    const answer = await admin.post('/admin/assign', form)
    expect(answer.json).toMatchObject({ result: { status: true, value: true }, id: 2 })
    expect((await world.check({ user: 'alice', pass: 'mine' })).outcome).toBe('challenged')
    expect(world.lines.find(({ path }) => path === '/linotp/admin/assign')).toMatchObject({
      user: 'alice',
      serials: ['LSEM0001', 'LSEM0002'],
    })
    expect(await done('unassign', { serial: 'LSEM0001' })).toEqual({ status: 200, value: true })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual(['LSEM0002'])
  })

  test('refuse what does not exist or is somebody else\u2019s, and then change nothing', async () => {
    await value('assign', { serial: 'LSEM0002', user: 'bob' })
    expect(await done('assign', 'serial[]=LSEM0001&serial[]=NOPE&user=alice')).toMatchObject({
      code: 1102,
    })
    expect(await done('assign', 'serial[]=LSEM0001&serial[]=LSEM0002&user=alice')).toMatchObject({
      code: 905,
      message: expect.stringContaining('unassign it first'),
    })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
    expect(await done('assign', { serial: 'LSEM0001' })).toMatchObject({ code: 905 })
    expect(await done('assign', { user: 'alice' })).toMatchObject({ code: 905 })
    expect(await done('unassign', { serial: 'NOPE' })).toMatchObject({ code: 1102 })
  })
})

describe('checkstatus', () => {
  const status = async (query: Record<string, string>) =>
    told(await admin.get('/admin/checkstatus', query))
  beforeEach(() => init())

  test('shows the open challenges of a token, a user or a transaction, and no code', async () => {
    const outcome = await world.check({ user: 'alice', pass: 'pin' })
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    const seen = {
      values: {
        LSEM0001: {
          challenges: {
            [transactionId]: {
              id: 0,
              transid: transactionId,
              challenge: '',
              tokenserial: 'LSEM0001',
              data: '',
              timestamp: '2026-11-21 12:00:00',
              received_tan: false,
              valid_tan: false,
              session: { status: 'open' },
            },
          },
          tokeninfo: expect.objectContaining({ 'LinOtp.TokenSerialnumber': 'LSEM0001' }),
        },
      },
    }
    expect(await status({ serial: 'LSEM0001' })).toEqual({ status: 200, value: seen })
    expect((await status({ user: 'alice' })).value).toEqual(seen)
    expect((await status({ transactionid: transactionId })).value).toEqual(seen)
    expect((await status({ state: transactionId, serial: 'LSEM0001' })).value).toEqual(seen)

    await world.check({ user: 'alice', pass: world.lastCode(), transactionId })
    expect((await status({ transactionid: transactionId })).value).toEqual({ values: {} })
    const all = await status({ transactionid: transactionId, open: 'true' })
    expect(all.value.values.LSEM0001.challenges[transactionId]).toMatchObject({
      received_tan: true,
      valid_tan: true,
      session: { status: 'closed' },
    })
  })

  test('tells the challenges of one transaction apart', async () => {
    await init({ serial: 'LSEM0002' })
    const outcome = await world.check({ user: 'alice', pass: 'pin' })
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    const named = async (query: Record<string, string>) =>
      Object.entries<{ challenges: object }>((await status(query)).value.values).map(
        ([serial, { challenges }]) => [serial, ...Object.keys(challenges)],
      )
    const [one, two] = [
      ['LSEM0001', `${transactionId}.01`],
      ['LSEM0002', `${transactionId}.02`],
    ]
    expect(await named({ user: 'alice' })).toEqual([one, two])
    expect(await named({ transactionid: transactionId })).toEqual([one, two])
    expect(await named({ transactionid: `${transactionId}.02` })).toEqual([two])
  })

  test('shows nothing of what there is not, and wants to be told what to show', async () => {
    expect((await status({ transactionid: '1'.repeat(20) })).value).toEqual({ values: {} })
    expect((await status({ serial: 'NOPE' })).value).toEqual({ values: {} })
    expect(await status({})).toMatchObject({ status: 200, code: 77 })
  })
})

test('GET changes nothing', async () => {
  await init()
  const before = await world.account('alice')
  for (const verb of [
    'init',
    'remove',
    'enable',
    'disable',
    'reset',
    'set',
    'assign',
    'unassign',
  ]) {
    const query = { ...TOKEN, user: 'bob', description: 'x', csrf_token: admin.csrf }
    expect((await admin.get(`/admin/${verb}`, query)).status).toBe(405)
  }
  expect(await world.account('alice')).toEqual(before)
})
