import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readSession, type Session } from '../../functions/core/session.ts'
import { issueSession, putAdmin, signIn } from '../../functions/core/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

const derived = vi.hoisted(() => ({ count: 0 }))
vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  const cheap = withCheapArgon2(await original())
  const argon2: typeof cheap.argon2 = (...parameters) => {
    derived.count += 1
    cheap.argon2(...parameters)
  }
  return { ...cheap, argon2 }
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await putAdmin(world.ports, 'root', 'correct horse')
  derived.count = 0
})

const enter = (password: string, name = 'root') => signIn(world.ports, name, password)
const failures = async () => (await world.admins.get('root'))!.failures
async function mistype(times: number) {
  for (let time = 0; time < times; time++) expect(await enter('wrong')).toBe(false)
}
const read = async (token: string, now = world.now()) =>
  readSession(await world.ports.keyring.key('session'), token, now)

describe('signing in', () => {
  it('is right with name and password', async () => {
    expect(await enter('correct horse')).toBe(true)
  })

  it.each([
    ['a wrong password', 'root', 'wrong'],
    ['an empty password', 'root', ''],
    ['an unknown name', 'nobody', 'correct horse'],
    ['an empty name', '', ''],
  ])('refuses %s, and each costs one derivation', async (_what, name, password) => {
    expect(await enter(password, name)).toBe(false)
    expect(derived.count).toBe(1)
  })

  it('delays after five wrong passwords, and costs the same meanwhile', async () => {
    await mistype(5)
    derived.count = 0
    expect(await enter('correct horse')).toBe(false)
    expect(derived.count).toBe(1)
    world.advance(19_999)
    expect(await enter('correct horse')).toBe(false)
    world.advance(1)
    expect(await enter('correct horse')).toBe(true)
  })

  it('does not count what comes during the delay', async () => {
    await mistype(20)
    expect(await failures()).toBe(5)
  })

  it('forgets wrong passwords after the right one', async () => {
    await mistype(4)
    expect(await enter('correct horse')).toBe(true)
    expect(await failures()).toBe(0)
  })

  it('looks at five of many passwords tried at the same time', async () => {
    const entered = await Promise.all([
      ...Array.from({ length: 30 }, (_, guess) => enter(`wrong ${guess}`)),
      enter('correct horse'),
    ])
    expect(entered).not.toContain(true)
    expect(await failures()).toBe(5)
  })

  it('lets in everybody who is right at the same time', async () => {
    const entered = await Promise.all(Array.from({ length: 4 }, () => enter('correct horse')))
    expect(entered).toEqual([true, true, true, true])
  })
})

describe('a session', () => {
  it('lasts an hour and is unlike any other', async () => {
    const root = { username: 'root', role: 'admin' } as const
    const token = await issueSession(world.ports, root)
    const hour = 3_600_000
    expect(await read(token)).toMatchObject({ ...root, realm: '', authtype: 'password' })
    expect(await read(token, world.now() + hour - 1)).toMatchObject(root)
    expect(await read(token, world.now() + hour)).toBe('expired')
    expect(await issueSession(world.ports, root)).not.toBe(token)
  })

  it('says what its holder is and may do', async () => {
    const token = await issueSession(world.ports, {
      username: 'portal',
      role: 'user',
      realm: 'demo',
      seconds: 60,
      rights: ['trigger'],
    })
    const session = (await read(token)) as Session
    expect(session).toMatchObject({
      role: 'user',
      realm: 'demo',
      authtype: 'password',
      rights: ['trigger'],
      exp: Math.floor(world.now() / 1000) + 60,
    })
    expect(session.nonce).toMatch(/^[0-9a-f]{40}$/)
  })
})

describe('an administrator', () => {
  it('is added once, and then gets a new password', async () => {
    expect(await putAdmin(world.ports, 'eve', 'one')).toBe(true)
    expect(await putAdmin(world.ports, 'eve', 'two')).toBe(false)
    expect(await enter('one', 'eve')).toBe(false)
    expect(await enter('two', 'eve')).toBe(true)
  })

  it('keeps the day of entry and loses the delays with a new password', async () => {
    const { createdAt } = (await world.admins.get('root'))!
    await mistype(5)
    world.advance(1)
    await putAdmin(world.ports, 'root', 'new')
    expect(await world.admins.get('root')).toMatchObject({ createdAt, failures: 0 })
    expect(await enter('new')).toBe(true)
  })

  it('added twice at the same time is one', async () => {
    const added = await Promise.all([
      putAdmin(world.ports, 'eve', 'one'),
      putAdmin(world.ports, 'eve', 'two'),
    ])
    expect(added.filter(Boolean)).toHaveLength(1)
    expect(await world.admins.all()).toHaveLength(2)
  })
})
