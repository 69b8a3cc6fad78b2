/** A code proves the mailbox it was sent to, and no other one. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import { passwordHash, type Profile, updateUser } from '../../functions/core/users.ts'
import { mailVerification, verifyEnrolment } from '../../functions/core/verify-enrolment.ts'
import { remoteDirectory, STAFF } from '../support/directory.ts'
import { authentication, policy } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const VICTIM = 'ceo@victim.example'
const AUTO = policy('enrollment', 'autoenrollment=email, verify_enrollment=email', {}, 'auto')
const caller = { clientIp: '192.0.2.1' }

let world: World
beforeEach(async () => {
  world = createWorld({ settings: { ...AUTO, 'email.require_verified': 'true' } })
  await world.addUser('eve', 'eve@evil.example')
  await change({ password: (await passwordHash(world.ports, 'evepw'))! })
})

const eve = () => world.account('eve')
const change = (profile: Profile) => updateUser(world.ports, 'demo', 'eve', profile)

/** As a writer who knows nothing of challenges changes it. */
async function overwrite(changes: Partial<Account>): Promise<void> {
  const account = await eve()
  await world.ports.accounts.save(account, { ...account, ...changes })
}

/** The first login: its code has gone to the address of the moment. */
async function begun() {
  const outcome = await world.check({ user: 'eve', pass: 'evepw' })
  if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
  const [{ transactionId, serial }] = outcome.issued as [(typeof outcome.issued)[0]]
  return { serial, answer: { user: 'eve', pass: world.lastCode(), transactionId } }
}

const WRITERS: [string, () => Promise<unknown>][] = [
  ['changed', () => change({ email: VICTIM })],
  ['changed by somebody who leaves the challenge open', () => overwrite({ email: VICTIM })],
]

describe('the code of a first login', () => {
  it.each(WRITERS)('proves nothing once the address was %s', async (_, write) => {
    const { serial, answer } = await begun()
    await write()
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    const { email, emailVerified, tokens } = await eve()
    expect([email, emailVerified]).toEqual([VICTIM, undefined])
    expect(tokens[serial]).toMatchObject({ rollout: 'verify' })
    expect((await world.check({ user: 'eve', pass: 'evepw' })).outcome).toBe('challenged')
    expect(world.mails.at(-1)!.to).toBe(VICTIM)
  })

  it('proves nothing where the address changes while it is looked at', async () => {
    const { answer } = await begun()
    const { guess } = world.ports.challenges
    world.ports.challenges.guess = async (asked) => {
      const result = await guess(asked)
      await overwrite({ email: VICTIM })
      return result
    }
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    expect((await eve()).emailVerified).toBeUndefined()
  })

  it('proves nothing under a mailbox that was written beside it by hand', async () => {
    const { answer } = await begun()
    const { open } = await eve()
    await world.ports.accounts.save(await eve(), { ...(await eve()), email: VICTIM })
    await begun()
    const { mailbox } = (await eve()).open.at(-1)!
    await overwrite({ open: open.map((one) => ({ ...one, mailbox: mailbox! })) })
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected' })
    expect((await eve()).emailVerified).toBeUndefined()
  })

  it('proves the mailbox in whatever spelling it has by now', async () => {
    const { answer } = await begun()
    await change({ email: 'Eve@Evil.EXAMPLE' })
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
    const { email, emailVerified } = await eve()
    expect([email, emailVerified?.method]).toEqual(['Eve@Evil.EXAMPLE', 'login'])
  })

  it('stays of use where something else of the user was changed', async () => {
    const { answer } = await begun()
    await change({ givenname: 'Eve', email: 'eve@evil.example' })
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
  })

  it('is not mailed to another address than it was made for', async () => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    await world.check({ user: 'eve', pass: 'evepw' })
    world.ports.outbox = outbox
    await overwrite({ email: VICTIM })
    const { transactionId, serial } = world.waiting[0]!
    await world.deliverAll()
    expect(world.mails).toEqual([])
    expect(world.lines.at(-1)).toMatchObject({ state: 'dropped', reason: 'address changed' })
    expect(await world.ports.challenges.get(transactionId, serial)).toMatchObject({
      delivery: 'failed',
    })
  })
})

describe('the code of a directory’s user', () => {
  it('is not mailed where the directory has another address by then', async () => {
    const directory = remoteDirectory()
    world.ports.remoteUsers = directory.remoteUsers
    world.deliverPorts.remoteUsers = directory.remoteUsers
    world.set(STAFF)
    directory.put('erin', ['erin@example.com'])
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    await world.check({ user: 'erin', realm: 'staff', pass: 'erin-secret' })
    world.ports.outbox = outbox
    directory.put('erin', ['moved@example.com'])
    await world.deliverAll()
    expect(world.mails).toEqual([])
    expect(world.lines.at(-1)).toMatchObject({ state: 'dropped', reason: 'address changed' })
  })
})

describe('the code of an enrolment', () => {
  const verify = async (otp: string) =>
    verifyEnrolment(world.ports, await eve(), 'EM1', { otp, nonce: 'n' })

  it.each(WRITERS)('proves nothing once the address was %s', async (_, write) => {
    await world.enrol(await eve(), { serial: 'EM1', verify: true })
    await mailVerification(world.ports, await eve(), 'EM1', caller)
    await write()
    expect(await verify(world.lastCode())).toBe(false)
    const { emailVerified, tokens } = await eve()
    expect(emailVerified).toBeUndefined()
    expect(tokens.EM1).toMatchObject({ rollout: 'verify' })
  })

  it('proves the token’s own address, and not its user’s', async () => {
    await world.enrol(await eve(), { serial: 'EM1', verify: true, email: 'own@evil.example' })
    await mailVerification(world.ports, await eve(), 'EM1', caller)
    expect(await verify(world.lastCode())).toBe(true)
    expect((await eve()).emailVerified).toBeUndefined()
  })
})

it('the code of an address that was typed at a login does not prove one typed later', async () => {
  world.set(authentication('enroll_via_multichallenge=EMAIL'))
  world.set({ 'email.concurrent_challenges': 'true', 'email.require_verified': 'false' })
  await world.enrol(await eve(), { type: 'spass', pin: 'spass', serial: 'SP1' })
  const typed = async (pass: string) => {
    const step = await world.check({ user: 'eve', pass: 'spass' })
    if (step.outcome !== 'asked') throw new Error(JSON.stringify(step))
    const { transactionId } = step
    const sent = await world.check({ user: 'eve', pass, transactionId })
    if (sent.outcome !== 'challenged') throw new Error(JSON.stringify(sent))
    return { user: 'eve', pass: world.lastCode(), transactionId: sent.issued[0]!.transactionId }
  }
  const own = await typed('eve@typed.example')
  const others = await typed('ceo@typed.example')
  expect(await world.check(own)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
  const { serial } = (await eve()).open.at(-1)!
  expect((await eve()).tokens[serial]).toMatchObject({ rollout: 'verify' })
  expect(await world.check(others)).toMatchObject({ outcome: 'accepted', serial })
})

it('a login’s code that went to the address before is none any more', async () => {
  world.set({ 'email.require_verified': 'false' })
  await world.enrol(await eve(), { pin: '1234' })
  const { transactionId, otp } = await world.triggered('eve')
  await change({ email: 'new@evil.example' })
  expect(await world.check({ user: 'eve', pass: otp, transactionId })).toMatchObject({
    ...{ outcome: 'rejected', reason: 'closed' },
  })
})
