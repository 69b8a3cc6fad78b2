import { beforeEach, describe, expect, test, vi } from 'vitest'
import { codeIn } from '../../support/world.ts'
import { createTokenAdmin, type TokenAdmin } from './token-admin.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: TokenAdmin['world']
let init: TokenAdmin['init']
let done: TokenAdmin['done']
let value: TokenAdmin['value']
let token: TokenAdmin['token']

beforeEach(async () => {
  ;({ world, init, done, value, token } = await createTokenAdmin())
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
    [{ OtpLen: '13' }, 905, expect.stringContaining('otplen')],
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
