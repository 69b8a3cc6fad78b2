/** Where the profile is `hardened`, a refusal at `/auth` costs the same whether or not there is such a user. */
import { beforeEach, expect, it, vi } from 'vitest'
import { type AdminWorld, createAdminWorld } from './admin-world.ts'

const derived = vi.hoisted(() => ({ count: 0 }))
vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  const cheap = withCheapArgon2(await original())
  const argon2: typeof cheap.argon2 = (...parameters) => {
    derived.count += 1
    cheap.argon2(...parameters)
  }
  return { ...cheap, argon2 }
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.configure({ profile: 'hardened' })
})

async function costOf(username: string, password: string) {
  const { accounts } = world.ports
  const spies = [vi.spyOn(accounts, 'get'), vi.spyOn(accounts, 'save')] as const
  derived.count = 0
  const { status, json } = await world.send('/auth', { form: { username, password } })
  const [reads, writes] = spies.map((spy) => spy.mock.calls.length)
  for (const spy of spies) spy.mockRestore()
  const { code, message } = json.result.error
  return { status, code, message, reads, writes, derivations: derived.count }
}

it('a user, one without a password and one who does not exist', async () => {
  const unknown = await costOf('nobody', 'wrong')
  expect(unknown).toMatchObject({ status: 401, derivations: 1 })
  for (const user of ['alice', 'erin']) {
    expect({ user, ...(await costOf(user, 'wrong')) }).toEqual({ user, ...unknown })
  }
})

it('a user whose tries are delayed', async () => {
  for (let time = 0; time < 5; time++) await costOf('alice', 'wrong')
  expect(await costOf('alice', 'alicepw')).toEqual(await costOf('nobody', 'alicepw'))
})

it('and the right password is still right', async () => {
  expect(await world.sessionOf('alice', 'alicepw')).toBeTruthy()
})
