import { beforeEach, expect, it, vi } from 'vitest'
import { swapAddress } from '../../../functions/core/registration/swap-address.ts'
import { disputeChange, isDisputed } from '../../../functions/core/registration.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let alice: ReturnType<AdminWorld['callAs']>

/** Alice's address was changed, and its reader said that it was somebody else, who has her password. */
beforeEach(async () => {
  world = await createAdminWorld()
  await world.configure({
    'selfservice.url': 'https://otp.example.org/self',
    'policies/own': JSON.stringify({ scope: 'user', action: 'enable, delete, enrollEMAIL' }),
  })
  // mails are written by the settings of the base
  world.set({ 'selfservice.url': 'https://otp.example.org/self' })
  await world.init({ user: 'alice', dynamic_email: '1', pin: 'pin', serial: 'PIEM0001' })
  const change = { address: 'thief@example.net', method: 'self' } as const
  await swapAddress(world.ports, await world.account('alice'), change)
  const { text } = world.mails.findLast(({ to }) => to === 'alice@example.org')!
  const [, reference = ''] = /#dispute=([0-9]{20})/.exec(text)!
  const [code] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)!
  await disputeChange(world.ports, reference, code, 'n1')
  expect(isDisputed(await world.account('alice'))).toBe(true)
  alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
})

it('nobody enables a token of a disputed account by the password of its owner', async () => {
  expect(errorOf(await alice('POST', '/token/enable/PIEM0001'))).toMatchObject({
    status: 403,
    message: expect.stringContaining('disputed'),
  })
  expect((await world.account('alice')).tokens.PIEM0001!.enabled).toBe(false)
})

it.each<Record<string, string>>([{}, { serial: 'PIEM0001' }])(
  'nor enrols one, new or anew: %j',
  async (named) => {
    const form = { type: 'email', email: 'thief@example.net', pin: 'mine', ...named }
    expect(errorOf(await alice('POST', '/token/init', { form }))).toMatchObject({
      message: expect.stringContaining('disputed'),
    })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual(['PIEM0001'])
  },
)

it('an administrator may', async () => {
  expect(valueOf(await world.call('POST', '/token/enable/PIEM0001'))).toBe(1)
})
