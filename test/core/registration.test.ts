import { beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import { deliverySubject } from '../../functions/core/delivery-subject.ts'
import {
  cancelAddress,
  confirmAddress,
  pendingAddress,
  requestAddress,
} from '../../functions/core/registration.ts'
import { updateUser } from '../../functions/core/users.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

const CALLER = { clientIp: '192.0.2.1' }
let world: World
let nonce = 0
beforeEach(() => {
  world = createWorld()
})

/** Asks for an address as the person would, and returns the transaction and the mailed code. */
async function asked(text: string, by: 'self' | 'activation' | 'admin' = 'self', login = 'alice') {
  const mails = world.mails.length
  const account = await world.account(login)
  const result = await requestAddress(world.ports, account, text, { by, caller: CALLER })
  if (!result.requested) return { ...result, transactionId: '', otp: '', mails: 0 }
  const { transactionId } = result.pending
  return { ...result, transactionId, otp: world.lastCode(), mails: world.mails.length - mails }
}

async function confirm(transactionId: string, code: string, pin?: string, login = 'alice') {
  const proof = { transactionId, code, nonce: `n${++nonce}`, caller: CALLER }
  const account = await world.account(login)
  return confirmAddress(world.ports, account, { ...proof, ...(pin === undefined ? {} : { pin }) })
}

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

describe('another address', () => {
  let alice: Account
  beforeEach(async () => {
    alice = await world.addUser('alice')
    await world.enrol(alice, { serial: 'EM00000001', email: 'alice@example.org' })
    await world.enrol(alice, { serial: 'EM00000002', email: 'second@example.org' })
    await world.enrol(alice, { serial: 'EM00000003' })
  })

  it('R24 R28 takes the place of the old one at once, everywhere it was', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    expect(await world.account('alice')).toMatchObject({ email: 'alice@example.org' })
    expect(await confirm(transactionId, otp)).toMatchObject({
      reason: 'update',
      addresses: { old: { mask: 'al********@e****.org' }, new: { mask: 'n*********@e****.net' } },
    })
    const account = await world.account('alice')
    expect(account.email).toBe('new@example.net')
    expect(account.tokens.EM00000001!.email).toBe('new@example.net')
    expect(account.tokens.EM00000002!.email).toBe('second@example.org')
    expect(account.tokens.EM00000003!.email).toBeUndefined()
  })

  it('R28 ends open logins: a code that went to the old address is none any more', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const login = await world.triggered('alice')
    await confirm(transactionId, otp)
    const answer = { user: 'alice', pass: login.otp, transactionId: login.transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    expect(await world.check({ user: 'alice', pass: `1234${login.otp}` })).not.toMatchObject({
      outcome: 'accepted',
    })
  })

  it('R18 R27 its code logs in nowhere, and no login code confirms it', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const login = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'rejected',
      reason: 'unknown',
    })
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).not.toMatchObject({
      outcome: 'accepted',
    })
    const stolen = { user: 'alice', pass: otp, transactionId: login.transactionId }
    expect(await world.check(stolen)).toMatchObject({ outcome: 'rejected' })
    expect(await confirm(transactionId, login.otp)).toMatchObject({ reason: 'wrong' })
    expect(await confirm(login.transactionId, login.otp)).toMatchObject({ reason: 'gone' })
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: true })
  })

  it('a second request takes the place of the first, whose code dies and costs no budget', async () => {
    const first = await asked('first@example.net')
    const second = await asked('second@example.net')
    expect(await confirm(first.transactionId, first.otp)).toMatchObject({ reason: 'gone' })
    const { open, pending } = await world.account('alice')
    expect(pending?.address).toBe('second@example.net')
    expect(open.filter(({ purpose }) => purpose === 'address').map((one) => one.attempts)).toEqual([
      0, 5,
    ])
    expect(await confirm(second.transactionId, second.otp)).toMatchObject({ confirmed: true })
    expect((await world.account('alice')).email).toBe('second@example.net')
  })

  it('R25 is no way to write to everybody: five codes an hour, whatever the addresses', async () => {
    for (let count = 0; count < 5; count++) await asked(`a${count}@example.net`)
    expect(world.mails).toHaveLength(5)
    expect(await asked('a6@example.net')).toMatchObject({ reason: 'limited' })
    expect(world.mails).toHaveLength(5)
    world.advance(3_600_001)
    expect(await asked('a6@example.net')).toMatchObject({ requested: true })
    world.set({ 'mail.per_hour': '1' })
    expect(await asked('a6@example.net')).toMatchObject({ reason: 'mail_limit' })
  })

  it('takes as many wrong codes as a challenge allows, from the budget of the account', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    for (let count = 0; count < 5; count++) {
      expect(await confirm(transactionId, otherThan(otp))).toMatchObject({ reason: 'wrong' })
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ reason: 'closed' })
    const account = await world.account('alice')
    expect(account.wrong).toHaveLength(5)
    expect(account).toMatchObject({ consecutive: 5, email: 'alice@example.org' })
    expect(account.tokens.EM00000001!.failcount).toBe(0)
  })

  it('proving one does not forgive wrong answers to logins', async () => {
    const login = await world.triggered('alice')
    const wrong = { user: 'alice', pass: otherThan(login.otp), transactionId: login.transactionId }
    await world.check(wrong)
    const before = await world.account('alice')
    const { transactionId, otp } = await asked('new@example.net')
    await confirm(transactionId, otp)
    const after = await world.account('alice')
    expect(after.consecutive).toBe(before.consecutive)
    expect(before.consecutive).toBeGreaterThan(0)
  })

  it('is not swapped in when it is given up while its code is looked at', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { challenges } = world.ports
    const { guess } = challenges
    challenges.guess = async (answer) => {
      await cancelAddress(world.ports, await world.account('alice'), transactionId)
      return guess(answer)
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false })
    expect((await world.account('alice')).email).toBe('alice@example.org')
  })

  it('is not swapped in when it is given up before it is written', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { accounts } = world.ports
    const { save } = accounts
    accounts.save = async (before, after) => {
      accounts.save = save
      await cancelAddress(world.ports, await world.account('alice'), transactionId)
      return save(before, after)
    }
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false, reason: 'gone' })
    expect((await world.account('alice')).email).toBe('alice@example.org')
  })

  it('a fault between the code and the change costs nothing: the same code ends it, once', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    const { save } = world.ports.accounts
    world.ports.accounts.save = () => Promise.reject(new Error('table gone'))
    await expect(confirm(transactionId, otp)).rejects.toThrow('table gone')
    world.ports.accounts.save = save
    expect((await world.account('alice')).email).toBe('alice@example.org')
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: true })
    expect(await confirm(transactionId, otp)).toMatchObject({ confirmed: false })
  })

  it('is refused where it is the proven one already, in any spelling', async () => {
    const again = await asked('alice@example.org')
    expect(again).toMatchObject({ requested: true, pending: { reason: 'update' } })
    await confirm(again.transactionId, again.otp)
    expect((await world.account('alice')).former).toBeUndefined()
    expect(await asked('Alice@EXAMPLE.org')).toMatchObject({ reason: 'same_address' })
  })

  it('a profile with another address is not proven any more', async () => {
    const { transactionId, otp } = await asked('new@example.net')
    await confirm(transactionId, otp)
    await updateUser(world.ports, 'demo', 'alice', { email: 'New@example.net' })
    expect((await world.account('alice')).emailVerified).toBeDefined()
    await updateUser(world.ports, 'demo', 'alice', { email: 'other@example.net' })
    expect((await world.account('alice')).emailVerified).toBeUndefined()
  })

  it('keeps what a code is derived from out of reach of whoever made it', async () => {
    const { transactionId } = await asked('new@example.net')
    const account = await world.account('alice')
    const challenge = (await world.ports.challenges.list(transactionId))[0]!
    expect(account.pending!.secret).toMatch(/^derived:/)
    expect(deliverySubject(account, challenge)).toMatchObject({ to: 'new@example.net' })
    expect(JSON.stringify([account, challenge])).not.toContain(world.lastCode())
  })
})
