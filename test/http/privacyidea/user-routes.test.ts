import { beforeEach, describe, expect, it, vi } from 'vitest'
import { swapAddress } from '../../../functions/core/registration/swap-address.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
})
const list = async (query = '') => valueOf(await world.call('GET', '/user/', { query }))
const names = async (query = '') =>
  (await list(query)).map(({ username }: { username: string }) => username)

describe('users', () => {
  it('are listed with their profile and never with their password', async () => {
    expect(await list('username=alice')).toEqual([
      {
        description: '',
        editable: true,
        email: 'alice@example.org',
        givenname: '',
        mobile: '',
        phone: '',
        resolver: 'directory',
        surname: '',
        userid: 'alice',
        username: 'alice',
      },
    ])
  })

  it.each([
    ['', ['alice', 'bob', 'carol', 'erin']],
    ['user=b*', ['bob']],
    ['email=*@example.org', ['alice', 'bob', 'carol']],
    ['realm=realm1', ['alice', 'bob', 'carol', 'erin']],
    ['realm=other', []],
  ])('are found by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  it('are added, changed and removed', async () => {
    await world.configure({ 'realms/staff': 'reso2' })
    const form = { user: 'frank', resolver: 'reso2', email: 'f@x.example', password: 'frankpw' }
    const added = await world.call('POST', '/user/', { form: { ...form, surname: 'Zappa' } })
    expect(added.json).toMatchObject({ result: { value: 'frank' }, detail: { user_id: 'frank' } })
    expect(await list('realm=staff')).toMatchObject([{ resolver: 'reso2', surname: 'Zappa' }])
    const session = await world.sessionOf('frank@staff', 'frankpw')
    expect(session).toBeTruthy()

    const change = { user: 'frank', resolver: 'reso2', surname: '', mobile: '+49 1' }
    expect(valueOf(await world.call('PUT', '/user/', { form: change }))).toBe(true)
    expect(await list('realm=staff')).toMatchObject([
      { surname: '', mobile: '+49 1', email: 'f@x.example' },
    ])
    expect(valueOf(await world.call('DELETE', '/user/reso2/frank'))).toBe(true)
    expect(errorOf(await world.call('DELETE', '/user/reso2/frank'))).toMatchObject({ code: 904 })
  })

  it.each([
    [{ user: 'alice' }, /^ERR905: user alice exists in realm realm1\.$/],
    [
      { user: 'x', email: 'nobody' },
      /^ERR905: email is not one e-mail address .* The @ is missing;/,
    ],
    [{ user: 'x', resolver: 'nope' }, /^ERR905: resolver nope is in no realm\.$/],
    [{ user: 'x', realm: 'nope' }, /^ERR905: realm nope does not exist/],
    [{}, /^ERR905: Missing parameter: user$/],
  ])('are not added as %o', async (form, message) => {
    const answer = await world.call('POST', '/user/', { form: form as Record<string, string> })
    expect(answer.status).toBe(400)
    expect(errorOf(answer).message).toMatch(message)
  })

  it('have their address in its normal form', async () => {
    const form = { user: 'gina', email: ' Gina@BÜCHER.example ' }
    expect(valueOf(await world.call('POST', '/user/', { form }))).toBe('gina')
    expect((await world.account('gina')).email).toBe('Gina@bücher.example')
    await world.call('PUT', '/user/', { form: { user: 'gina', email: '' } })
    expect((await world.account('gina')).email).toBeUndefined()
  })

  it('see and change themselves only', async () => {
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    expect(valueOf(await alice('GET', '/user/'))).toHaveLength(1)
    const form = { user: 'bob', givenname: 'Alice', password: 'other' }
    expect((await alice('PUT', '/user/', { form: { email: 'evil@x.example' } })).status).toBe(403)
    await world.configure({
      'policies/users': JSON.stringify({ scope: 'user', action: 'updateuser' }),
    })
    expect(valueOf(await alice('PUT', '/user/', { form }))).toBe(true)
    expect((await world.account('bob')).givenname).toBeUndefined()
    expect((await world.account('alice')).givenname).toBe('Alice')
    expect(
      (await world.send('/auth', { form: { username: 'alice', password: 'alicepw' } })).status,
    ).toBe(401)
    expect(errorOf(await alice('POST', '/user/', { form: { user: 'x' } }))).toMatchObject({
      code: 4306,
    })
  })

  it('do not give up by a password alone the address that they have proven', async () => {
    await world.configure({
      'policies/users': JSON.stringify({ scope: 'user', action: 'updateuser' }),
    })
    const change = { address: 'alice@example.net', method: 'admin' } as const
    await swapAddress(world.ports, await world.account('alice'), change)
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    for (const email of ['thief@example.net', '']) {
      expect((await alice('PUT', '/user/', { form: { email } })).status).toBe(403)
    }
    const form = { email: ' Alice@example.net ', givenname: 'Alice' }
    expect(valueOf(await alice('PUT', '/user/', { form }))).toBe(true)
    expect(await world.account('alice')).toMatchObject({ emailVerified: { method: 'admin' } })
  })

  it('send nobody a code who has not asked for an account with them', async () => {
    await world.configure({
      'policies/users': JSON.stringify({ scope: 'user', action: 'updateuser' }),
    })
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    const put = async (email: string) => alice('PUT', '/user/', { form: { email, givenname: 'A' } })
    const before = await world.account('alice')
    expect(before.emailVerified).toBeUndefined()

    for (const email of ['v1@victims.example', '@', ' ', '']) {
      const refused = await put(email)
      expect([refused.status, errorOf(refused).message]).toEqual([
        403,
        'Users change their address where it proves itself: POST /v1/self/address.',
      ])
    }
    expect(await world.account('alice')).toEqual(before)
    expect(valueOf(await put('ALICE@example.org'))).toBe(true)
    expect(await world.account('alice')).toMatchObject({ email: before.email, givenname: 'A' })
  })

  it('without an address say so, and name none', async () => {
    await world.configure({
      'policies/users': JSON.stringify({ scope: 'user', action: 'updateuser' }),
    })
    const form = { user: 'alice', email: '' }
    expect(valueOf(await world.call('PUT', '/user/', { form }))).toBe(true)
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    const put = async (email: string) => (await alice('PUT', '/user/', { form: { email } })).status
    expect([await put(''), await put('alice@example.org')]).toEqual([200, 403])
    expect((await world.account('alice')).email).toBeUndefined()
  })

  it('are shown to whoever the policies let', async () => {
    await world.configure({
      'policies/admins': JSON.stringify({ scope: 'admin', action: 'userlist', user: 'bob' }),
    })
    expect(await names()).toEqual(['bob'])
    expect(errorOf(await world.call('POST', '/user/', { form: { user: 'x' } }))).toMatchObject({
      status: 403,
      code: 303,
      message: 'Admin actions are defined, but the action adduser is not allowed!',
    })
  })
})
