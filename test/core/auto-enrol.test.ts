import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Attempt, Outcome } from '../../functions/core/authenticate.ts'
import { passwordHash, updateUser } from '../../functions/core/users.ts'
import { remoteDirectory, STAFF } from '../support/directory.ts'
import { authentication, authorization, policy } from '../support/policies.ts'
import { codeIn, createWorld, otherThan, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const AUTO = policy('enrollment', 'autoenrollment=email', {}, 'auto')

let world: World
beforeEach(async () => {
  world = createWorld({ settings: { ...AUTO, 'mail.per_hour': '0', 'mail.per_day': '0' } })
  await world.addUser('dave')
  await setPassword('dave', 'davepw')
})

const disputedAddress = {
  ...{ address: 'old@example.org', reference: '1', secret: 's', replacedBy: 'x@example.org' },
  ...{ at: 0, until: 1, disputedAt: 1 },
}

const setPassword = async (login: string, text: string) =>
  updateUser(world.ports, 'demo', login, { password: (await passwordHash(world.ports, text))! })

const login = (pass: string, more: Partial<Attempt> = {}) =>
  world.check({ user: 'dave', pass, ...more })

async function challenged(pass = 'davepw') {
  const outcome = await login(pass)
  if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
  return { ...outcome.issued[0]!, otp: world.lastCode() }
}

const tokens = async () => Object.values((await world.account('dave')).tokens)

/** What must hold after a refusal: nothing was made and nobody was mailed. */
async function expectNothing(outcome: Outcome, expected: object) {
  expect(outcome).toMatchObject({ outcome: 'rejected', ...expected })
  expect(await tokens()).toEqual([])
  expect(world.mails).toEqual([])
  expect((await world.account('dave')).open).toEqual([])
}

describe('X26 the first login by password of somebody without a token', () => {
  it('makes a token, and mails its code to the address of the user', async () => {
    const { serial, transactionId, otp } = await challenged()
    expect(world.mails.map(({ to }) => to)).toEqual(['dave@example.org'])
    expect(serial).toMatch(/^EM[0-9A-F]{8}$/)
    const [token, ...others] = await tokens()
    expect(others).toEqual([])
    expect(token).toMatchObject({ serial, rollout: 'enrolled', enabled: true })
    expect(token).not.toHaveProperty('email')
    // who checks logins cannot open a secret, so it must not make one
    expect(token!.secret).toMatch(/^derived:/)
    const answer = { user: 'dave', pass: otp, transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted', by: 'answer', serial })
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'replayed' })
  })

  it('lets in by password and code in one field from then on, the first code too', async () => {
    const first = await challenged()
    expect(await login(`davepw${otherThan(first.otp)}`)).toMatchObject({ reason: 'wrong_otp' })
    expect(await login(`davepw${first.otp}`)).toMatchObject({ outcome: 'accepted', by: 'pin_otp' })
    const second = await challenged()
    expect(second.serial).toBe(first.serial)
    expect(await login(`davepw${second.otp}`)).toMatchObject({ outcome: 'accepted' })
    expect(await login('davepw', { transactionId: second.transactionId })).toMatchObject({
      outcome: 'rejected',
    })
    expect(await tokens()).toHaveLength(1)
  })

  it('keeps the password as a PIN is kept, and in no log', async () => {
    await challenged()
    const [token] = await tokens()
    const { password } = await world.account('dave')
    expect(token!.pin).toMatchObject({ salt: expect.any(String), mac: expect.any(String) })
    expect(token!.pin).not.toEqual(password)
    expect(JSON.stringify([world.lines, world.mails, await world.account('dave')])).not.toContain(
      'davepw',
    )
  })

  it('makes the PIN of what was typed, which stays when the password changes', async () => {
    await challenged()
    await setPassword('dave', 'another')
    expect(await login('another')).toMatchObject({ reason: 'wrong_pin' })
    expect(await login('davepw')).toMatchObject({ outcome: 'challenged' })
  })

  it('notes in the log that a login has made a token, and by which policy', async () => {
    const { serial } = await challenged()
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        message: 'token enrolled at a login',
        ...{ user: 'dave', realm: 'demo', serial, policies: ['auto'] },
      }),
    )
  })

  it('makes one token, however many come at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => login('davepw')))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(6).fill('challenged'))
    const [token, ...others] = await tokens()
    expect(others).toEqual([])
    const serials = outcomes.flatMap((one) => (one.outcome === 'challenged' ? one.issued : []))
    expect(new Set(serials.map(({ serial }) => serial))).toEqual(new Set([token!.serial]))
  })

  it('goes to the address the directory has, whatever the request says', async () => {
    const asking = { email: 'eve@evil.example', email_address: 'eve@evil.example' } as object
    await login('davepw', { ...asking, text: 'eve@evil.example' })
    expect(world.mails.map(({ to }) => to)).toEqual(['dave@example.org'])
  })

  it('follows the address of the directory', async () => {
    await challenged()
    await updateUser(world.ports, 'demo', 'dave', { email: 'dave@moved.example' })
    await challenged()
    expect(world.mails.at(-1)!.to).toBe('dave@moved.example')
  })
})

describe('X26 nothing is made and nobody is mailed', () => {
  it.each(['wrong', '', 'davepw123456'])('for the password %j', async (pass) => {
    const outcome = await login(pass)
    await expectNothing(outcome, { reason: 'no_token' })
    // nothing tells a guesser that there is somebody to guess
    expect(outcome).not.toHaveProperty('enrolling')
  })

  it('for a user without an own password', async () => {
    await updateUser(world.ports, 'demo', 'dave', { password: undefined as never })
    await expectNothing(await login(''), { reason: 'no_token' })
  })

  it('while wrong passwords keep the next one from being looked at', async () => {
    for (let tries = 0; tries < 6; tries++) await login('wrong')
    await expectNothing(await login('davepw'), { reason: 'no_token' })
    world.advance(60_000)
    expect(await login('davepw')).toMatchObject({ outcome: 'challenged' })
  })

  it('where no policy asks for it, or one for others', async () => {
    world.set(policy('enrollment', 'autoenrollment=email', { user: 'alice' }, 'auto'))
    await expectNothing(await login('davepw'), { reason: 'no_token' })
    world.set(policy('enrollment', 'autoenrollment=email', { client: '10.0.0.0/8' }, 'auto'))
    await expectNothing(await login('davepw'), { reason: 'no_token' })
    const caller = { clientIp: '10.1.2.3' }
    expect(await login('davepw', { caller })).toMatchObject({ outcome: 'challenged' })
  })

  it('for a user without an address', async () => {
    await updateUser(world.ports, 'demo', 'dave', { email: undefined as never })
    await expectNothing(await login('davepw'), {
      ...{ reason: 'no_address', enrolling: true, message: 'The user has no e-mail address.' },
    })
  })

  it.each([
    ['no codes are accepted', { 'allowed.auth.factors': 'password' }, 'factor_off'],
    ['nobody may register', { 'allowed.reg.factors': 'smsOtp' }, 'registration_off'],
    [
      'users may have no such token',
      policy('enrollment', 'email_max_token_per_user=0'),
      'enrolment_refused',
    ],
    ['users may have no token', policy('enrollment', 'max_token_per_user=0'), 'enrolment_refused'],
    ['e-mail is switched off', authentication('disabled_token_types=email'), 'no_suitable_token'],
    ['e-mail lets nobody in', authorization('tokentype=hotp'), 'tokentype'],
    ['its serial lets nobody in', authorization('serial=^HW'), 'serial'],
    [
      'policies contradict each other',
      {
        ...policy('enrollment', 'max_token_per_user=5', {}, 'a'),
        ...policy('enrollment', 'max_token_per_user=6', {}, 'b'),
      },
      'policy_conflict',
    ],
  ])('where %s', async (_, settings: Record<string, string>, reason) => {
    world.set(settings)
    await expectNothing(await login('davepw'), { reason, enrolling: true })
  })

  it('for who asks for a token of another type', async () => {
    const other = { type: 'hmac', typeBinds: true }
    await expectNothing(await login('davepw', other), { reason: 'no_token' })
    expect(await login('davepw', { type: 'email', typeBinds: true })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('for a sign-in to the self-service, or an answer', async () => {
    await expectNothing(await login('davepw', { purpose: 'self_service' }), {})
    await expectNothing(await login('davepw', { transactionId: '01234567890123456789' }), {})
  })

  it('for the account whose change of address was disputed', async () => {
    const account = await world.account('dave')
    await world.ports.accounts.save(account, { ...account, former: [disputedAddress] })
    await expectNothing(await login('davepw'), { reason: 'no_token' })
  })

  it('for a change that is disputed while the password is looked at', async () => {
    const { save } = world.ports.accounts
    let disputed = false
    world.ports.accounts.save = async (before, after) => {
      const saved = await save(before, after)
      if (!disputed) {
        disputed = true
        const account = await world.account('dave')
        await save(account, { ...account, former: [disputedAddress] })
      }
      return saved
    }
    await expectNothing(await login('davepw'), { reason: 'no_token' })
  })

  it('for who has a token, whatever its state', async () => {
    const token = await world.enrol(await world.account('dave'), { pin: '1234' })
    await world.ports.accounts.save(await world.account('dave'), {
      ...(await world.account('dave')),
      tokens: { [token.serial]: { ...token, enabled: false } },
    })
    expect(await login('davepw')).toMatchObject({ reason: 'disabled' })
    expect(await tokens()).toHaveLength(1)
    expect(world.mails).toEqual([])
  })
})

describe('X26 where the mail fails', () => {
  it('the person is told, and the next try is that of a token', async () => {
    world.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no such mailbox' }))
    expect(await login('davepw')).toMatchObject({ reason: 'mail_failed', enrolling: true })
    world.mailServer(() => ({ sent: true, reply: '250 ok' }))
    const { otp, transactionId } = await challenged()
    expect(await login(otp, { transactionId })).toMatchObject({ outcome: 'accepted' })
    expect(await tokens()).toHaveLength(1)
  })

  it('no token is made beyond the limit of mails', async () => {
    const account = await world.account('dave')
    const mails = { 'dave@example.org': [world.now(), world.now()] }
    await world.ports.accounts.save(account, { ...account, mails })
    world.set({ 'mail.per_hour': '2' })
    await expectNothing(await login('davepw'), { reason: 'mail_limit', enrolling: true })
  })
})

describe('X26 where an address has to be proven first', () => {
  const proving: [string, Record<string, string>][] = [
    ['verify_enrollment', policy('enrollment', 'verify_enrollment=email', {}, 'verify')],
    ['email.require_verified', { 'email.require_verified': 'true' }],
  ]

  it.each(proving)('by %s, the first code does that', async (_, settings) => {
    world.set(settings)
    const { serial, transactionId, otp } = await challenged()
    expect(await tokens()).toMatchObject([{ serial, rollout: 'verify' }])
    expect(await login(`davepw${otp}`)).toMatchObject({ outcome: 'rejected' })
    expect(await login(otherThan(otp), { transactionId })).toMatchObject({ outcome: 'rejected' })
    expect(await login(otp, { transactionId })).toMatchObject({ outcome: 'accepted', serial })
    expect(await tokens()).toMatchObject([{ serial, rollout: 'enrolled' }])
    expect((await world.account('dave')).emailVerified).toMatchObject({ method: 'login' })
    const next = await challenged()
    expect(await login(`davepw${next.otp}`)).toMatchObject({ outcome: 'accepted', by: 'pin_otp' })
  })

  it.each(proving)('by %s, there is one token, however many come at once', async (_, settings) => {
    world.set(settings)
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => login('davepw')))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(6).fill('challenged'))
    expect(await tokens()).toHaveLength(1)
  })

  it.each(proving)('by %s, a try that was given up is gone on with', async (_, settings) => {
    world.set(settings)
    const first = await challenged()
    const second = await challenged()
    expect(second.serial).toBe(first.serial)
    expect(await tokens()).toHaveLength(1)
    const old = { transactionId: first.transactionId }
    expect(await login(first.otp, old)).toMatchObject({ outcome: 'rejected' })
    const { otp, transactionId } = second
    expect(await login(otp, { transactionId })).toMatchObject({ outcome: 'accepted' })
  })
})

describe('X26 beside policies that let in without a token', () => {
  it('goes before them', async () => {
    world.set(authentication('passthru=userstore, passOnNoToken'))
    expect(await login('davepw')).toMatchObject({ outcome: 'challenged' })
  })

  it('leaves them as they are where it cannot make one', async () => {
    await updateUser(world.ports, 'demo', 'dave', { email: undefined as never })
    world.set(authentication('passthru=userstore'))
    expect(await login('davepw')).toMatchObject({ outcome: 'passed', by: 'userstore' })
    expect(await login('wrong')).toMatchObject({ outcome: 'rejected', reason: 'no_token' })
    expect((await world.account('dave')).passwordFailures).toBe(1)
  })
})

describe('X26 users who are kept elsewhere', () => {
  const directory = remoteDirectory()
  beforeEach(() => {
    world.ports.remoteUsers = directory.remoteUsers
    world.deliverPorts.remoteUsers = directory.remoteUsers
    world.set(STAFF)
    directory.put('erin', ['erin@example.com'])
  })

  it('get a token by the password of their directory, at the address it has', async () => {
    const asked = { user: 'erin', realm: 'staff' }
    expect(await world.check({ ...asked, pass: 'wrong' })).toMatchObject({ outcome: 'rejected' })
    const outcome = await world.check({ ...asked, pass: 'erin-secret' })
    if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
    const [mail, ...others] = world.mails
    expect([mail!.to, others]).toEqual(['erin@example.com', []])
    const { transactionId, serial } = outcome.issued[0]!
    expect(await world.check({ ...asked, pass: codeIn(mail!), transactionId })).toMatchObject({
      ...{ outcome: 'accepted', serial },
    })
    const { tokens } = await world.account('erin', 'staff')
    expect(Object.keys(tokens)).toEqual([serial])
  })

  it('get none while their directory cannot be asked', async () => {
    directory.fail(true)
    const asked = { user: 'erin', realm: 'staff', pass: 'erin-secret' }
    await expect(world.check(asked)).rejects.toThrow('down')
    directory.fail(false)
    expect(world.mails).toEqual([])
  })
})
