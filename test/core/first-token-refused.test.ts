/** X26: why a first login by password brings no token, and what that leaves of other ways in. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Token } from '../../functions/core/account.ts'
import type { Attempt } from '../../functions/core/authenticate.ts'
import { requestAddress } from '../../functions/core/registration.ts'
import { passwordHash, updateUser } from '../../functions/core/users.ts'
import { authentication, authorization, policy } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const AUTO = policy('enrollment', 'autoenrollment=email', {}, 'auto')
const PROVEN = policy('enrollment', 'verify_enrollment=email', {}, 'verify')
const PASSTHRU = authentication('passthru=userstore', {}, 'thru')

let world: World
beforeEach(async () => {
  world = createWorld({ settings: { ...AUTO, ...PASSTHRU } })
  await world.addUser('dave')
  const password = (await passwordHash(world.ports, 'davepw'))!
  await updateUser(world.ports, 'demo', 'dave', { password })
})

const login = (more: Partial<Attempt> = {}) =>
  world.check({ user: 'dave', pass: 'davepw', ...more })
const dave = () => world.account('dave')
const tokens = async () => Object.values((await dave()).tokens)
const REFUSED = { outcome: 'rejected', enrolling: true }
const PASSED = { outcome: 'passed', by: 'userstore' }

/** Changes what is stored of the only token, or of all. */
async function changeTokens(change: Partial<Token>): Promise<void> {
  const account = await dave()
  const changed = Object.entries(account.tokens).map(([serial, one]) => [
    serial,
    { ...one, ...change },
  ])
  await world.ports.accounts.save(account, { ...account, tokens: Object.fromEntries(changed) })
}

describe('the password alone does not let in', () => {
  it.each([
    ['verify_enrollment', PROVEN],
    ['email.require_verified', { 'email.require_verified': 'true' }],
  ])('once the mails of the hour are used up, with %s', async (_, settings) => {
    world.set(settings)
    for (let tries = 0; tries < 5; tries++) {
      expect(await login()).toMatchObject({ outcome: 'challenged' })
    }
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'mail_limit' })
    expect(await login({ pass: 'wrong' })).toMatchObject({ outcome: 'rejected' })
  })

  it('once the mails of the hour went out for something else', async () => {
    const asked = { by: 'self', caller: { clientIp: '192.0.2.1' } } as const
    for (let tries = 0; tries < 5; tries++) {
      const result = await requestAddress(world.ports, await dave(), 'dave@example.org', asked)
      expect(result).toMatchObject({ requested: true })
    }
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'mail_limit' })
    expect(await tokens()).toEqual([])
  })

  it('once the guesses of the day are used up', async () => {
    const account = await dave()
    const wrong = Array<number>(20).fill(world.now())
    await world.ports.accounts.save(account, { ...account, wrong })
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'guess_budget' })
  })

  it('at an address that takes no mail', async () => {
    const account = await dave()
    const undeliverable = { 'dave@example.org': { at: 0, why: 'bounce' as const, words: '550' } }
    await world.ports.accounts.save(account, { ...account, undeliverable })
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'undeliverable' })
  })

  it('while the mail server fails', async () => {
    world.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no' }))
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'mail_failed' })
  })

  it('while policies contradict each other', async () => {
    world.set(policy('enrollment', 'max_token_per_user=5', {}, 'a'))
    world.set(policy('enrollment', 'max_token_per_user=6', {}, 'b'))
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'policy_conflict' })
  })

  it('to who asks for a token of another type', async () => {
    expect(await login({ type: 'hmac', typeBinds: true })).toMatchObject({
      ...{ ...REFUSED, reason: 'no_token' },
    })
  })

  it('where only some serials let in, which one may draw', async () => {
    world.set(authorization('serial=^HW'))
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'serial' })
  })

  it('by a wrong one, where no token lets everybody in', async () => {
    world.set(authentication('passOnNoToken', {}, 'thru'))
    expect(await login({ pass: 'wrong' })).toMatchObject({ outcome: 'rejected' })
  })

  it.each([['disabled', { enabled: false }] as const, ['locked', { failcount: 10 }] as const])(
    'with a begun token that is %s, which stays as it is',
    async (reason, change) => {
      world.set(PROVEN)
      await login()
      await changeTokens(change)
      const before = await dave()
      for (let tries = 0; tries < 3; tries++) {
        expect(await login()).toMatchObject({ ...REFUSED, reason })
      }
      expect((await dave()).tokens).toEqual(before.tokens)
      expect(world.mails).toHaveLength(1)
    },
  )

  it('where what they have begun uses up their limit of tokens', async () => {
    world.set(PROVEN)
    await login()
    await changeTokens({ revoked: true })
    world.set(policy('enrollment', 'email_max_token_per_user=1', {}, 'limit'))
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'enrolment_refused' })
  })

  it('where the account has as many tokens as there can be', async () => {
    world.set(PROVEN)
    await login()
    const account = await dave()
    const [begun] = Object.values(account.tokens)
    const many = Array.from({ length: 50 }, (_, index) => `EM${index}`)
    const old = many.map((serial) => [serial, { ...begun!, serial, revoked: true }])
    await world.ports.accounts.save(account, { ...account, tokens: Object.fromEntries(old) })
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'enrolment_refused' })
  })
})

describe('the password alone lets in as before, where there can be no token', () => {
  it.each([
    ['nobody may register', { 'allowed.reg.factors': 'smsOtp' }],
    ['no codes are accepted', { 'allowed.auth.factors': 'password' }],
    ['e-mail is switched off', authentication('disabled_token_types=email')],
    ['e-mail lets nobody in', authorization('tokentype=hotp')],
    ['users may have no token', policy('enrollment', 'max_token_per_user=0')],
    ['users may have no such token', policy('enrollment', 'email_max_token_per_user=0')],
  ])('as %s', async (_, settings: Record<string, string>) => {
    world.set(settings)
    expect(await login()).toMatchObject(PASSED)
    expect(await login({ pass: 'wrong' })).toMatchObject({ outcome: 'rejected' })
    expect((await dave()).passwordFailures).toBe(1)
    expect(world.mails).toEqual([])
  })

  it('as the directory has no address', async () => {
    await updateUser(world.ports, 'demo', 'dave', { email: undefined as never })
    expect(await login()).toMatchObject(PASSED)
    world.set(authentication('passOnNoToken', {}, 'thru'))
    expect(await login()).toMatchObject({ outcome: 'passed', by: 'no_token' })
  })
})

describe('a begun token that was revoked', () => {
  it('is left, and the next login brings another one', async () => {
    world.set(PROVEN)
    await login()
    const [revoked] = await tokens()
    await changeTokens({ revoked: true })
    const outcome = await login()
    if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
    const [{ serial, transactionId }] = outcome.issued as [(typeof outcome.issued)[0]]
    expect(serial).not.toBe(revoked!.serial)
    expect(await login({ pass: world.lastCode(), transactionId })).toMatchObject({
      ...{ outcome: 'accepted', serial },
    })
  })

  it('between the look at the account and its write ends this login only', async () => {
    world.set(PROVEN)
    await login()
    const { findSerial } = world.ports.accounts
    world.ports.accounts.findSerial = async (serial) => {
      world.ports.accounts.findSerial = findSerial
      await changeTokens({ revoked: true })
      return findSerial(serial)
    }
    expect(await login()).toMatchObject({ ...REFUSED, reason: 'enrolment_refused' })
    expect(await login()).toMatchObject({ outcome: 'challenged' })
  })
})

describe('the notice of a first token', () => {
  const NOTICE = 'From now on you sign in with a code'
  const subjects = () => world.mails.map(({ subject }) => subject)
  beforeEach(() => world.set(policy('notification', 'autoenrollment=email', {}, 'told')))

  it('is sent once it is proven, and not at every try before', async () => {
    world.set(PROVEN)
    for (let tries = 0; tries < 3; tries++) await login()
    expect(subjects()).toEqual(Array(3).fill('Confirm your e-mail address'))
    const { transactionId } = (await dave()).open.at(-1)!
    const answer = { pass: world.lastCode(), transactionId }
    expect(await login(answer)).toMatchObject({ outcome: 'accepted' })
    expect(subjects().slice(3)).toEqual([NOTICE])
  })

  it('is sent when it is made, where that is all', async () => {
    await login()
    await login()
    expect(subjects()).toEqual(['Your OTP', NOTICE, 'Your OTP'])
  })
})
