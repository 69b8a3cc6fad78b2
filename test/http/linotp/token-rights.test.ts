import { beforeEach, describe, expect, test, vi } from 'vitest'
import { accountKey } from '../../../functions/core/account.ts'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { type Browser, signedIn, told } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let admin: Browser
beforeEach(async () => {
  world = await createAdminWorld()
  await world.configure({ 'realms/realm2': 'directory' })
  await world.addUser('dave', 'dave@example.org', 'realm2')
  admin = await signedIn(world)
  await post('init', { ...TOKEN, serial: 'LSEM0001', user: 'alice', realm: 'realm1' })
  await post('init', { ...TOKEN, serial: 'LSEM0002', user: 'dave', realm: 'realm2' })
  await post('init', { ...TOKEN, serial: 'FREE' })
})

const TOKEN = { type: 'email', email_address: 'a@example.org', pin: '1234' }
const post = async (verb: string, form: Record<string, string> | string) =>
  told(await admin.post(`/admin/${verb}`, form))
const allow = (action: string, members: object = {}) =>
  world.configure({ 'policies/admins': JSON.stringify({ scope: 'admin', action, ...members }) })
const NOT_ALLOWED = { status: 200, code: 410, message: expect.stringMatching(/^ERR410: /) }

/** Every route, the right it needs, and what a right call of it says. */
const ROUTES: [string, string, Record<string, string>][] = [
  ['init', 'enrollEMAIL', { ...TOKEN, serial: 'LSEM0001' }],
  ['show', 'tokenlist', { serial: 'LSEM0001' }],
  ['remove', 'delete', { serial: 'LSEM0001' }],
  ['enable', 'enable', { serial: 'LSEM0001' }],
  ['disable', 'disable', { serial: 'LSEM0001' }],
  ['reset', 'reset', { serial: 'LSEM0001' }],
  ['set', 'set', { serial: 'LSEM0001', MaxFailCount: '5' }],
  ['set', 'setpin', { serial: 'LSEM0001', pin: 'x' }],
  ['set', 'setdescription', { serial: 'LSEM0001', description: 'x' }],
  ['assign', 'assign', { serial: 'FREE', user: 'alice', realm: 'realm1' }],
  ['unassign', 'unassign', { serial: 'LSEM0001' }],
  ['checkstatus', 'getchallenges', { serial: 'LSEM0001' }],
]

describe.each(ROUTES)('%s, by the right %s', (verb, right, form) => {
  test('is done by who has it, and by nobody else', async () => {
    const before = await world.account('alice')
    await allow(right === 'tokenlist' ? 'userlist' : 'tokenlist')
    expect(await post(verb, form)).toEqual(NOT_ALLOWED)
    expect(world.lines.at(-1)).toMatchObject({ actor: { username: 'admin' }, refused: true })
    expect(await world.account('alice')).toEqual(before)
    await allow(right)
    expect(await post(verb, form)).toMatchObject({ status: 200, value: expect.anything() })
    expect(world.lines.at(-1)).not.toHaveProperty('refused')
  })
})

describe('an administrator of one realm', () => {
  beforeEach(() => allow('*', { realm: 'realm1' }))
  const theirs = () => world.ports.accounts.get(accountKey('realm2', 'dave'))

  test.each(
    ROUTES.filter(([verb]) => verb !== 'show' && verb !== 'assign').map(
      ([verb, right, form]) => [verb, right, { ...form, serial: 'LSEM0002' }] as const,
    ),
  )('cannot %s (%s) a token of another by its serial', async (verb, _, form) => {
    const before = await theirs()
    expect(await post(verb, form)).toEqual(NOT_ALLOWED)
    expect(await theirs()).toEqual(before)
  })

  test('sees no token of another', async () => {
    const { value } = await post('show', {})
    const seen = value.data.map((one: Record<string, unknown>) => one['LinOtp.TokenSerialnumber'])
    expect(seen).toEqual(['LSEM0001'])
    expect((await post('show', { serial: 'LSEM0002' })).value.data).toEqual([])
    expect((await post('show', { user: 'dave', realm: 'realm2' })).value.data).toEqual([])
  })

  test('sees no challenge of another by its transaction', async () => {
    world.set({ 'realms/realm2': 'directory' })
    const outcome = await world.check({ user: 'dave', realm: 'realm2', pass: '1234' })
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    expect((await post('checkstatus', { transactionid: transactionId })).value.values).toEqual({})
    await allow('*')
    const { value } = await post('checkstatus', { transactionid: transactionId })
    expect(Object.keys(value.values)).toEqual(['LSEM0002'])
  })

  test('does nothing at all when one of several tokens is of another', async () => {
    const before = [await world.account('alice'), await theirs()]
    const form = 'serial[]=LSEM0001&serial[]=LSEM0002'
    for (const verb of ['remove', 'disable', 'unassign', 'reset']) {
      expect(await post(verb, form)).toEqual(NOT_ALLOWED)
    }
    expect([await world.account('alice'), await theirs()]).toEqual(before)
  })

  test('gives no token to a user of another, nor takes one from there', async () => {
    const assign = { serial: 'FREE', user: 'dave', realm: 'realm2' }
    expect(await post('assign', assign)).toEqual(NOT_ALLOWED)
    expect(await post('assign', { serial: 'LSEM0002', user: 'alice' })).toMatchObject({ code: 905 })
    const enrol = { ...TOKEN, serial: 'LSEM0002', user: 'alice', realm: 'realm1' }
    expect(await post('init', enrol)).toMatchObject({ code: 905 })
  })

  test('sets a PIN by assign only where setpin is allowed, too', async () => {
    await allow('assign')
    const form = { serial: 'LSEM0001', user: 'alice', realm: 'realm1', pin: 'stolen' }
    expect(await post('assign', form)).toEqual(NOT_ALLOWED)
  })
})
