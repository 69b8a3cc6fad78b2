/** REL-ID's change of an address, row by row, over HTTP, and its factor switched off. */
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { PIN, type RegistrationWorld, startRegistrationWorld } from './support-registration.ts'
import { auditWith, SOON, type Stored } from './support-rows.ts'
import { answer, isAccepted, selfServiceSession, trigger } from './support.ts'
import type { TestStack, User } from './support.ts'

/** `selfservice.reauth_minutes`, the least there is; and between two sweeps of what is too old. */
const FRESH_MS = 60_000
/** Of tests that wait for it. */
const LONG = { timeout: 3 * FRESH_MS }
/** Late answers are told from made-up ones for an hour. */
const LATE_ANSWERS_MS = 3_601_000

let world: TestStack
let headers: RegistrationWorld['headers']
let stored: Stored
let people: RegistrationWorld
/** Signed in before all else. */
let early: { person: User; session: string; at: number }
/** The transaction of a code that nobody enters, its item as old as it will be one day. */
let forgotten: string
beforeAll(async () => {
  people = await startRegistrationWorld({
    'selfservice.reauth_minutes': String(FRESH_MS / 60_000),
  })
  ;({ world, headers, stored } = people)
  const person = await people.verified()
  early = { person, session: await selfServiceSession(world, person), at: Date.now() }
  const { user, session } = await people.newcomer()
  forgotten = (await people.asksFor(session, `${user}@forgotten.example`)).id
  const [{ ttl, expiresAt } = { ttl: 0, expiresAt: 0 }] = await stored.challenges(forgotten)
  expect(ttl * 1000 - expiresAt).toBeLessThanOrEqual(LATE_ANSWERS_MS)
  await stored.setChallenges(forgotten, { ttl: Math.floor(Date.now() / 1000) - 10 })
})
afterAll(() => world?.stack.stop())

it('R27: the code from the new mailbox confirms, and no code from the old one does', async () => {
  const person = await people.verified()
  const session = await selfServiceSession(world, person)
  const login = await trigger(world, person)
  const old = await world.nextCode(person.email)
  const address = `${person.user}@moved.example`
  const { id, code } = await people.asksFor(session, address)
  for (const transaction of [id, login]) {
    expect((await people.confirm(session, transaction, old)).status).toBe(403)
  }
  expect(await people.userOf(person.user)).toMatchObject({ email: person.email })
  expect((await people.confirm(session, id, code)).status).toBe(200)
  expect(await people.userOf(person.user)).toMatchObject({ email: address })
})

it('R28: one swap: codes to the old address die, and the audit has the hashes of both', async () => {
  const person = await people.verified()
  const { user, email } = person
  const session = await selfServiceSession(world, person)
  const address = `${user}@swapped.example`
  const { id, code } = await people.asksFor(session, address)
  const login = await trigger(world, person)
  const old = await world.nextCode(email)
  const { rev } = await stored.account(user)
  expect((await people.confirm(session, id, code)).status).toBe(200)
  const after = await stored.account(user)
  expect([after.email, after.pending, after.rev]).toEqual([address, undefined, rev + 1])
  expect(isAccepted(await answer(world, user, login, old))).toBe(false)
  await trigger(world, person)
  await world.nextMail(address)

  const action = 'POST /v1/self/address/confirmations'
  const [record] = await auditWith(world, headers, { user, action }, { action, success: true })
  const hash = expect.stringMatching(/^[0-9a-f]{16}$/)
  expect(record!.addresses).toEqual({
    old: { hash, mask: expect.stringContaining('*') },
    new: { hash, mask: expect.stringContaining('*') },
  })
  expect(record!.addresses.old.hash).not.toBe(record!.addresses.new.hash)
})

it('R14: switched off, the factor is not offered and addresses are kept; on again, it is', async () => {
  const patch = (parameters: Record<string, string | null>) =>
    world.mail.json('PATCH', '/api/parameters', parameters)
  onTestFinished(async () => void (await patch({ 'allowed.auth.factors': null })))
  const newcomer = async () => ({ user: (await people.verified()).user, pin: PIN })
  const ways = {
    logins: async () => world.api.json('POST', '/v1/challenges', await newcomer()),
    'the self-service': async () => people.self('POST', '/sessions', await newcomer()),
  }
  const person = await people.verified()
  const { user, email } = person
  const before = await people.userOf(user)
  await patch({ 'allowed.auth.factors': 'password, smsOtp' })
  for (const [what, ask] of Object.entries(ways)) {
    await expect.poll(async () => (await ask()).status, { ...SOON, message: what }).toBe(403)
  }
  await world.api.post('/validate/check', { user, pass: PIN })
  await world.api.post('/linotp/validate/check', { user, pass: PIN })
  await world.api.json('POST', '/v1/challenges', { user, pin: PIN })
  expect(world.unreadMails(email)).toEqual([])
  expect(await people.userOf(user)).toEqual(before)
  await patch({ 'allowed.auth.factors': null })
  for (const [what, ask] of Object.entries(ways)) {
    await expect
      .poll(async () => (await ask()).status, { ...SOON, message: what })
      .toBeLessThan(300)
  }
  const id = await trigger(world, person)
  expect(isAccepted(await answer(world, user, id, await world.nextCode(email)))).toBe(true)
})

it('R22: the address is changed in a session, and nowhere without one', async () => {
  const address = 'stranger@new.example'
  for (const session of [undefined, 'eyJhbGciOiJub25lIn0.e30.', headers.authorization]) {
    expect((await people.self('POST', '/address', { address }, session)).status).toBe(401)
  }
  expect(world.unreadMails(address)).toEqual([])
})

it(
  'R23: a session older than it may be has to prove itself again, and then edits several times',
  LONG,
  async () => {
    const { person, session, at } = early
    await setTimeout(Math.max(0, at + FRESH_MS + 1500 - Date.now()))
    const address = `${person.user}@stale.example`
    const stale = await people.self('POST', '/address', { address }, session)
    expect([stale.status, stale.json.type]).toEqual([
      403,
      'urn:otpost:problem:reauthentication_required',
    ])
    expect(world.unreadMails(address)).toEqual([])

    const again = (body: object) => people.self('POST', '/reauthentications', body, session)
    const asked = await again({ pin: PIN })
    const otp = await world.nextCode(person.email)
    const proven = await again({ transaction_id: asked.json.transaction_id, otp })
    expect(proven.status, proven.text).toBe(201)
    const fresh: string = proven.json.session
    const { id, code } = await people.asksFor(fresh, address)
    expect((await people.confirm(fresh, id, code)).status).toBe(200)
    await people.asksFor(fresh, `${person.user}@again.example`)
    expect((await people.self('PUT', '/pin', { old: PIN, new: '98765' }, fresh)).status).toBe(201)
  },
)

it(
  'R21: what waited for a code that nobody entered is gone by its time to live',
  LONG,
  async () => {
    const left = () => stored.challenges(forgotten)
    await expect.poll(left, { timeout: FRESH_MS + 30_000, interval: 500 }).toEqual([])
  },
)
