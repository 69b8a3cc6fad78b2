import { issueApiKey } from '../../../functions/core/api-key.ts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { removeUser } from '../../../functions/core/users.ts'
import { remoteDirectory, STAFF } from '../../support/directory.ts'
import { ADMIN, type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
})
const signIn = (form: Record<string, string>) => world.send('/auth', { form })
const WRONG = { status: 401, code: 4031, message: 'Authentication failure. Wrong credentials' }

describe('signing in', () => {
  it('refuses a username that is longer than any', async () => {
    const refused = errorOf(await signIn({ username: 'x'.repeat(256), password: 'x' }))
    expect(refused).toMatchObject({ status: 400, code: 905 })
    expect(refused.message).toContain('username has 256 characters')
  })

  it('gives an administrator a session and all that the reference tells of one', async () => {
    const { status, json } = await signIn(ADMIN)
    expect(status).toBe(200)
    expect(json).toMatchObject({ id: 2, result: { status: true, authentication: 'ACCEPT' } })
    expect(json.detail).toBeUndefined()
    expect(valueOf({ json } as never)).toMatchObject({
      auth: true,
      role: 'admin',
      realm: '',
      username: 'admin',
      log_level: 20,
      logout_time: 120,
      menus: ['config', 'users', 'tokens'],
      rss_age: 180,
      token_page_size: 15,
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    expect(json.result.value.rights).toEqual(
      expect.arrayContaining(['enrollEMAIL', 'triggerchallenge', 'policywrite']),
    )
  })

  it('takes JSON', async () => {
    const { json } = await world.send('/auth', { json: ADMIN })
    expect(json.result.value.role).toBe('admin')
  })

  it.each<Record<string, string>>([
    { username: 'alice', password: 'alicepw' },
    { username: 'alice@realm1', password: 'alicepw' },
    { username: 'alice', realm: 'REALM1', password: 'alicepw' },
  ])('gives the user of $username a session', async (form) => {
    const { json } = await signIn(form)
    expect(json.result.value).toMatchObject({ username: 'alice', realm: 'realm1', role: 'user' })
    expect(json.result.value.rights).toEqual(['disable', 'setdescription', 'auditlog'])
  })

  it.each([
    ['a wrong password', { ...ADMIN, password: 'x' }],
    ['no password', { username: 'admin' }],
    ['a name nobody has', { username: 'nobody', password: 'x' }],
    ["a user's wrong password", { username: 'alice', password: 'nope' }],
    ['a user who has no password', { username: 'erin', password: '' }],
    ["an administrator's password in a realm", { ...ADMIN, realm: 'realm1' }],
  ])('refuses %s, all in the same words', async (_, form) => {
    const answer = await signIn(form as Record<string, string>)
    expect(errorOf(answer)).toEqual(WRONG)
    expect(answer.json.detail).toEqual({})
  })

  it('names a missing user name and an unknown realm', async () => {
    expect(errorOf(await signIn({ password: 'x' }))).toEqual({
      status: 401,
      code: 4032,
      message: 'Authentication failure. Missing Username',
    })
    expect(
      errorOf(await signIn({ username: 'alice', password: 'alicepw', realm: 'nope' })),
    ).toEqual({ ...WRONG, message: 'Authentication failure. Unknown realm: nope.' })
  })

  it('makes a guesser of passwords wait, whatever arrives at once', async () => {
    const wrong = { username: 'alice', password: 'nope' }
    await Promise.all(Array.from({ length: 8 }, () => signIn(wrong)))
    expect(await world.account('alice')).toMatchObject({ passwordFailures: 5, pinFailures: 0 })
    const right = { username: 'alice', password: 'alicepw' }
    expect(errorOf(await signIn(right))).toEqual(WRONG)
    world.advance(60_000)
    expect((await signIn(right)).status).toBe(200)
    expect((await world.account('alice')).passwordFailures).toBe(0)
  })

  it('follows the policies: rights and whether passwords are taken at all', async () => {
    await world.configure({
      'policies/users': JSON.stringify({ scope: 'user', action: 'disable, delete' }),
    })
    const { json } = await signIn({ username: 'alice', password: 'alicepw' })
    expect(json.result.value.rights.toSorted()).toEqual(['delete', 'disable'])
    await world.configure({
      'policies/closed': JSON.stringify({ scope: 'webui', action: 'login_mode=disable' }),
    })
    expect(errorOf(await signIn({ username: 'alice', password: 'alicepw' }))).toEqual(WRONG)
  })
})

describe('signing in as a user of a directory elsewhere', () => {
  const directory = remoteDirectory()
  const { put, asked } = directory
  const asDora = (password: string, username = 'dora') =>
    signIn({ username, realm: 'staff', password })

  beforeEach(async () => {
    const { remoteUsers } = directory
    Object.assign(world.ports, { remoteUsers })
    await world.configure(STAFF)
    put('dora', ['dora@work.example'])
    asked.length = 0
    directory.fail(false)
  })

  it('takes the password of the directory, of somebody it has not seen before', async () => {
    const { json } = await asDora('dora-secret')
    expect(json.result.value).toMatchObject({ username: 'dora', realm: 'staff', role: 'user' })
    const own = await world.send('/token/', { headers: { authorization: json.result.value.token } })
    expect(own.status).toBe(200)
  })

  it('is one user however the name is spelt', async () => {
    for (const seen of [false, true]) {
      const { json } = await asDora('dora-secret', 'DORA')
      expect(json.result.value, `seen: ${seen}`).toMatchObject({ username: 'dora' })
    }
    expect(await world.ports.accounts.get('account/staff/DORA')).toBeUndefined()
  })

  it('refuses a wrong password as it refuses a stranger', async () => {
    expect(errorOf(await asDora('wrong'))).toEqual(WRONG)
    expect(errorOf(await asDora(''))).toEqual(WRONG)
    expect(errorOf(await asDora('wrong', 'nobody'))).toEqual(WRONG)
    expect(await world.ports.accounts.get('account/staff/nobody')).toBeUndefined()
  })

  it('makes a guesser wait, and does not ask the directory meanwhile', async () => {
    await Promise.all(Array.from({ length: 20 }, () => asDora('wrong')))
    asked.length = 0
    expect(errorOf(await asDora('dora-secret'))).toEqual(WRONG)
    expect(asked.filter((one) => one.startsWith('password'))).toEqual([])
    world.advance(60_000)
    expect((await asDora('dora-secret')).status).toBe(200)
  })

  it('follows the policies of the directory', async () => {
    const closed = { scope: 'webui', action: 'login_mode=disable', resolver: ['ad'] }
    await world.configure({ 'policies/closed': JSON.stringify(closed) })
    expect(errorOf(await asDora('dora-secret'))).toEqual(WRONG)
    expect(asked.filter((one) => one.startsWith('password'))).toEqual([])
  })

  it('lets in nobody while the directory does not answer', async () => {
    directory.fail(true)
    expect((await asDora('dora-secret')).status).toBe(503)
  })

  it('lets in nobody whom the directory does not know any more', async () => {
    await asDora('dora-secret')
    directory.remove('dora')
    expect(errorOf(await asDora('dora-secret'))).toEqual(WRONG)
  })
})

describe('a session', () => {
  const list = (headers: Record<string, string>) => world.send('/token/', { headers })
  const refused = (code: number, why: string) => ({
    status: 401,
    code,
    message: `Authentication failure. ${why}`,
  })
  const undecodable = (why: string) =>
    refused(4304, `Error decoding the Authorization token: ${why}`)

  it('is needed', async () => {
    expect(errorOf(await world.send('/token/'))).toEqual(
      refused(4033, 'Missing Authorization header.'),
    )
  })

  it('is taken from PI-Authorization too, and never after Bearer', async () => {
    const session = await world.sessionOf('admin', 'adminpw')
    expect((await list({ 'pi-authorization': session })).status).toBe(200)
    expect(errorOf(await list({ authorization: `Bearer ${session}` }))).toEqual(
      undecodable('Invalid header padding'),
    )
  })

  it('that is none is told what is wrong with it', async () => {
    const session = await world.sessionOf('admin', 'adminpw')
    const forged = `${session.slice(0, -4)}AAAA`
    expect(errorOf(await list({ authorization: 'garbage' }))).toEqual(
      undecodable('Not enough segments'),
    )
    expect(errorOf(await list({ authorization: forged }))).toEqual(
      undecodable('Signature verification failed'),
    )
  })

  it('ends after an hour, and with its user', async () => {
    const session = await world.sessionOf('alice', 'alicepw')
    await removeUser(world.ports, 'realm1', 'alice')
    expect((await list({ authorization: session })).status).toBe(401)
    const admin = await world.sessionOf('admin', 'adminpw')
    world.advance(3_600_000)
    expect(errorOf(await list({ authorization: admin }))).toEqual(
      refused(4305, 'Your token has expired: Signature has expired'),
    )
  })

  it('of another role does not do', async () => {
    const session = await world.sessionOf('alice', 'alicepw')
    expect(errorOf(await world.callAs(session)('GET', '/policy/'))).toEqual(
      refused(4306, "You do not have the necessary role (['admin']) to access this resource!"),
    )
    const { key: apiKey } = await issueApiKey(world.ports, 'portal', 60)
    expect(errorOf(await world.callAs(apiKey)('GET', '/token/'))).toEqual(
      refused(4304, 'Error decoding the Authorization token: Signature verification failed'),
    )
  })

  it('is told which types of token it may enrol', async () => {
    expect(Object.keys(valueOf(await world.call('GET', '/auth/rights')))).toEqual([
      'email',
      'spass',
    ])
    await world.configure({
      'policies/admins': JSON.stringify({ scope: 'admin', action: 'enrollEMAIL' }),
    })
    expect(Object.keys(valueOf(await world.call('GET', '/auth/rights')))).toEqual(['email'])
  })
})
