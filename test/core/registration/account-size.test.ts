import { beforeEach, expect, it, vi } from 'vitest'
import { confirmAddress, requestAddress, setAddress } from '../../../functions/core/registration.ts'
import { createWorld, type World } from '../../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

/** Bytes of an account that DynamoDB refuses to store. */
const REFUSED = 400 * 1024
const UNLIMITED = { 'registration.per_hour': '0', 'mail.per_hour': '0', 'mail.per_day': '0' }
const CALLER = { clientIp: '192.0.2.1' }
/** As long as they come. */
const longAddress = (index: number, domain = 'x.example') =>
  `${String(index).padStart(64, 'a')}@${`${'b'.repeat(60)}.`.repeat(2)}${domain}`

let world: World
beforeEach(async () => {
  world = createWorld({ settings: UNLIMITED })
  await world.addUser('alice', '')
})

const size = async () => Buffer.byteLength(JSON.stringify(await world.account('alice')))
const ask = async (address: string) =>
  requestAddress(world.ports, await world.account('alice'), address, { by: 'self', caller: CALLER })

it('an account stays small however often addresses are asked for where nothing limits that', async () => {
  for (let time = 0; time < 1500; time++) {
    expect(await ask(longAddress(time))).toMatchObject({ requested: true })
  }
  expect(await size()).toBeLessThan(REFUSED / 100)
})

it('guesses that were made stay reserved meanwhile: asking again is no way to more of them', async () => {
  let evaluated = 0
  for (let time = 0; time < 60; time++) {
    const asked = await ask(longAddress(time))
    if (!asked.requested) break
    const proof = { transactionId: asked.pending.transactionId, code: '000000', caller: CALLER }
    const answer = await confirmAddress(world.ports, await world.account('alice'), {
      ...{ ...proof, nonce: `n${time}` },
    })
    if (!answer.confirmed && answer.reason === 'wrong') evaluated++
  }
  expect(evaluated).toBeGreaterThan(4)
  expect(evaluated).toBeLessThanOrEqual(20)
})

it('an account notes mails to a hundred mailboxes, and no more whatever the limits are', async () => {
  world.set({ 'mail.per_hour': '1000', 'mail.per_day': '1000' })
  const told = []
  for (let time = 0; time < 120; time++) told.push(await ask(longAddress(time)))
  expect(told.filter(({ requested }) => requested)).toHaveLength(100)
  expect(told.at(-1)).toMatchObject({ requested: false, reason: 'mail_limit' })
  expect(await ask(longAddress(0))).toMatchObject({ requested: true })
  world.advance(24 * 3_600_000)
  expect(await ask(longAddress(119))).toMatchObject({ requested: true })
})

it('and two thousand mails', async () => {
  world.set({ 'mail.per_hour': '1000', 'mail.per_day': '1000' })
  let mails = 0
  for (let time = 0; time < 30; time++) {
    for (let repeat = 0; repeat < 80; repeat++) {
      if ((await ask(longAddress(time))).requested) mails++
    }
  }
  expect(mails).toBe(2000)
  expect(await size()).toBeLessThan(REFUSED / 4)
}, 60_000)

it('an administrator replaces as many addresses as can be disputed, and is told then', async () => {
  const set = async (address: string) =>
    setAddress(world.ports, await world.account('alice'), address)
  // the first took the place of none
  for (let time = 0; time < 25; time++) {
    expect(await set(longAddress(time))).toMatchObject({ placed: true })
  }
  expect(await set(longAddress(25))).toMatchObject({ placed: false, reason: 'limited' })
  expect((await world.account('alice')).former).toHaveLength(24)
  expect(await size()).toBeLessThan(REFUSED / 10)
  world.advance(72 * 3_600_000)
  expect(await set(longAddress(25))).toMatchObject({ placed: true })
})
