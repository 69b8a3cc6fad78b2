import { beforeEach, expect, test, vi } from 'vitest'
import {
  type BrowserSession,
  endBrowserSession,
  newBrowserSession,
  readBrowserSession,
  signBrowserSession,
} from '../../functions/core/browser-session.ts'
import { signSession } from '../../functions/core/session.ts'
import { putAdmin } from '../../functions/core/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await putAdmin(world.ports, 'root', 'correct horse')
})

const open = () => newBrowserSession(world.ports, 'root', world.now())
const end = (session: BrowserSession) => endBrowserSession(world.ports, session)
const lives = async (session: BrowserSession) =>
  (await readBrowserSession(world.ports, await signBrowserSession(world.ports, session))) !==
  undefined

test('a session that was ended stays so, others go on', async () => {
  const [one, other] = [open(), open()]
  await end(one)
  expect(await lives(one)).toBe(false)
  expect(await lives(other)).toBe(true)
  await Promise.all([end(one), end(other)])
  expect(await lives(other)).toBe(false)
})

test('more ended sessions than are remembered end all of them, and no later one', async () => {
  const other = open()
  for (let n = 0; n < 100; n++) await end(open())
  expect(await lives(other)).toBe(true)
  const last = open()
  await end(last)
  expect(await lives(last)).toBe(false)
  expect(await lives(other)).toBe(false)
  world.advance(1)
  expect(await lives(open())).toBe(true)
})

test('ended sessions are forgotten when they would have expired anyway', async () => {
  await end(open())
  world.advance(31 * 60_000)
  const next = open()
  await end(next)
  expect((await world.admins.get('root'))!.ended).toEqual([
    { id: next.id, until: world.now() + 30 * 60_000 },
  ])
})

test('a password that was changed while the old one was being checked ends the session', async () => {
  const began = world.now()
  world.advance(50)
  await putAdmin(world.ports, 'root', 'battery staple')
  world.advance(50)
  expect(await lives(newBrowserSession(world.ports, 'root', began))).toBe(false)
})

test('a JWT of another kind is none, whatever it states', async () => {
  const other = { realm: '', role: 'admin', nonce: 'n', authtype: 'password', ...open() } as const
  const jwt = signSession(await world.ports.keyring.key('session'), other)
  expect(await readBrowserSession(world.ports, jwt)).toBeUndefined()
})

test('a session that somebody else signed, or that is half of one, is none', async () => {
  const cookie = await signBrowserSession(world.ports, open())
  expect(await readBrowserSession(world.ports, cookie)).toBeDefined()
  expect(await readBrowserSession(world.ports, cookie.replace(/.{8}$/, 'AAAAAAAA'))).toBeUndefined()
  for (const left of ['username', 'id', 'csrf', 'since', 'exp'] as const) {
    const { [left]: _gone, ...half } = open()
    const signed = await signBrowserSession(world.ports, half as BrowserSession)
    expect(await readBrowserSession(world.ports, signed)).toBeUndefined()
  }
})
