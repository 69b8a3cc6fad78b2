import { describe, expect, it } from 'vitest'
import { checkPassword } from '../../functions/core/sign-in-user.ts'
import { confirmAddress, requestAddress, setAddress } from '../../functions/core/registration.ts'
import { findAccount } from '../../functions/core/find-account.ts'
import { directoryUsers } from '../../functions/core/directory-users.ts'
import { isOfSessionEpoch, sessionEpochOf } from '../../functions/core/session-epoch.ts'
import { removeUser } from '../../functions/core/users.ts'
import { SourceFault } from '../../functions/core/user-source.ts'
import { remoteDirectory, STAFF } from '../support/directory.ts'
import { authentication } from '../support/policies.ts'
import { createWorld, otherThan } from '../support/world.ts'

/** A world whose realm `staff` is kept elsewhere, and what is asked of there. */
function createStaff(settings: Record<string, string> = {}) {
  const { remoteUsers, ...directory } = remoteDirectory()
  const world = createWorld({ settings: { ...STAFF, ...settings } })
  Object.assign(world.ports, { remoteUsers })
  Object.assign(world.deliverPorts, { remoteUsers })
  return {
    ...directory,
    world,
    /** Enrols a token that mails to the address of the directory. */
    async enrolled(login: string, enrolment: object = {}) {
      const found = await findAccount(world.ports, { user: login, realm: 'staff' })
      if (!found.found) throw new Error(found.reason)
      return world.enrol(found.account, { dynamic: true, ...enrolment })
    },
    check: (user: string, pass: string) => world.check({ user, realm: 'staff', pass }),
  }
}

describe('a user who is kept elsewhere', () => {
  it('has no account until a token is enrolled', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    expect(await check('ann', '1234')).toMatchObject({ outcome: 'rejected', reason: 'no_token' })
    expect(await world.account('ann', 'staff')).toBeUndefined()

    await enrolled('ann')
    const account = await world.account('ann', 'staff')
    expect(account).toMatchObject({ resolver: 'ad', email: 'ann@example.org', login: 'ann' })
    expect(account).not.toHaveProperty('unstored')
  })

  it('is not told from a stranger by what is written', async () => {
    const { world, check } = createStaff()
    expect(await check('nobody', '1234')).toMatchObject({ reason: 'unknown_user' })
    expect(await world.account('nobody', 'staff')).toBeUndefined()
  })

  it('is looked for in the order of the realm, and by the first that knows the login', async () => {
    const { put, asked, check } = createStaff()
    put('ann', [])
    await check('ann', '1234')
    expect(asked.slice(0, 2)).toEqual(['other ann', 'ad ann'])
  })

  it('is one user however the login is spelt', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    expect(await check('ANN', '1234')).toMatchObject({ outcome: 'challenged' })
    expect(await world.account('ANN', 'staff')).toBeUndefined()
  })

  it('gets mail to the address the directory has when it is sent', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@old.example'])
    await enrolled('ann')
    await check('ann', '1234')
    put('ann', ['ann@new.example'])
    await check('ann', '1234')
    expect(world.mails.map(({ to }) => to)).toEqual(['ann@old.example', 'ann@new.example'])
    expect(await world.account('ann', 'staff')).toMatchObject({ email: 'ann@new.example' })
  })

  it('gets it there also when the address changes between the challenge and the mail', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@old.example'])
    await enrolled('ann')
    const send = world.ports.outbox.send
    world.ports.outbox.send = async (references) => {
      put('ann', ['ann@new.example'])
      await send(references)
    }
    await check('ann', '1234')
    expect(world.mails.map(({ to }) => to)).toEqual(['ann@new.example'])
  })

  it('gets it to the first address that can be one and whose domain is allowed', async () => {
    const { world, put, enrolled, check } = createStaff({
      'address.denied_domains': 'private.example',
    })
    put('ann', ['not an address', 'ann@private.example', 'ann@work.example', 'ann@last.example'])
    await enrolled('ann')
    await check('ann', '1234')
    expect(world.mails.map(({ to }) => to)).toEqual(['ann@work.example'])
  })

  it('is refused without an address', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    put('ann', [])
    expect(await check('ann', '1234')).toMatchObject({ outcome: 'rejected', reason: 'no_address' })
    expect(world.mails).toEqual([])
  })

  it('whose address goes before the mail is sent gets none, and that is noted', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    const send = world.ports.outbox.send
    world.ports.outbox.send = async (references) => {
      put('ann', [])
      await send(references)
    }
    expect(await check('ann', '1234')).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
    expect(world.lines).toContainEqual(
      expect.objectContaining({ reason: 'user does not have an email' }),
    )
  })

  it('falls back to the address of the token where a policy wants the one of the user', async () => {
    const { world, put, enrolled, check } = createStaff(
      authentication('dynamic_email_address=true', { realm: ['staff'] }),
    )
    put('ann', ['ann@example.org'])
    await enrolled('ann', { dynamic: false, email: 'token@example.org' })
    await check('ann', '1234')
    put('ann', [])
    await check('ann', '1234')
    expect(world.mails.map(({ to }) => to)).toEqual(['ann@example.org', 'token@example.org'])
  })

  it('logs in with the code', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    const outcome = await check('ann', '1234')
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    const pass = world.lastCode()
    const answer = { user: 'ann', realm: 'staff', transactionId }
    expect(await world.check({ ...answer, pass: otherThan(pass) })).toMatchObject({
      outcome: 'rejected',
    })
    expect(await world.check({ ...answer, pass })).toMatchObject({ outcome: 'accepted' })
  })

  it('cannot log in any more when the directory does not know them', async () => {
    const { world, put, remove, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    const { serial } = await enrolled('ann')
    remove('ann')
    expect(await check('ann', '1234')).toMatchObject({
      outcome: 'rejected',
      reason: 'unknown_user',
    })
    expect(await world.check({ serial, pass: '1234' })).toMatchObject({ reason: 'unknown_user' })
    expect(world.mails).toEqual([])
  })

  it('cannot log in while the directory does not answer, and others can', async () => {
    const { world, put, enrolled, check, fail } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    await world.enrol(await world.addUser('bea'))
    fail(true)
    await expect(check('ann', '1234')).rejects.toThrow(SourceFault)
    await expect(check('nobody', '1234')).rejects.toThrow(SourceFault)
    expect(await world.check({ user: 'bea', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('cannot log in where nobody can be asked', async () => {
    const { world, put, enrolled, check } = createStaff()
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    Object.assign(world.ports, { remoteUsers: undefined })
    await expect(check('ann', '1234')).rejects.toThrow(SourceFault)
  })
})

describe('the password of a user who is kept elsewhere', () => {
  const userstore = authentication('otppin=userstore', { realm: ['staff'] })

  it('is checked there, once, and then a code is mailed', async () => {
    const { world, put, enrolled, check, asked } = createStaff(userstore)
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    await enrolled('ann')
    expect(await check('ann', 'ann-secret')).toMatchObject({ outcome: 'challenged' })
    expect(asked.filter((one) => one.startsWith('password'))).toEqual(['password ad ann'])
    expect(world.mails.length).toBeGreaterThan(0)
  })

  it.each(['wrong', '', '1234'])('that is %j mails nothing', async (typed) => {
    const { world, put, enrolled, check } = createStaff(userstore)
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    expect(await check('ann', typed)).toMatchObject({ outcome: 'rejected', reason: 'wrong_pin' })
    expect(world.mails).toEqual([])
  })

  it('is never asked for when it is empty', async () => {
    const { put, enrolled, check, asked } = createStaff(userstore)
    put('ann', ['ann@example.org'], {})
    await enrolled('ann')
    await check('ann', '')
    expect(asked.filter((one) => one.startsWith('password'))).toEqual([])
  })

  it('earns delays when it is wrong, so that nobody guesses through Otpost', async () => {
    const { put, enrolled, check, asked } = createStaff(userstore)
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    for (let tries = 0; tries < 20; tries++) await check('ann', 'wrong')
    expect(asked.filter((one) => one.startsWith('password')).length).toBeLessThan(10)
    expect(await check('ann', 'ann-secret')).toMatchObject({ reason: 'pin_delayed' })
  })

  it('lets in a user without a token where a policy says so, and is counted when wrong', async () => {
    const { world, put, check, asked } = createStaff(
      authentication('passthru=userstore', { realm: ['staff'] }),
    )
    put('ann', [])
    expect(await check('ann', 'ann-secret')).toMatchObject({ outcome: 'passed', by: 'userstore' })
    for (let tries = 0; tries < 20; tries++) await check('ann', 'wrong')
    expect(asked.filter((one) => one.startsWith('password')).length).toBeLessThan(12)
    expect(await world.account('ann', 'staff')).toMatchObject({ resolver: 'ad' })
  })

  it('begins a session that no account of theirs before or after takes', async () => {
    const { world, put } = createStaff()
    put('ann', [])
    const signsIn = async () => {
      const found = await findAccount(world.ports, { user: 'ann', realm: 'staff' })
      if (!found.found) throw new Error(found.reason)
      expect(await checkPassword(world.ports, found.account, 'ann-secret')).toBe(true)
      return { epoch: sessionEpochOf(found.account) }
    }
    const first = await signsIn()
    expect(isOfSessionEpoch((await world.account('ann', 'staff'))!, first)).toBe(true)
    await removeUser(world.ports, 'staff', 'ann')
    const second = await signsIn()
    const account = (await world.account('ann', 'staff'))!
    expect([first, second].map((one) => isOfSessionEpoch(account, one))).toEqual([false, true])
  })

  it('is not looked at where the directory does not answer', async () => {
    const { world, put, enrolled, fail } = createStaff(userstore)
    put('ann', ['ann@example.org'])
    await enrolled('ann')
    fail(true)
    const account = await world.account('ann', 'staff')
    await expect(checkPassword(world.ports, account, 'ann-secret')).rejects.toThrow(SourceFault)
  })
})

describe('an address of their own', () => {
  /** A user whose directory has no address, with one they registered by its code. */
  async function registered(staff: ReturnType<typeof createStaff>, login = 'ann') {
    const { world, put, enrolled } = staff
    put(login, [])
    await enrolled(login)
    const account = (await world.account(login, 'staff'))!
    const caller = { clientIp: '' }
    const request = { by: 'self', caller } as const
    const asked = await requestAddress(world.ports, account, `${login}@own.example`, request)
    if (!asked.requested) throw new Error(asked.reason)
    const { transactionId } = asked.pending
    const proof = { transactionId, code: world.lastCode(), nonce: 'n', caller }
    const confirmed = await confirmAddress(world.ports, asked.account, proof)
    if (!confirmed.confirmed) throw new Error(confirmed.reason)
    return confirmed.account
  }

  it('is used, and stays proven, while the directory has none', async () => {
    const staff = createStaff({ 'email.require_verified': 'true' })
    const { world, check } = staff
    await registered(staff)
    expect(await check('ann', '1234')).toMatchObject({ outcome: 'challenged' })
    expect(world.mails.at(-1)!.to).toBe('ann@own.example')
    expect(await world.account('ann', 'staff')).toMatchObject({ emailVerified: { method: 'self' } })
  })

  it('gives way to the one that the directory gets', async () => {
    const staff = createStaff()
    const { world, put, check } = staff
    await registered(staff)
    put('ann', ['ann@work.example'])
    await check('ann', '1234')
    expect(world.mails.at(-1)!.to).toBe('ann@work.example')
    const account = await world.account('ann', 'staff')
    expect(account).not.toHaveProperty('ownAddress')
    expect(account).not.toHaveProperty('emailVerified')
    put('ann', [])
    expect(await check('ann', '1234')).toMatchObject({ reason: 'no_address' })
  })

  it('is not taken where the directory has another, whoever asks', async () => {
    const { world, put, enrolled } = createStaff()
    put('ann', ['ann@work.example'])
    await enrolled('ann')
    const account = (await world.account('ann', 'staff'))!
    const request = { by: 'self', caller: { clientIp: '' } } as const
    const ask = (text: string) => requestAddress(world.ports, account, text, request)
    expect(await ask('ann@own.example')).toMatchObject({ reason: 'kept_elsewhere' })
    expect(await setAddress(world.ports, account, 'ann@own.example')).toMatchObject({
      placed: false,
      reason: 'kept_elsewhere',
    })
    expect(world.mails).toEqual([])
    expect(await ask('ANN@work.example')).toMatchObject({ requested: true })
  })
})

describe('a realm of users here and elsewhere', () => {
  it('keeps its own users by themselves', async () => {
    const { world, put, asked } = createStaff({ 'realms/mixed': 'ad, directory' })
    put('ann', ['ann@example.org'])
    await world.enrol(await world.addUser('ben', 'ben@example.org', 'mixed'))
    expect(await world.check({ user: 'ben', realm: 'mixed', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
    expect(asked).toEqual([])
    expect(await world.check({ user: 'ann', realm: 'mixed', pass: '1234' })).toMatchObject({
      reason: 'no_token',
    })
    expect(await directoryUsers(world.ports, 'mixed').find('ann')).toBeUndefined()
  })
})
