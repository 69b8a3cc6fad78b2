import { beforeEach, describe, expect, it, vi } from 'vitest'
import { enrolToken } from '../../functions/core/enrol-token.ts'
import { confirmAddress, requestAddress } from '../../functions/core/registration.ts'
import { mailTestCode } from '../../functions/core/self/test-token.ts'
import { mailVerification } from '../../functions/core/verify-enrolment.ts'
import { passwordHash, updateUser } from '../../functions/core/users.ts'
import { policy } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const VICTIM = 'victim@example.net'
const SPELLINGS = [VICTIM, 'Victim@Example.NET', ' VICTIM@example.net ']
const CALLER = { clientIp: '192.0.2.1' }
const HOUR = 3_600_000
let world: World
let people = 0
beforeEach(() => {
  world = createWorld()
})

const stranger = () => world.addUser(`stranger${++people}`, '')
const toVictim = () => world.mails.filter(({ to }) => to.toLowerCase() === VICTIM)

/** A new user each time has a code mailed to an address. */
const WAYS: Record<string, (address: string) => Promise<unknown>> = {
  async registration(address) {
    const result = await requestAddress(world.ports, await stranger(), address, {
      ...{ by: 'self', caller: CALLER },
    })
    return result.requested ? undefined : result.reason
  },
  async enrolment(email) {
    const account = await stranger()
    const made = await enrolToken(world.ports, { account, email: email.trim(), verify: true })
    if (!made.enrolled) throw new Error(made.reason)
    const { serial } = made.token
    const enrolled = await world.account(account.login!)
    const mailed = await mailVerification(world.ports, enrolled, serial, CALLER)
    return mailed.sent ? undefined : mailed.reason
  },
  async test(email) {
    const account = await stranger()
    const { serial } = await world.enrol(account, { email: email.trim() })
    const enrolled = await world.account(account.login!)
    const mailed = await mailTestCode(world.ports, enrolled, serial, CALLER)
    return mailed.mailed ? undefined : mailed.reason
  },
  async 'login enrolment'(address) {
    world.set({
      'policies/p':
        '{"scope":"authentication","action":"enroll_via_multichallenge=email, passthru=userstore"}',
    })
    const user = (await stranger()).login!
    await updateUser(world.ports, 'demo', user, {
      password: await passwordHash(world.ports, 'secret'),
    })
    const asked = await world.check({ user, pass: 'secret' })
    if (asked.outcome !== 'asked') throw new Error(JSON.stringify(asked))
    const { transactionId } = asked
    const outcome = await world.check({ user, pass: address, transactionId })
    return outcome.outcome === 'rejected' ? outcome.reason : undefined
  },
}

describe.each(Object.keys(WAYS))('codes to a typed address, by %s', (way) => {
  const ask = WAYS[way]!

  it('are five an hour and ten a day to one mailbox, whoever asks, however it is spelt', async () => {
    const hour = async () => {
      const told = []
      for (let time = 0; time < 7; time++) told.push(await ask(SPELLINGS[time % 3]!))
      return told.filter((reason) => reason === 'mail_limit').length
    }
    expect(await hour()).toBe(2)
    expect(toVictim()).toHaveLength(5)
    world.advance(HOUR)
    expect(await hour()).toBe(2)
    world.advance(HOUR)
    expect(await hour()).toBe(7)
    expect(toVictim()).toHaveLength(10)
    world.advance(22 * HOUR)
    expect(await hour()).toBe(2)
  })

  it('to another mailbox still go out, and the settings say how many', async () => {
    world.set({ 'mail.per_hour': '1' })
    expect(await ask(VICTIM)).toBeUndefined()
    expect(await ask(VICTIM)).toBe('mail_limit')
    expect(await ask('other@example.net')).toBeUndefined()
    world.set({ 'mail.per_hour': '0', 'mail.per_day': '0' })
    expect(await ask(VICTIM)).toBeUndefined()
  })
})

it('all ways count together', async () => {
  for (const ask of Object.values(WAYS)) expect(await ask(VICTIM)).toBeUndefined()
  expect(await WAYS.test!(VICTIM)).toBeUndefined()
  for (const ask of Object.values(WAYS)) expect(await ask(VICTIM)).toBe('mail_limit')
})

it('what is refused leaves nothing behind: no pending address, no challenge, no counted mail', async () => {
  for (let time = 0; time < 5; time++) await WAYS.registration!(VICTIM)
  const account = await stranger()
  const request = { by: 'self', caller: CALLER } as const
  const refused = await requestAddress(world.ports, account, VICTIM, request)
  expect(refused).toMatchObject({
    ...{ requested: false, reason: 'mail_limit' },
    message: 'Too many mails went to this address. Try again later.',
  })
  const { addressRequests, ...left } = await world.account(account.login!)
  expect(left).toEqual({ ...account, rev: account.rev + 1 })
  expect(addressRequests, 'that DNS was asked').toEqual([world.now()])
})

it('codes of logins and tests of a confirmed address are no matter of other accounts', async () => {
  await stranger()
  const login = `stranger${people}`
  const request = { by: 'self', caller: CALLER } as const
  const asked = await requestAddress(world.ports, await world.account(login), VICTIM, request)
  if (!asked.requested) throw new Error(asked.reason)
  const { transactionId } = asked.pending
  const proof = { transactionId, code: world.lastCode(), nonce: 'n', caller: CALLER, pin: '4711' }
  const confirmed = await confirmAddress(world.ports, await world.account(login), proof)
  if (!confirmed.confirmed) throw new Error(confirmed.reason)
  while ((await WAYS.registration!(VICTIM)) === undefined);
  expect(await world.triggered(login, '4711')).toBeDefined()
  const { serial } = confirmed
  const account = await world.account(login)
  expect(await mailTestCode(world.ports, account, serial!, CALLER)).toMatchObject({ mailed: true })
})

describe('an owner whose directory has the address, after strangers used up what it gets', () => {
  const request = { by: 'self', caller: CALLER } as const
  const victims = () => world.account('victim')
  const useUp = async () => {
    for (const ask of Object.values(WAYS)) while ((await ask(VICTIM)) === undefined);
  }
  beforeEach(async () => {
    await world.addUser('victim', 'Victim@example.net')
    const password = await passwordHash(world.ports, 'hers')
    await updateUser(world.ports, 'demo', 'victim', { password: password! })
  })

  it.each([
    ['at once', {}],
    ['to be proven', { 'email.require_verified': 'true' }],
    ['to be answered', policy('enrollment', 'verify_enrollment=email', {}, 'verify')],
  ])('has the first token by password, %s', async (_, settings) => {
    world.set({ ...policy('enrollment', 'autoenrollment=email', {}, 'auto'), ...settings })
    await useUp()
    const mails = world.mails.length
    const login = () => world.check({ user: 'victim', pass: 'hers' })
    for (let time = 0; time < 5; time++) expect((await login()).outcome).toBe('challenged')
    expect(await login()).toMatchObject({ outcome: 'rejected', reason: 'mail_limit' })
    expect(world.mails.length - mails).toBe(5)
  })

  it('confirms it', async () => {
    await useUp()
    const asked = () => victims().then((one) => requestAddress(world.ports, one, VICTIM, request))
    for (let time = 0; time < 5; time++) expect(await asked()).toMatchObject({ requested: true })
    world.set({ 'registration.per_hour': '0' })
    expect(await asked()).toMatchObject({ requested: false, reason: 'mail_limit' })
  })

  it('has codes of enrolment and tests mailed there, and is refused another spent address', async () => {
    const made = await enrolToken(world.ports, { account: await victims(), verify: true })
    if (!made.enrolled) throw new Error(made.reason)
    await useUp()
    const { serial } = made.token
    const mailed = await mailVerification(world.ports, await victims(), serial, CALLER)
    expect(mailed).toMatchObject({ sent: true })
    while ((await WAYS.registration!('other@example.net')) === undefined);
    const other = await requestAddress(world.ports, await victims(), 'other@example.net', request)
    expect(other).toMatchObject({ requested: false, reason: 'mail_limit' })
  })

  it('leaves strangers what they had', async () => {
    for (let time = 0; time < 3; time++) {
      expect(await requestAddress(world.ports, await victims(), VICTIM, request)).toMatchObject({
        requested: true,
      })
    }
    for (let time = 0; time < 5; time++) expect(await WAYS.registration!(VICTIM)).toBeUndefined()
    expect(await WAYS.registration!(VICTIM)).toBe('mail_limit')
  })
})

it('costs one write, of which a code of a login has none', async () => {
  const admitMail = vi.spyOn(world.ports.challenges, 'admitMail')
  await WAYS.registration!(VICTIM)
  expect(admitMail).toHaveBeenCalledTimes(1)
  expect(JSON.stringify(admitMail.mock.calls)).not.toMatch(/victim/i)
  await world.enrol(await world.addUser('alice'))
  await world.triggered('alice')
  expect(admitMail).toHaveBeenCalledTimes(1)
})
