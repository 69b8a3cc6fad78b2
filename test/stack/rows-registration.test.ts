/** REL-ID's registration of an address, row by row, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  PASSWORD,
  PIN,
  type RegistrationWorld,
  startRegistrationWorld,
} from './support-registration.ts'
import { auditWith, type Stored } from './support-rows.ts'
import { answer, isAccepted, selfServiceSession, trigger, wrongCode } from './support.ts'
import type { TestStack } from './support.ts'

let world: TestStack
let headers: RegistrationWorld['headers']
let stored: Stored
let people: RegistrationWorld
beforeAll(async () => {
  people = await startRegistrationWorld()
  ;({ world, headers, stored } = people)
})
afterAll(() => world?.stack.stop())

describe('R02: before an address is proven', () => {
  const asks = (user: string, pass: string) => world.api.post('/validate/check', { user, pass })

  it('R02: nobody logs in by its codes, and from then on its owner does', async () => {
    const { user, email } = await world.addUser(PIN)
    for (const wire of ['/validate/check', '/linotp/validate/check', '/v1/authentications']) {
      const refused = wire.startsWith('/v1')
        ? await world.api.json('POST', wire, { user, pass: PIN })
        : await world.api.post(wire, { user, pass: PIN })
      expect(refused.text).not.toMatch(/transaction_?id|"value": ?true/)
    }
    expect(world.unreadMails(email)).toEqual([])
    await auditWith(world, headers, { user }, { reason: 'address_unverified', success: false })
    await people.admin('PUT', `/v1/users/demo/${user}/address`, { address: email })
    const id = await trigger(world, { user, email, pin: PIN })
    expect(isAccepted(await answer(world, user, id, await world.nextCode(email)))).toBe(true)
  })

  it('R02: no token is enrolled where there is no address at all', async () => {
    const user = 'nowhere'
    await people.admin('POST', '/v1/users', { user })
    const refused = await people.admin('POST', '/v1/tokens', { user, pin: PIN })
    expect([refused.status, refused.json.parameter]).toEqual([400, 'email'])
    expect((await people.userOf(user)).tokens).toEqual([])
    expect(isAccepted(await asks(user, PIN))).toBe(false)
  })

  it('R02: an address that waits for its code is no way in', async () => {
    const { user, session } = await people.newcomer()
    const { id, code } = await people.asksFor(session, `${user}@new.example`)
    expect((await asks(user, PASSWORD)).text).not.toContain('transaction_id')
    expect(isAccepted(await answer(world, user, id, code))).toBe(false)
    const proof = { transaction_id: id, otp: code, pin: PIN }
    expect((await people.self('POST', '/address/confirmations', proof, session)).status).toBe(200)
    const email = `${user}@new.example`
    const login = await trigger(world, { user, email, pin: PIN })
    expect(isAccepted(await answer(world, user, login, await world.nextCode(email)))).toBe(true)
  })
})

it('R16: activation and portal make the same pending record', async () => {
  const activating = await people.newcomer()
  const person = await people.verified()
  const portal = { user: person.user, session: await selfServiceSession(world, person) }
  const seen = []
  for (const { user, session } of [activating, portal]) {
    const address = `${user}@pending.example`
    const { id } = await people.asksFor(session, address)
    const { pending_address } = await people.userOf(user)
    const { pending } = await stored.account(user)
    const [challenge] = await stored.challenges(id)
    expect(pending).toMatchObject({ address, transactionId: id })
    expect(pending.expiresAt - pending.createdAt).toBe(600_000)
    seen.push({
      view: { ...pending_address, reason: '', expires_at: '', address: '' },
      fields: Object.keys(pending).sort(),
      digits: pending.digits,
      challenge: Object.keys(challenge!).sort(),
      serial: challenge!.serial,
    })
  }
  expect(seen[0]).toEqual(seen[1])
})

describe('the code from a new mailbox', () => {
  it('R20, R21: a wrong one leaves the address pending, the right one proves and stores it', async () => {
    const { user, session } = await people.newcomer()
    const address = `${user}@proven.example`
    const { id, code } = await people.asksFor(session, address)
    const wrong = await people.confirm(session, id, wrongCode(code))
    expect([wrong.status, wrong.json.reason]).toEqual([403, 'wrong'])
    const before = await people.userOf(user)
    expect(before).toMatchObject({ pending_address: { reason: 'register' } })
    expect(before).not.toHaveProperty('email')
    expect(before).not.toHaveProperty('email_verified')
    expect((await people.confirm(session, id, code)).status).toBe(200)
    const after = await people.userOf(user)
    expect(after).toMatchObject({ email: address, email_verified: { method: 'activation' } })
    expect(after).not.toHaveProperty('pending_address')
    expect((await people.confirm(session, id, code)).status).toBe(403)
  })

  it('R20: an expired one leaves the address pending', async () => {
    const { user, session } = await people.newcomer()
    const { id, code } = await people.asksFor(session, `${user}@late.example`)
    await stored.setChallenges(id, { expiresAt: Date.now() - 1 })
    const late = await people.confirm(session, id, code)
    expect([late.status, late.json.reason]).toEqual([403, 'closed'])
    const seen = await people.userOf(user)
    expect(seen).toHaveProperty('pending_address')
    expect(seen).not.toHaveProperty('email_verified')
  })

  it('R21: an address that nobody proved in time is pending no more, whatever code comes', async () => {
    const { user, session } = await people.newcomer()
    const { id, code } = await people.asksFor(session, `${user}@over.example`)
    const { pending } = await stored.account(user)
    await stored.setAccount(user, { pending: { ...pending, expiresAt: Date.now() - 1 } })
    expect(await people.userOf(user)).not.toHaveProperty('pending_address')
    const late = await people.confirm(session, id, code)
    expect([late.status, late.json.reason]).toEqual([403, 'gone'])
    expect(await people.userOf(user)).not.toHaveProperty('email')
  })
})
