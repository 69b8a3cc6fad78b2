import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import { hashPin } from '../../functions/core/pin.ts'
import { checkPassword } from '../../functions/core/sign-in-user.ts'
import { authentication } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
const stored = () => world.account('alice')
const enter = async (password: string, clientIp?: string) =>
  checkPassword(world.ports, await stored(), password, clientIp)
const pin = (pass: string) => world.check({ user: 'alice', pass })
async function times(count: number, what: () => Promise<unknown>) {
  for (let time = 0; time < count; time++) await what()
}

beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
  const account = await stored()
  const { keyring, random, accounts } = world.ports
  const password = await hashPin(await keyring.key('pin'), 'correct horse', random)
  await accounts.save(account, { ...account, password } as Account)
})

describe('wrong passwords and wrong PINs', () => {
  it('do not delay each other', async () => {
    await times(5, () => enter('wrong'))
    expect(await pin('1234')).toMatchObject({ outcome: 'challenged' })
    await times(5, () => pin('9999'))
    world.advance(20_000)
    expect(await enter('correct horse')).toBe(true)
  })

  it('are not forgotten by the right one of the other', async () => {
    await times(5, () => enter('wrong'))
    await pin('1234')
    expect(await enter('correct horse')).toBe(false)
    await times(5, () => pin('9999'))
    world.advance(20_000)
    expect(await enter('correct horse')).toBe(true)
    await pin('9999')
    expect(await pin('1234')).toMatchObject({ reason: 'pin_delayed' })
  })

  it('are forgotten by the right one of the same', async () => {
    await times(4, () => enter('wrong'))
    expect(await enter('correct horse')).toBe(true)
    await times(4, () => enter('wrong'))
    expect(await enter('correct horse')).toBe(true)
    expect(await stored()).toMatchObject({ passwordFailures: 0, pinFailures: 0 })
  })

  it('count apart where a policy has the password for the PIN', async () => {
    world.set(authentication('otppin=userstore'))
    await times(5, () => pin('wrong'))
    expect(await pin('correct horse')).toMatchObject({ reason: 'pin_delayed' })
    expect(await enter('correct horse')).toBe(false)
    expect(await stored()).toMatchObject({ passwordFailures: 5, pinFailures: 0 })
    world.advance(20_000)
    expect(await pin('correct horse')).toMatchObject({ outcome: 'challenged' })
    expect(await stored()).toMatchObject({ passwordFailures: 0 })
  })
})

it('the owner gets in from a known network while strangers try', async () => {
  await enter('correct horse', '192.0.2.1')
  await times(20, () => enter('wrong', '198.51.100.1'))
  expect(await enter('correct horse', '198.51.100.1')).toBe(false)
  expect(await enter('correct horse', '192.0.2.2')).toBe(true)
})

it('an account without passwordFailures has none', async () => {
  expect(await stored()).not.toHaveProperty('passwordFailures')
  expect(await enter('correct horse')).toBe(true)
  expect(await stored()).not.toHaveProperty('passwordFailures')
})
