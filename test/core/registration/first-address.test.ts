import { beforeEach, describe, expect, it } from 'vitest'
import {
  cancelAddress,
  pendingAddress,
  requestAddress,
} from '../../../functions/core/registration.ts'
import { createWorld, otherThan, type World } from '../../support/world.ts'
import { registering } from './registering.ts'

let world: World
const { asked, confirm } = registering(() => world)

beforeEach(() => {
  world = createWorld()
})

describe('a first address', () => {
  it('R16 is pending until its code comes back, whoever it was asked by', async () => {
    for (const by of ['self', 'activation', 'admin'] as const) {
      world = createWorld()
      await world.addUser('alice', '')
      const { transactionId, mails } = await asked(' Alice@New.example ', by)
      expect(mails).toBe(1)
      expect(await world.account('alice')).toMatchObject({
        pending: { address: 'Alice@new.example', transactionId, by, reason: 'register' },
      })
      expect((await world.account('alice')).email).toBeUndefined()
      expect(world.mails[0]).toMatchObject({
        to: 'Alice@new.example',
        subject: 'Confirm your e-mail address',
      })
    }
  })

  it('R20 R21 is stored with time and method by the right code only', async () => {
    await world.addUser('alice', '')
    const { transactionId, otp } = await asked('a@new.example')
    expect(await confirm(transactionId, otherThan(otp))).toMatchObject({ reason: 'wrong' })
    expect((await world.account('alice')).pending).toBeDefined()
    world.advance(1000)
    expect(await confirm(transactionId, otp)).toMatchObject({
      confirmed: true,
      address: 'a@new.example',
      addresses: { new: { hash: expect.stringMatching(/^[0-9a-f]{16}$/) as string } },
    })
    const account = await world.account('alice')
    expect(account.emailVerified).toEqual({ at: world.now(), method: 'self' })
    expect(account.email).toBe('a@new.example')
    expect(account.pending).toBeUndefined()
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false, reason: 'gone' })
  })

  it('gives a person without a token one with the PIN they chose, and it logs in', async () => {
    await world.addUser('alice', '')
    const { transactionId, otp } = await asked('a@new.example')
    const result = await confirm(transactionId, otp, '7788')
    expect(result).toMatchObject({
      confirmed: true,
      serial: expect.stringMatching(/^EM/) as string,
    })
    const { transactionId: login, otp: code } = await world.triggered('alice', '7788')
    expect(world.mails.at(-1)).toMatchObject({ to: 'a@new.example' })
    expect(await world.check({ user: 'alice', pass: code, transactionId: login })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('makes no token without a PIN unless the rules of logins want none', async () => {
    await world.addUser('alice', '')
    const first = await asked('a@new.example')
    expect(await confirm(first.transactionId, first.otp)).toMatchObject({ needsPin: true })
    expect((await world.account('alice')).tokens).toEqual({})

    world.set({ 'policies/p': '{"scope":"authentication","action":{"otppin":"none"}}' })
    await world.addUser('bob', '')
    const second = await asked('b@new.example', 'self', 'bob')
    const result = await confirm(second.transactionId, second.otp, undefined, 'bob')
    expect(Object.keys((await world.account('bob')).tokens)).toHaveLength(1)
    expect(result).not.toHaveProperty('needsPin')
  })

  it('is not confirmed with a PIN that the rules refuse, and costs no try then', async () => {
    world.set({ 'policies/p': '{"scope":"user","action":{"otp_pin_minlength":6}}' })
    await world.addUser('alice', '')
    const { transactionId, otp } = await asked('a@new.example')
    const refused = await confirm(transactionId, otp, '123')
    expect(refused).toMatchObject({
      reason: 'bad_pin',
      message: expect.stringContaining('6') as string,
    })
    expect(await confirm(transactionId, otp, '123456')).toMatchObject({ confirmed: true })
  })

  it('R17 is refused for its syntax or its domain, by name, without a mail', async () => {
    await world.addUser('alice', '')
    world.domainVerdicts.set('nomail.example', 'no_mail')
    expect(await asked('a b@x.example')).toMatchObject({ reason: 'bad_address', fault: 'space' })
    expect(await asked('a@nomail.example')).toMatchObject({ fault: 'domain_no_mail' })
    expect(world.mails).toEqual([])
    expect((await world.account('alice')).pending).toBeUndefined()
    expect(await asked('user+tag@example.photography')).toMatchObject({ requested: true })
  })

  describe('whose domain is looked up', () => {
    let asks: string[]
    beforeEach(async () => {
      await world.addUser('alice', '')
      asks = []
      world.ports.domains = {
        async check(domain) {
          asks.push(domain)
          await new Promise((resolve) => setTimeout(resolve, 5))
          return 'no_mail'
        },
      }
    })
    const ask = (number: number) => asked(`a@d${number}.example`)

    it('counts, though it is refused: five an hour', async () => {
      for (let time = 0; time < 5; time++) {
        expect(await ask(time)).toMatchObject({ fault: 'domain_no_mail' })
      }
      expect(await ask(5)).toMatchObject({ requested: false, reason: 'limited' })
      expect(asks).toHaveLength(5)
      world.advance(3_600_000)
      expect(await ask(6)).toMatchObject({ fault: 'domain_no_mail' })
    })

    it('counts before DNS is asked, so many at once are five too', async () => {
      const told = await Promise.all(Array.from({ length: 20 }, (_, number) => ask(number)))
      expect(asks).toHaveLength(5)
      expect(told.filter((one) => 'reason' in one && one.reason === 'limited')).toHaveLength(15)
    })

    it('counts once, together with the code that goes there', async () => {
      world.ports.domains = { check: async () => 'accepts' }
      for (let time = 0; time < 5; time++) {
        expect(await ask(time)).toMatchObject({ requested: true })
        expect((await world.account('alice')).addressRequests).toHaveLength(time + 1)
      }
      expect(await ask(5)).toMatchObject({ reason: 'limited' })
    })

    it('is not, and counts nothing, where its syntax or a list refuses it', async () => {
      world.set({ 'address.denied_domains': 'd0.example' })
      for (let time = 0; time < 9; time++) {
        expect(await ask(0)).toMatchObject({ fault: 'domain_denied' })
        expect(await asked('a b@x.example')).toMatchObject({ fault: 'space' })
      }
      expect(asks).toEqual([])
      expect((await world.account('alice')).addressRequests).toBeUndefined()
    })

    it('is as often as anybody likes where there is no limit', async () => {
      world.set({ 'registration.per_hour': '0' })
      for (let time = 0; time < 9; time++) await ask(time)
      expect(asks).toHaveLength(9)
      expect((await world.account('alice')).addressRequests).toBeUndefined()
    })

    it('is nobody’s whose account goes meanwhile', async () => {
      const alice = await world.account('alice')
      await world.ports.accounts.remove(alice)
      const request = { by: 'self', caller: { clientIp: '192.0.2.1' } } as const
      expect(await requestAddress(world.ports, alice, 'a@d.example', request)).toMatchObject({
        reason: 'unknown_user',
      })
      expect(asks).toEqual([])
    })
  })

  it('R15 is refused while registration is off, and logins go on', async () => {
    const alice = await world.addUser('alice')
    await world.enrol(alice)
    const before = await asked('new@x.example')
    world.set({ 'allowed.reg.factors': 'password' })
    expect(await asked('a@x.example')).toMatchObject({ reason: 'registration_off' })
    const late = await confirm(before.transactionId, before.otp)
    expect(late).toMatchObject({ reason: 'registration_off' })
    expect(world.mails).toHaveLength(1)
    const { transactionId, otp } = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('is forgotten when it expires, when it is cancelled and when its mail fails', async () => {
    await world.addUser('alice', '')
    const first = await asked('a@x.example')
    const { createdAt, expiresAt } = (await world.account('alice')).pending!
    expect(expiresAt - createdAt).toBe(600_000)
    world.advance(expiresAt - world.now() - 1)
    expect(pendingAddress(await world.account('alice'), world.now())).toBeDefined()
    world.advance(1)
    expect(pendingAddress(await world.account('alice'), world.now())).toBeUndefined()
    expect(await confirm(first.transactionId, first.otp)).toMatchObject({ reason: 'gone' })

    const second = await asked('a@x.example')
    expect(await cancelAddress(world.ports, await world.account('alice'))).toBe(true)
    expect(await cancelAddress(world.ports, await world.account('alice'))).toBe(false)
    expect(await confirm(second.transactionId, second.otp)).toMatchObject({ reason: 'gone' })

    world.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no such mailbox' }))
    expect(await asked('a@x.example')).toMatchObject({ reason: 'mail_failed' })
    expect((await world.account('alice')).pending).toBeUndefined()
  })
})
