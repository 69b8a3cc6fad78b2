import { beforeEach, describe, expect, test, vi } from 'vitest'
import { putAdmin } from '../../../functions/core/sign-in.ts'
import { ADMIN, type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { type Browser, csrfIn, jarOf, signedIn, told } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
})

const MINUTE = 60_000
const NOT_AUTHENTICATED = {
  jsonrpc: '2.0802',
  result: { status: false, error: { code: -311, message: 'Not authenticated' } },
  id: 1,
  version: 'LinOTP 3.4.4',
  versionNumber: '3.4.4',
}
const init = { type: 'email', email_address: 'a@example.org', user: 'alice', realm: 'realm1' }
const lives = async (browser: Browser) => (await browser.get('/admin/show')).status === 200

describe('/linotp/admin/login', () => {
  const login = (form: Record<string, string>) => world.send('/linotp/admin/login', { form })

  test('lets in an administrator', async () => {
    const answer = await login(ADMIN)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      jsonrpc: '2.0802',
      result: { status: true, value: true },
      detail: { message: 'Login successful for admin' },
      id: 1,
      version: 'LinOTP 3.4.4',
      versionNumber: '3.4.4',
    })
    expect(answer.cookies).toEqual([
      expect.stringMatching(
        /^access_token_cookie=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=1800; Path=\/linotp; Secure; SameSite=Strict; HttpOnly$/,
      ),
      expect.stringMatching(
        /^csrf_access_token=[0-9a-f]{40}; Max-Age=1800; Path=\/linotp; Secure; SameSite=Strict$/,
      ),
    ])
  })

  test.each([
    ['a wrong password', { ...ADMIN, password: 'wrong' }],
    ['no password', { username: 'admin' }],
    ['a name nobody has', { username: 'nobody', password: 'adminpw' }],
    ['a user with their own password', { username: 'alice', password: 'alicepw' }],
    ['a user of a realm', { username: 'alice@realm1', password: 'alicepw', realm: 'realm1' }],
  ])('does not let in %s', async (_, form) => {
    const answer = await login(form as Record<string, string>)
    expect(answer.status).toBe(401)
    expect(answer.json).toMatchObject({
      result: { status: true, value: false },
      detail: { message: 'Bad username or password' },
      id: 1,
    })
    expect(answer.cookies).toEqual([])
  })

  test('makes wrong passwords wait, as everywhere', async () => {
    for (let n = 0; n < 8; n++) await login({ ...ADMIN, password: 'wrong' })
    expect((await login(ADMIN)).status).toBe(401)
  })

  test('is not done by GET', async () => {
    const query = new URLSearchParams(ADMIN).toString()
    const answer = await world.send('/linotp/admin/login', { method: 'GET', query })
    expect(answer).toMatchObject({ status: 405, cookies: [] })
  })
})

describe('a browser session', () => {
  let browser: Browser
  beforeEach(async () => {
    browser = await signedIn(world)
  })

  test('is needed', async () => {
    const answer = await world.send('/linotp/admin/show')
    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 401,
      json: NOT_AUTHENTICATED,
    })
    expect(await lives(browser)).toBe(true)
  })

  test('is not the legacy parameter', async () => {
    const session = browser.jar[0]!.split('=')[1]!
    const query = new URLSearchParams({ session }).toString()
    expect((await world.send('/linotp/admin/show', { query })).status).toBe(401)
  })

  test.each([
    ['without its second value', {}],
    ['with a wrong second value', { 'x-csrf-token': 'a'.repeat(40) }],
    ['with an empty second value', { 'x-csrf-token': '' }],
  ])('changes nothing %s', async (_, headers: Record<string, string>) => {
    const answer = await world.send('/linotp/admin/init', {
      form: init,
      cookies: browser.jar,
      headers,
    })
    expect(told(answer)).toMatchObject({ status: 401, code: -311 })
    expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
  })

  test('changes nothing with a second value that was planted with its own cookie', async () => {
    const planted = 'b'.repeat(40)
    const answer = await browser.call('/admin/init', {
      form: init,
      cookies: [browser.jar[0]!, `csrf_access_token=${planted}`],
      headers: { 'x-csrf-token': planted },
    })
    expect(answer.status).toBe(401)
  })

  test('changes nothing with the second value of another session', async () => {
    const other = await signedIn(world)
    const answer = await browser.call('/admin/init', {
      form: init,
      headers: { 'x-csrf-token': other.csrf },
    })
    expect(answer.status).toBe(401)
  })

  test('is nobody where a second cookie of its name was planted', async () => {
    const other = await signedIn(world)
    const cookies = [other.jar[0]!, ...browser.jar]
    expect((await browser.call('/admin/show', { cookies })).status).toBe(401)
  })

  test('takes the second value from a form, too', async () => {
    const answer = await world.send('/linotp/admin/init', {
      form: { ...init, csrf_token: browser.csrf },
      cookies: browser.jar,
    })
    expect(told(answer)).toEqual({ status: 200, value: true })
  })

  test('lasts half an hour', async () => {
    world.advance(30 * MINUTE - 1)
    expect(await lives(browser)).toBe(true)
    world.advance(1)
    expect(await lives(browser)).toBe(false)
  })

  test('goes on when it is used in its last five minutes', async () => {
    world.advance(25 * MINUTE - 1)
    expect((await browser.get('/admin/show')).cookies).toEqual([])
    world.advance(1)
    const { cookies } = await browser.get('/admin/show')
    expect(cookies).toHaveLength(2)
    world.advance(29 * MINUTE)
    const jar = jarOf({ cookies })
    expect(csrfIn(jar)).toBe(browser.csrf)
    expect((await browser.call('/admin/show', { cookies: jar })).status).toBe(200)
    expect(await lives(browser)).toBe(false)
  })

  test('ends after twelve hours, however busy', async () => {
    let jar = browser.jar
    const until = world.now() + 13 * 60 * MINUTE
    let lasted = 0
    for (; world.now() < until; lasted += 26) {
      const answer = await browser.call('/admin/show', { cookies: jar })
      if (answer.status !== 200) break
      if (answer.cookies.length > 0) jar = jarOf(answer)
      world.advance(26 * MINUTE)
    }
    expect(lasted).toBeGreaterThan(11 * 60)
    expect(lasted).toBeLessThan(13 * 60)
  })

  test('is ended by signing out, wherever its cookie is kept', async () => {
    const other = await signedIn(world)
    const answer = await browser.post('/admin/logout')
    expect(told(answer)).toEqual({ status: 200, value: true })
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^access_token_cookie=; Max-Age=0; Path=\/linotp;/),
      expect.stringMatching(/^csrf_access_token=; Max-Age=0; Path=\/linotp;/),
    ])
    expect(await lives(browser)).toBe(false)
    expect(await lives(other)).toBe(true)
  })

  test('stays ended in the copy that was renewed', async () => {
    world.advance(26 * MINUTE)
    const renewed = jarOf(await browser.get('/admin/show'))
    await browser.post('/admin/logout')
    world.advance(20 * MINUTE)
    expect((await browser.call('/admin/show', { cookies: renewed })).status).toBe(401)
  })

  test('is not ended by a foreign page, nor by GET', async () => {
    const logout = '/linotp/admin/logout'
    const forged = await world.send(logout, { method: 'POST', cookies: browser.jar })
    expect(forged.status).toBe(401)
    expect((await browser.get('/admin/logout')).status).toBe(405)
    expect(await lives(browser)).toBe(true)
  })

  test('ends with a new password, and with the account', async () => {
    world.advance(1)
    await putAdmin(world.ports, 'admin', 'a new one')
    expect(await lives(browser)).toBe(false)
    const next = await signedIn(world, { username: 'admin', password: 'a new one' })
    expect(await lives(next)).toBe(true)
    await world.admins.remove('admin')
    expect(await lives(next)).toBe(false)
  })

  test('is no session of /auth, nor the other way round', async () => {
    const [, session] = browser.jar[0]!.split('=')
    const asHeader = { headers: { authorization: session! } }
    expect((await world.send('/token/', asHeader)).status).toBe(401)
    expect((await world.send('/linotp/admin/show', asHeader)).status).toBe(401)
    const ours = await world.sessionOf(ADMIN.username, ADMIN.password)
    const cookies = [`access_token_cookie=${ours}`]
    expect((await world.send('/linotp/admin/show', { cookies })).status).toBe(401)
  })

  test('is logged by the name of the administrator', async () => {
    await browser.get('/admin/show')
    expect(world.lines.at(-1)).toMatchObject({
      path: '/linotp/admin/show',
      actor: { username: 'admin', role: 'admin' },
    })
  })
})

describe('a session of /auth', () => {
  test.each(['', 'Bearer '])('is accepted as "%s<session>" and repeats nothing', async (prefix) => {
    const session = await world.sessionOf(ADMIN.username, ADMIN.password)
    const headers = { authorization: prefix + session }
    const answer = await world.send('/linotp/admin/init', { form: init, headers })
    expect(told(answer)).toEqual({ status: 200, value: true })
  })

  test('is refused where it is not that of an administrator', async () => {
    const authorization = await world.sessionOf('alice', 'alicepw')
    const answer = await world.send('/linotp/admin/show', { headers: { authorization } })
    expect(answer.status).toBe(403)
  })
})
