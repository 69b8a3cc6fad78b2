import { beforeEach, describe, expect, it, vi } from 'vitest'
import { open } from '../../../functions/core/seal.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const SEED = '3132333435363738393031323334353637383930'

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
})
const token = async (login: string, serial: string) => (await world.account(login)).tokens[serial]!
const listed = async (serial: string) =>
  valueOf(await world.call('GET', '/token/', { query: `serial=${serial}` })).tokens[0]

describe('/token/init', () => {
  it('enrols a token and tells its serial, never its seed', async () => {
    const { status, text, json } = await world.init({
      ...{ user: 'alice', realm: 'realm1', email: 'alice@fixed.example' },
      ...{ pin: '1234', serial: 'PIEM0001', otpkey: SEED },
    })
    expect(status).toBe(200)
    expect(json.result).toEqual({ status: true, value: true })
    expect(json.detail).toEqual({ rollout_state: 'enrolled', serial: 'PIEM0001', threadid: 1 })
    expect(text).not.toContain(SEED)
    const secret = await world.ports.keyring.key('secret')
    const { secret: sealed } = await token('alice', 'PIEM0001')
    expect(Buffer.from(open(secret, sealed, 'PIEM0001')).toString('hex')).toBe(SEED)
  })

  it('makes up serial and seed; a seed that was given gives way to genkey', async () => {
    const { json } = await world.init({
      user: 'bob',
      dynamic_email: '1',
      otpkey: SEED,
      genkey: '1',
    })
    const { serial } = json.detail
    expect(serial).toMatch(/^EM[0-9A-F]{8}$/)
    const secret = await world.ports.keyring.key('secret')
    const { secret: sealed } = await token('bob', serial)
    expect(Buffer.from(open(secret, sealed, serial)).toString('hex')).not.toBe(SEED)
  })

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['the address', { email: 'z@z.example' }, 'z@z.example'],
    ['the address of the day', { dynamic_email: 1 }, undefined],
    [
      'the address of the day for the text 0 too',
      { email: 'z@z.example', dynamic_email: '0' },
      undefined,
    ],
    ['the address in its normal form', { email: ' Z+otp＠Z.Example' }, 'Z+otp@z.example'],
    ['the address for false', { email: 'z@z.example', dynamic_email: false }, 'z@z.example'],
  ])('stores %s: %o', async (_, parameters, email) => {
    const json = { type: 'EMAIL', user: 'alice', serial: 'EMX1', ...parameters }
    expect((await world.call('POST', '/token/init', { json })).status).toBe(200)
    expect((await token('alice', 'EMX1')).email).toBe(email)
  })

  it('takes the address of the day of a user who has none yet, and of nobody', async () => {
    expect((await world.init({ user: 'erin', dynamic_email: '1' })).status).toBe(200)
    expect((await world.init({ dynamic_email: '1', serial: 'EMFREE1' })).status).toBe(200)
    expect((await listed('EMFREE1')).username).toBe('')
  })

  it('stores everything else that a token can have', async () => {
    await world.init({
      ...{ user: 'alice', email: 'n@x.example', serial: 'PIEM8', otplen: '8', hashlib: 'sha256' },
      ...{ description: 'my mail', 'email.identifier': 'sink', 'email.note': 'x' },
      validity_period_start: '2020-01-01T00:00+0000',
      validity_period_end: '2099-01-01T00:00+0000',
    })
    expect(await listed('PIEM8')).toMatchObject({
      otplen: 8,
      description: 'my mail',
      info: {
        email: 'n@x.example',
        'email.identifier': 'sink',
        'email.note': 'x',
        hashlib: 'sha256',
        validity_period_start: '2020-01-01T00:00+0000',
        validity_period_end: '2099-01-01T00:00+0000',
      },
    })
  })

  it.each<[Record<string, string>, number, number, RegExp]>([
    [{ user: 'alice', pin: '1' }, 400, 905, /^ERR905: Missing parameter: email$/],
    [{ user: 'alice', email: '' }, 400, 905, /^ERR905: Missing parameter: email$/],
    [
      { user: 'alice', email: 'not-an-address' },
      400,
      905,
      /^ERR905: email is not one e-mail address like name@example.org\. The @ is missing;/,
    ],
    [{ user: 'nobody', email: 'n@x.example' }, 400, 904, /^ERR904: The user can not be found/],
    [{ user: 'alice', realm: 'nope', email: 'n@x.example' }, 400, 904, /^ERR904: The user can not/],
    [
      { email: 'j@x.example', serial: 'PI EM/1' },
      400,
      905,
      /Must comply to \^\[0-9a-zA-Z\\-_\]\+\$\.$/,
    ],
    [{ user: 'alice', email: 'j@x.example', otpkey: 'abc' }, 400, 905, /^ERR905: otpkey /],
    [{ user: 'alice', email: 'j@x.example', hashlib: 'md5' }, 400, 905, /^ERR905: hashlib /],
    [
      { user: 'alice', email: 'j@x.example', validity_period_end: 'soon' },
      400,
      905,
      /^ERR905: validity_period_end is not a moment/,
    ],
    [{ type: 'nonsense', user: 'alice' }, 400, 905, /^ERR905: type is nonsense; email and spass/],
    [{ type: 'spass', user: 'alice' }, 400, 905, /^ERR905: Missing parameter: pin$/],
  ])('refuses %o', async (form, status, code, message) => {
    const error = errorOf(await world.init(form))
    expect(error).toMatchObject({ status, code })
    expect(error.message).toMatch(message)
  })

  describe('again for the same serial', () => {
    beforeEach(() =>
      world.init({ user: 'alice', email: 'old@x.example', pin: '1234', serial: 'PIEM0001' }),
    )

    it('makes a new seed and keeps owner, PIN and lock', async () => {
      const before = await token('alice', 'PIEM0001')
      const { key } = await world.account('alice')
      await world.ports.accounts.charge(key, { at: 5, evaluated: 0, serials: ['PIEM0001'] })
      await world.call('POST', '/token/disable/PIEM0001')
      await world.init({ serial: 'PIEM0001', email: 'new@x.example', rollover: '1' })
      expect(await token('alice', 'PIEM0001')).toMatchObject({
        ...{ email: 'new@x.example', pin: before.pin, failcount: 1, enabled: false },
      })
      expect((await token('alice', 'PIEM0001')).secret).not.toBe(before.secret)
    })

    it('makes a fixed address the one of the day', async () => {
      await world.init({ serial: 'PIEM0001', dynamic_email: '1' })
      expect((await listed('PIEM0001')).info).toMatchObject({ dynamic_email: 'True' })
      expect((await token('alice', 'PIEM0001')).email).toBeUndefined()
    })

    it('refuses another type, another owner, and one that was revoked', async () => {
      const message =
        'ERR301: init token failed: Token PIEM0001 already exists with type email. ' +
        'Can not initialize token with new type hotp'
      const other = await world.init({ type: 'hotp', serial: 'PIEM0001', genkey: '1' })
      expect(errorOf(other)).toEqual({ status: 400, code: 301, message })
      const bob = { user: 'bob', serial: 'PIEM0001', email: 'b@x.example' }
      expect(errorOf(await world.init(bob))).toMatchObject({ status: 400, code: 905 })
      await world.call('POST', '/token/revoke', { form: { serial: 'PIEM0001' } })
      const again = await world.init({ serial: 'PIEM0001', email: 'new@x.example' })
      expect(errorOf(again)).toMatchObject({ status: 400, code: 1007 })
    })
  })

  describe('of a user who may by policy', () => {
    beforeEach(() =>
      world.configure({ 'policies/u': JSON.stringify({ scope: 'user', action: '*' }) }),
    )

    it('enrols for themselves, whoever is named', async () => {
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const form = { type: 'email', email: 'c@x.example', user: 'alice', serial: 'EMC1' }
      expect((await carol('POST', '/token/init', { form })).status).toBe(200)
      expect(Object.keys((await world.account('carol')).tokens)).toEqual(['EMC1'])
      expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
    })

    it('names an address whose domain may be registered', async () => {
      await world.configure({ 'address.allowed_domains': 'example.org' })
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const form = { type: 'email', email: 'c@x.example', serial: 'EMC1' }
      expect(errorOf(await carol('POST', '/token/init', { form }))).toMatchObject({
        status: 400,
        message: expect.stringContaining('email cannot be used'),
      })
      const others = { ...form, email: 'c@example.org' }
      expect((await carol('POST', '/token/init', { form: others })).status).toBe(200)
      expect(Object.keys((await world.account('carol')).tokens)).toEqual(['EMC1'])
    })

    it.each(['EMC1', 'EMC2'])(
      'cannot choose the seed and so do without the mailbox: %s',
      async (serial) => {
        await world.init({ user: 'carol', email: 'c@x.example', serial: 'EMC1' })
        const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
        const form = { type: 'email', email: 'c@x.example', serial, otpkey: SEED }
        expect((await carol('POST', '/token/init', { form })).status).toBe(200)
        const secret = await world.ports.keyring.key('secret')
        const { secret: sealed } = await token('carol', serial)
        expect(Buffer.from(open(secret, sealed, serial)).toString('hex')).not.toBe(SEED)
        const bad = { ...form, otpkey: 'abc' }
        expect((await carol('POST', '/token/init', { form: bad })).status).toBe(400)
      },
    )

    it('does not reach the token of another', async () => {
      await world.init({ user: 'alice', email: 'a@x.example', serial: 'EMA1' })
      const before = await token('alice', 'EMA1')
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const form = { type: 'email', email: 'c@x.example', serial: 'EMA1' }
      expect((await carol('POST', '/token/init', { form })).status).toBe(400)
      expect(await token('alice', 'EMA1')).toEqual(before)
    })
  })

  describe('of a user who has proven a password and may by no policy', () => {
    it.each([
      { type: 'spass', pin: 'mine' },
      { type: 'email', email: 'evil@x.example' },
      { type: 'email', email: 'evil@x.example', serial: 'EMC1', pin: 'mine' },
    ])('changes nothing by %o', async (form) => {
      await world.init({ user: 'carol', email: 'c@x.example', serial: 'EMC1', pin: '1234' })
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const before = await world.account('carol')
      const { status } = await carol('POST', '/token/init', {
        form: form as Record<string, string>,
      })
      expect(status).toBe(403)
      expect(await world.account('carol')).toEqual(before)
    })

    it('makes no token of a PIN alone, even where every right is granted', async () => {
      await world.configure({ 'policies/u': JSON.stringify({ scope: 'user', action: '*' }) })
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const { status } = await carol('POST', '/token/init', {
        form: { type: 'spass', pin: 'mine' },
      })
      expect(status).toBe(403)
      expect((await world.account('carol')).tokens).toEqual({})
    })
  })

  describe('under policies', () => {
    const policy = (name: string, scope: string, action: string) =>
      world.configure({ [`policies/${name}`]: JSON.stringify({ scope, action }) })
    const refused = (message: string) => ({ status: 403, code: 303, message })

    it('needs the right for the type, even where Otpost has no such type', async () => {
      await policy('admins', 'admin', 'disable')
      const message =
        'Admin actions are defined, but you are not allowed to enroll this token type!'
      expect(errorOf(await world.init({ user: 'alice', email: 'x@x.example' }))).toEqual(
        refused(message),
      )
      expect(errorOf(await world.init({ type: 'nonsense' }))).toEqual(refused(message))
    })

    describe('of an administrator of one realm', () => {
      const refusal = refused(
        'Admin actions are defined, but you are not allowed to enroll this token type!',
      )
      const limit = (realm: string) =>
        world.configure({
          'policies/helpdesk': JSON.stringify({ scope: 'admin', action: 'enrollEMAIL', realm }),
        })

      it('does not take over the token of another realm by its serial', async () => {
        await world.init({ user: 'alice', email: 'a@x.example', pin: 'pin', serial: 'EMA1' })
        await limit('other')
        const before = await token('alice', 'EMA1')
        const form = { serial: 'EMA1', email: 'evil@x.example', pin: '666666' }
        expect(errorOf(await world.init(form))).toEqual(refusal)
        expect(await token('alice', 'EMA1')).toEqual(before)
        await limit('realm1')
        expect((await world.init(form)).status).toBe(200)
      })

      it('does not take over a token that its user is given meanwhile', async () => {
        await limit('other')
        const { accounts } = world.ports
        const { findSerial } = accounts
        let looks = 0
        accounts.findSerial = async (serial) => {
          // the last look is the one the token is written on
          if (++looks === 3) {
            const { enrolToken } = await import('../../../functions/core/enrol-token.ts')
            const alice = await world.account('alice')
            accounts.findSerial = findSerial
            await enrolToken(world.ports, { account: alice, serial, email: 'a@x.example' })
          }
          return findSerial(serial)
        }
        const answer = await world.init({ serial: 'EMA1', email: 'evil@x.example' })
        expect(looks).toBe(3)
        expect(errorOf(answer)).toEqual(refusal)
        expect((await token('alice', 'EMA1')).email).toBe('a@x.example')
      })
    })

    it('needs the right of a user too', async () => {
      await policy('users', 'user', 'disable')
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const form = { type: 'email', email: 'c@x.example' }
      expect(errorOf(await carol('POST', '/token/init', { form }))).toEqual(
        refused('User actions are defined, you are not allowed to enroll this token type!'),
      )
    })

    it('does not reach over the realm of the policy by a serial alone', async () => {
      await world.init({ user: 'alice', email: 'a@x.example', serial: 'EMA1' })
      const before = await token('alice', 'EMA1')
      const scoped = { scope: 'admin', action: 'enrollEMAIL', realm: 'other' }
      await world.configure({
        'realms/other': 'directory',
        'policies/desk': JSON.stringify(scoped),
      })
      const taken = await world.init({ serial: 'EMA1', email: 'evil@x.example', pin: '666666' })
      expect(taken.status).toBe(403)
      expect(await token('alice', 'EMA1')).toEqual(before)
    })

    it('never lets a user make a token that asks no mailbox', async () => {
      const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
      const form = { type: 'spass', pin: 'mine' }
      expect((await carol('POST', '/token/init', { form })).status).toBe(403)
      expect((await world.account('carol')).tokens).toEqual({})
    })

    it('holds the number of tokens, whatever is enrolled at once', async () => {
      await policy('limit', 'enrollment', 'email_max_token_per_user=2')
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => world.init({ user: 'alice', email: 'x@x.example' })),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
      expect(errorOf(answers.find(({ status }) => status !== 200)!)).toEqual(
        refused('The number of tokens of type email for this user is limited!'),
      )
      expect(Object.keys((await world.account('alice')).tokens)).toHaveLength(2)
    })

    it('wants a PIN of the length asked for', async () => {
      await policy('pins', 'admin', 'enrollEMAIL, otp_pin_minlength=4')
      const form = { user: 'alice', email: 'x@x.example' }
      expect(errorOf(await world.init({ ...form, pin: 'abc' }))).toEqual(
        refused('The minimum OTP PIN length is 4'),
      )
      expect(errorOf(await world.init(form))).toMatchObject({ code: 303 })
      expect((await world.init({ ...form, pin: 'abcd' })).status).toBe(200)
    })

    it('wants a description where one is asked for', async () => {
      await policy('notes', 'enrollment', 'require_description=email')
      const form = { user: 'alice', email: 'x@x.example' }
      expect(errorOf(await world.init(form))).toEqual(
        refused('Description required for email token.'),
      )
      expect((await world.init({ ...form, description: 'mine' })).status).toBe(200)
    })
  })
})
