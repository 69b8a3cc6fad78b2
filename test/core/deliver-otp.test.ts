import { beforeEach, describe, expect, it } from 'vitest'
import { deliverOtp } from '../../functions/core/deliver-otp.ts'
import { deleteToken } from '../../functions/core/manage-tokens.ts'
import type { DeliveryReference } from '../../functions/core/ports.ts'
import { updateUser } from '../../functions/core/users.ts'
import { codeIn, createWorld, type World } from '../support/world.ts'

let world: World
let references: DeliveryReference[]
beforeEach(async () => {
  references = []
  world = createWorld({ settings: { 'email.delivery_wait': '0' } })
  world.ports.outbox.send = async (sent) => {
    references.push(...sent)
  }
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '' })
})

/** Triggers and returns the reference that was queued. */
async function triggered() {
  await world.check({ user: 'alice', pass: '' })
  return references.at(-1)!
}
const deliver = (reference: DeliveryReference) => deliverOtp(world.deliverPorts, reference)
const stored = ({ transactionId, serial }: DeliveryReference) =>
  world.ports.challenges.get(transactionId, serial)
const answer = ({ transactionId }: DeliveryReference, pass: string) =>
  world.check({ user: 'alice', transactionId, pass })
const dropReasons = () =>
  world.lines.filter(({ message }) => message === 'not delivered').map(({ reason }) => reason)

describe('delivering', () => {
  it('mails a code that is then accepted', async () => {
    const reference = await triggered()
    expect(await deliver(reference)).toBe('done')
    expect(await stored(reference)).toMatchObject({ delivery: 'sent', reply: '250 ok' })
    expect(await answer(reference, world.lastCode())).toMatchObject({ outcome: 'accepted' })
  })

  it('twice at the same time mails once', async () => {
    const reference = await triggered()
    const outcomes = await Promise.all([deliver(reference), deliver(reference), deliver(reference)])
    expect(world.mails).toHaveLength(1)
    // those that came second come back, in case the first fails
    expect(outcomes.sort()).toEqual(['done', 'retry', 'retry'])
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(1)
  })

  it('again after it was sent mails nothing', async () => {
    const reference = await triggered()
    await deliver(reference)
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(1)
    expect(dropReasons()).toEqual(['closed or sent before'])
  })

  it.each([
    ['transient', 'retry', 'failed'],
    ['unknown', 'retry', 'queued'],
    ['address', 'done', 'failed'],
    ['configuration', 'done', 'failed'],
    ['quota', 'retry', 'failed'],
    ['suspended', 'done', 'failed'],
  ] as const)('that fails with %s: %s, %s', async (failure, expected, delivery) => {
    world.mailServer(() => ({ sent: false, failure, reply: '4xx or 5xx' }))
    const reference = await triggered()
    expect(await deliver(reference)).toBe(expected)
    expect(await stored(reference)).toMatchObject({ delivery, reply: '4xx or 5xx' })
  })

  it('that may have sent tells no failure to who waits, and any other does', async () => {
    world.ports.outbox.send = async ([reference]) => void (await deliver(reference!))
    world.set({ 'email.delivery_wait': '1' })
    const asked = () => world.check({ user: 'alice', pass: '' })
    world.mailServer(() => ({ sent: false, failure: 'unknown', reply: 'no answer' }))
    expect(await asked()).toMatchObject({ outcome: 'challenged' })
    world.mailServer(() => ({ sent: false, failure: 'transient', reply: '451' }))
    expect(await asked()).toMatchObject({ outcome: 'rejected', reason: 'mail_failed' })
  })

  it('again after a failure mails the same code', async () => {
    const codes: string[] = []
    world.mailServer((mail) => {
      codes.push(codeIn(mail))
      return codes.length < 3
        ? { sent: false, failure: 'unknown', reply: 'time-out' }
        : { sent: true, reply: '250 ok' }
    })
    const reference = await triggered()
    expect(await deliver(reference)).toBe('retry')
    expect(await deliver(reference)).toBe('retry')
    expect(await deliver(reference)).toBe('done')
    expect(new Set(codes).size).toBe(1)
    expect(await answer(reference, codes[0]!)).toMatchObject({ outcome: 'accepted' })
  })

  it('is taken over when a function died while it was sending', async () => {
    const reference = await triggered()
    world.mailServer(() => new Promise(() => {}))
    void deliver(reference)
    await expect.poll(async () => (await stored(reference))!.delivery).toBe('sending')
    world.mailServer(() => ({ sent: true, reply: '250 ok' }))
    expect(await deliver(reference)).toBe('retry')
    world.advance(30_001)
    expect(await deliver(reference)).toBe('done')
    expect(await answer(reference, world.lastCode())).toMatchObject({ outcome: 'accepted' })
  })

  it('works at the next try when the settings or the key could not be had', async () => {
    const reference = await triggered()
    const { settings, keyring } = world.deliverPorts
    const down = () => Promise.reject(new Error('down'))
    for (const part of [{ settings: { current: down } }, { keyring: { key: down } }]) {
      Object.assign(world.deliverPorts, { settings, keyring }, part)
      await expect(deliver(reference)).rejects.toThrow('down')
    }
    Object.assign(world.deliverPorts, { settings, keyring })
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(1)
  })

  it('works at the next try when the mailer or the text could not be had', async () => {
    const reference = await triggered()
    const { mailer, compose } = world.deliverPorts
    const down = () => Promise.reject(new Error('down'))
    for (const part of [{ mailer: down }, { compose: down }]) {
      Object.assign(world.deliverPorts, { mailer, compose }, part)
      expect(await deliver(reference)).toBe('retry')
    }
    Object.assign(world.deliverPorts, { mailer, compose })
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(1)
  })

  it('works at the next try when the mailer broke off', async () => {
    const reference = await triggered()
    world.mailServer(() => Promise.reject(new Error('out of memory')))
    expect(await deliver(reference)).toBe('retry')
    world.mailServer(() => ({ sent: true, reply: '250 ok' }))
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(1)
  })
})

describe('nothing is mailed', () => {
  it.each([
    [1, 1, []],
    [0, 0, ['expired']],
  ])('%i ms before the end: %i mails', async (before, mails, reasons) => {
    const reference = await triggered()
    world.advance((await stored(reference))!.expiresAt - before - world.now())
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toHaveLength(mails)
    expect(dropReasons()).toEqual(reasons)
  })

  it('for a challenge that never was', async () => {
    expect(await deliver({ transactionId: '1', serial: 'EMALICE' })).toBe('done')
    expect(dropReasons()).toEqual(['expired'])
  })

  it('for a challenge that a newer one replaced', async () => {
    const older = await triggered()
    const newer = await triggered()
    expect(await deliver(older)).toBe('done')
    expect(world.mails).toEqual([])
    expect(dropReasons()).toEqual(['superseded'])
    await deliver(newer)
    expect(world.mails).toHaveLength(1)
  })

  it('for a token that was deleted', async () => {
    const reference = await triggered()
    await deleteToken(world.ports, await world.account('alice'), 'EMALICE')
    expect(await deliver(reference)).toBe('done')
    expect(dropReasons()).toEqual(['token or address gone'])
  })

  it('for a token that was deleted and enrolled anew', async () => {
    const reference = await triggered()
    await deleteToken(world.ports, await world.account('alice'), 'EMALICE')
    await world.enrol(await world.account('alice'), { serial: 'EMALICE', pin: '' })
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toEqual([])
  })

  it('for a user who is gone', async () => {
    const reference = await triggered()
    await world.ports.accounts.remove(await world.account('alice'))
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toEqual([])
  })

  it('for a token without an address', async () => {
    const reference = await triggered()
    await updateUser(world.ports, 'demo', 'alice', { email: undefined })
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toEqual([])
    expect(dropReasons()).toEqual(['user does not have an email'])
  })

  it('for a challenge that was closed', async () => {
    const reference = await triggered()
    await world.ports.challenges.close(reference.transactionId, reference.serial)
    expect(await deliver(reference)).toBe('done')
    expect(dropReasons()).toEqual(['closed or sent before'])
  })
})

describe('the address', () => {
  it('is the one at the time of sending', async () => {
    const reference = await triggered()
    const account = await world.account('alice')
    await world.ports.accounts.save(account, { ...account, email: 'new@example.org' })
    await deliver(reference)
    expect(world.mails.map(({ to }) => to)).toEqual(['new@example.org'])
  })

  it('of the user is given another one: what was asked for before goes nowhere', async () => {
    const reference = await triggered()
    await updateUser(world.ports, 'demo', 'alice', { email: 'new@example.org' })
    expect(await deliver(reference)).toBe('done')
    expect(world.mails).toEqual([])
    expect(dropReasons()).toEqual(['superseded'])
  })

  it('of the token goes before that of the user', async () => {
    const own = { serial: 'EMALICE', email: 'own@example.org', pin: '' }
    await world.enrol(await world.account('alice'), own)
    const reference = await triggered()
    await deliver(reference)
    expect(world.mails.map(({ to }) => to)).toEqual(['own@example.org'])
  })
})

it('logs no code', async () => {
  const codes: string[] = []
  for (let round = 0; round < 5; round++) {
    await deliver(await triggered())
    codes.push(world.lastCode())
  }
  const log = JSON.stringify(world.lines)
  for (const code of codes) expect(log).not.toContain(`"${code}"`)
})
