import { beforeEach, describe, expect, test, vi } from 'vitest'
import { told } from './browser.ts'
import { createTokenAdmin, TOKEN, type TokenAdmin } from './token-admin.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: TokenAdmin['world']
let admin: TokenAdmin['admin']
let init: TokenAdmin['init']
let done: TokenAdmin['done']
let value: TokenAdmin['value']
let token: TokenAdmin['token']

beforeEach(async () => {
  ;({ world, admin, init, done, value, token } = await createTokenAdmin())
})

describe('remove, enable, disable, reset', () => {
  beforeEach(async () => {
    await init()
    await init({ serial: 'LSEM0002' })
    await init({ serial: 'LSEM0003', user: 'bob' })
  })

  test('count the tokens they are about, by serial or by user', async () => {
    expect(await value('disable', { serial: 'LSEM0001' })).toBe(1)
    expect((await token()).enabled).toBe(false)
    expect(await value('disable', { user: 'alice' })).toBe(2)
    expect(await value('enable', { user: 'alice', realm: 'realm1' })).toBe(2)
    expect((await token()).enabled).toBe(true)
    const { key } = await world.account('alice')
    await world.ports.accounts.charge(key, { at: 5, evaluated: 3, serials: ['LSEM0001'] })
    expect(await value('reset', { serial: 'LSEM0001' })).toBe(1)
    expect((await token()).failcount).toBe(0)
    expect(await value('remove', { serial: 'LSEM0001' })).toBe(1)
    expect(Object.keys((await world.account('alice')).tokens)).toEqual(['LSEM0002'])
  })

  test('take lists of serials', async () => {
    const form = 'serial[]=LSEM0001&serial[]=LSEM0003'
    expect(await value('disable', form)).toBe(2)
    expect(world.lines.at(-1)).toMatchObject({ serials: ['LSEM0001', 'LSEM0003'] })
    expect(await value('remove', form)).toBe(2)
    const json = { serial: ['LSEM0002', 'LSEM0002'] }
    expect(told(await admin.call('/admin/remove', { method: 'POST', json })).value).toBe(1)
  })

  test.each(['enable', 'disable', 'reset'])('say so when %s finds nothing', async (verb) => {
    const none = await admin.post(`/admin/${verb}`, { serial: 'NOPE' })
    expect(none.json).toMatchObject({
      result: { status: true, value: 0 },
      detail: { message: 'No token with serial NOPE' },
    })
    const idle = await admin.post(`/admin/${verb}`, { user: 'carol' })
    expect(idle.json).toMatchObject({
      result: { status: true, value: 0 },
      detail: { message: 'No tokens for this user' },
    })
  })

  test('remove nothing where one serial is unknown, or of another user', async () => {
    expect(await done('remove', 'serial[]=LSEM0001&serial[]=NOPE')).toEqual({
      status: 200,
      code: 1102,
      message: 'ERR1102: No token with serial NOPE found',
    })
    expect(await done('remove', { serial: 'LSEM0003', user: 'alice' })).toMatchObject({
      code: 1102,
    })
    expect(await token()).toBeDefined()
    expect(await token('bob', 'LSEM0003')).toBeDefined()
  })

  test('need a serial or a user', async () => {
    for (const verb of ['remove', 'enable', 'disable', 'reset']) {
      expect(await done(verb, {})).toMatchObject({ status: 200, code: 905 })
    }
  })

  test('leave a revoked token as it is', async () => {
    await world.call('POST', '/token/revoke', { form: { serial: 'LSEM0001' } })
    expect(await done('enable', { serial: 'LSEM0001' })).toMatchObject({ code: 905 })
    expect(await init()).toMatchObject({ code: 905 })
  })
})

describe('assign and unassign', () => {
  beforeEach(async () => {
    for (const serial of ['LSEM0001', 'LSEM0002']) await value('init', { ...TOKEN, serial })
  })

  test('give tokens to a user and take them away', async () => {
    const form = 'serial[]=LSEM0001&serial[]=LSEM0002&user=alice&realm=realm1&pin=mine'
    const answer = await admin.post('/admin/assign', form)
    expect(answer.json).toMatchObject({ result: { status: true, value: true }, id: 2 })
    expect((await world.check({ user: 'alice', pass: 'mine' })).outcome).toBe('challenged')
    expect(world.lines.find(({ path }) => path === '/linotp/admin/assign')).toMatchObject({
      user: 'alice',
      serials: ['LSEM0001', 'LSEM0002'],
    })
    expect(await done('unassign', { serial: 'LSEM0001' })).toEqual({ status: 200, value: true })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual(['LSEM0002'])
  })

  test('refuse what does not exist or is somebody else\u2019s, and then change nothing', async () => {
    await value('assign', { serial: 'LSEM0002', user: 'bob' })
    expect(await done('assign', 'serial[]=LSEM0001&serial[]=NOPE&user=alice')).toMatchObject({
      code: 1102,
    })
    expect(await done('assign', 'serial[]=LSEM0001&serial[]=LSEM0002&user=alice')).toMatchObject({
      code: 905,
      message: expect.stringContaining('unassign it first'),
    })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
    expect(await done('assign', { serial: 'LSEM0001' })).toMatchObject({ code: 905 })
    expect(await done('assign', { user: 'alice' })).toMatchObject({ code: 905 })
    expect(await done('unassign', { serial: 'NOPE' })).toMatchObject({ code: 1102 })
  })
})

test('GET changes nothing', async () => {
  await init()
  const before = await world.account('alice')
  for (const verb of [
    'init',
    'remove',
    'enable',
    'disable',
    'reset',
    'set',
    'assign',
    'unassign',
  ]) {
    const query = { ...TOKEN, user: 'bob', description: 'x', csrf_token: admin.csrf }
    expect((await admin.get(`/admin/${verb}`, query)).status).toBe(405)
  }
  expect(await world.account('alice')).toEqual(before)
})
