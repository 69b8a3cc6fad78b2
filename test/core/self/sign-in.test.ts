import { beforeEach, describe, expect, it, vi } from 'vitest'
import { signInStep } from '../../../functions/core/self/sign-in.ts'
import { passwordHash, updateUser } from '../../../functions/core/users.ts'
import { createWorld, type World } from '../../support/world.ts'

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

const CALLER = { clientIp: '192.0.2.1' }
let world: World
beforeEach(async () => {
  world = createWorld({
    settings: {
      profile: 'hardened',
      'policies/own': '{"scope":"user","action":"enrollEMAIL"}',
    },
  })
  await world.enrol(await world.addUser('alice'))
  await world.addUser('newcomer', '')
  const password = await passwordHash(world.ports, 'secret')
  await updateUser(world.ports, 'demo', 'newcomer', { password })
  await world.addUser('idle')
})

let requests = 0
const signIn = (user: string, pass: string) =>
  signInStep(world.ports, { user, pass, nonce: `n${++requests}`, caller: CALLER })

/** What a step costs, in what can be told from outside by its time. */
async function costOf(user: string, pass: string) {
  const { accounts } = world.ports
  const spies = [vi.spyOn(accounts, 'get'), vi.spyOn(accounts, 'save')] as const
  derived.count = 0
  const step = await signIn(user, pass)
  const [reads, writes] = spies.map((spy) => spy.mock.calls.length)
  for (const spy of spies) spy.mockRestore()
  return { proven: step.proven, reads, writes, derivations: derived.count }
}

describe('where the profile is hardened, a step of a sign-in', () => {
  it('that is refused costs the same whoever is named: nobody learns who has no token yet', async () => {
    const unknown = await costOf('nobody', 'wrong')
    expect(unknown).toMatchObject({ proven: false, derivations: 1 })
    for (const user of ['alice', 'newcomer', 'idle']) {
      expect({ user, ...(await costOf(user, 'wrong')) }).toEqual({ user, ...unknown })
    }
  })

  it('costs that while tries are delayed, too', async () => {
    for (let time = 0; time < 5; time++) {
      for (const user of ['alice', 'newcomer']) await signIn(user, 'wrong')
    }
    const unknown = await costOf('nobody', 'secret')
    for (const user of ['alice', 'newcomer']) {
      expect({ user, ...(await costOf(user, 'secret')) }).toEqual({ user, ...unknown })
    }
  })

  it('lets in who has no token yet by their password', async () => {
    expect(await signIn('newcomer', 'secret')).toMatchObject({ proven: true })
  })
})
