import { beforeEach, describe, expect, it } from 'vitest'
import { findAccount, nameOf, type Subject } from '../../functions/core/find-account.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld({ settings: { 'realms/staff': 'directory' } })
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '' })
  await world.enrol(await world.addUser('alice', 'a@example.org', 'staff'), {
    serial: 'EMSTAFF',
    pin: '',
  })
})

const find = (subject: Subject) => findAccount(world.ports, subject)
const keyOf = async (subject: Subject) => {
  const found = await find(subject)
  return found.found ? found.account.key : found.reason
}

describe('a name', () => {
  const settings = (splitAtSign: string) =>
    parseSettings({ 'realm.default': 'demo', 'realms/staff': 'directory', splitAtSign }).settings

  it.each([
    ['alice', undefined, { login: 'alice', realm: 'demo' }],
    ['alice', '', { login: 'alice', realm: 'demo' }],
    ['alice', 'STAFF', { login: 'alice', realm: 'staff' }],
    ['alice@staff', undefined, { login: 'alice', realm: 'staff' }],
    ['alice@Staff', undefined, { login: 'alice', realm: 'staff' }],
    ['alice@staff', 'demo', { login: 'alice', realm: 'staff' }],
    ['alice@example.org', undefined, { login: 'alice@example.org', realm: 'demo' }],
    ['alice@example.org@staff', undefined, { login: 'alice@example.org', realm: 'staff' }],
    ['@staff', undefined, { login: '@staff', realm: 'demo' }],
    ['alice@', undefined, { login: 'alice@', realm: 'demo' }],
  ])('%s in realm %s is %o', (user, realm, expected) => {
    expect(nameOf(user, realm, settings('true'))).toEqual(expected)
  })

  it('is not split where splitAtSign is off', () => {
    expect(nameOf('alice@staff', undefined, settings('false'))).toEqual({
      login: 'alice@staff',
      realm: 'demo',
    })
  })
})

describe('an account', () => {
  it('is found by name in the default realm, or in the one that is named', async () => {
    expect(await keyOf({ user: 'alice' })).toBe('account/demo/alice')
    expect(await keyOf({ user: 'alice', realm: 'Staff' })).toBe('account/staff/alice')
    expect(await keyOf({ user: 'alice@staff' })).toBe('account/staff/alice')
  })

  it('has all its tokens meant by name, and one by serial', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EMTWO' })
    expect(await find({ user: 'alice' })).toMatchObject({ serials: ['EMALICE', 'EMTWO'] })
    expect(await find({ serial: 'EMTWO' })).toMatchObject({ serials: ['EMTWO'], login: 'alice' })
    expect(await find({ user: 'alice', serial: 'EMTWO' })).toMatchObject({ serials: ['EMTWO'] })
  })

  it.each<[Subject, string]>([
    [{}, 'nobody_named'],
    [{ user: '', serial: '' }, 'nobody_named'],
    [{ user: 'nobody' }, 'unknown_user'],
    [{ user: 'Alice' }, 'unknown_user'],
    [{ user: 'alice', realm: 'nowhere' }, 'unknown_realm'],
    [{ user: 'alice@nowhere' }, 'unknown_user'],
    [{ serial: 'EMGONE' }, 'unknown_serial'],
    [{ serial: 'constructor' }, 'unknown_serial'],
    [{ user: 'alice', serial: 'EMSTAFF' }, 'serial_of_other'],
    [{ user: 'alice@staff', serial: 'EMALICE' }, 'serial_of_other'],
    [{ user: '../staff/alice' }, 'unknown_user'],
  ])('is not found by %o: %s', async (subject, reason) => {
    expect(await keyOf(subject)).toBe(reason)
  })

  it('is not found in a realm that was taken out of the settings', async () => {
    world.set({ 'realms/staff': '' })
    expect(await keyOf({ user: 'alice', realm: 'staff' })).toBe('unknown_realm')
  })

  it('is not found by a serial whose token is no longer in it', async () => {
    const account = await world.account('alice')
    await world.ports.accounts.save(account, { ...account, tokens: {} })
    expect(await keyOf({ serial: 'EMALICE' })).toBe('unknown_serial')
  })
})
