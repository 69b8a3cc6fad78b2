import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { withFile } from '../multipart.ts'
import { type Browser, signedIn, told } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let browser: Browser
beforeEach(async () => {
  world = await createAdminWorld()
  browser = await signedIn(world)
})

const OTP_ALL = {
  name: 'otp_all',
  scope: 'authentication',
  action: "otppin=2, emailtext='Code, <otp>'",
  realm: '*',
  user: '*, !bob',
  client: '10.0.0.0/8',
}
const set = (form: Record<string, string>) => browser.post('/system/setPolicy', form)
const get = async (query: Record<string, string> = {}) =>
  (await browser.get('/system/getPolicy', query)).json.result.value
const policies = () => Object.keys(world.values).filter((name) => name.startsWith('policies/'))

describe('/linotp/system/setPolicy', () => {
  test("makes a policy in LinOTP's words and puts it in force", async () => {
    expect(told(await set(OTP_ALL))).toEqual({
      status: 200,
      value: {
        'setPolicy otp_all': {
          scope: true,
          action: true,
          user: true,
          realm: true,
          client: true,
          time: true,
          active: true,
        },
      },
    })
    expect(await get({ name: 'otp_all' })).toEqual({
      otp_all: {
        scope: 'authentication',
        action: "otppin=2, emailtext='Code, <otp>'",
        user: '*, !bob',
        realm: '*',
        client: '10.0.0.0/8',
        time: '*',
        active: 'True',
      },
    })
    expect(JSON.parse(world.values['policies/otp_all']!)).toMatchObject({
      precedence: 'specific',
      action: { otppin: '2', emailtext: 'Code, <otp>' },
    })
  })

  test.each([
    [{ name: 'a-b' }, 905, 'name'],
    [{ scope: 'gettoken' }, 905, 'no counterpart'],
    [{ action: 'otppin=9' }, 905, 'action.otppin'],
    [{ user: 'b.*' }, 905, 'no login may wait'],
    [{ time: '* *' }, 905, 'fields'],
    [{ realm: '' }, 905, 'Missing parameter: realm'],
    [{ client: '10.0.0.300' }, 905, 'no address'],
  ])('refuses %j', async (change, code, says) => {
    const answer = told(await set({ ...OTP_ALL, ...change }))
    expect(answer).toMatchObject({ status: 200, code, message: expect.stringContaining(says) })
    expect(policies()).toEqual([])
  })

  test('does not widen a policy that LinOTP has no words for', async () => {
    await world.configure({
      'policies/otp_all': '{"scope":"authentication","action":"otppin=none","resolver":"ldap"}',
    })
    expect(told(await set(OTP_ALL))).toMatchObject({
      code: 410,
      message: expect.stringContaining('restricted by resolver'),
    })
    expect(world.values['policies/otp_all']).toContain('"resolver":"ldap"')
  })

  test('does not lock out whoever asks, unless they insist', async () => {
    const mine = { name: 'sys', scope: 'system', action: 'read', realm: '*' }
    expect(told(await set(mine))).toMatchObject({
      code: -311,
      message: expect.stringContaining('no longer write policies'),
    })
    expect(policies()).toEqual([])
    expect(told(await set({ ...mine, user: 'other', action: 'write' }))).toMatchObject({
      code: -311,
    })
    expect(told(await set({ ...mine, action: 'write, read' }))).toMatchObject({ status: 200 })
    expect(told(await set({ ...mine, enforce: 'True' }))).toHaveProperty('value')
    expect(told(await set(OTP_ALL))).toMatchObject({ code: 410 })
    expect(told(await browser.post('/system/delPolicy', { name: 'sys' }))).toMatchObject({
      code: 410,
    })
  })
})

describe('/linotp/system/getPolicy', () => {
  beforeEach(async () => {
    await set(OTP_ALL)
    await set({ name: 'self', scope: 'selfservice', action: 'edit_email=0', realm: 'realm1' })
    await set({ ...OTP_ALL, name: 'off', active: 'False' })
  })

  test.each([
    [{}, ['otp_all', 'self']],
    [{ display_inactive: '1' }, ['off', 'otp_all', 'self']],
    [{ scope: 'selfservice' }, ['self']],
    [{ name: 'self,otp_all' }, ['otp_all', 'self']],
    [{ name: 'nothing' }, []],
    [{ realm: 'Realm1' }, ['otp_all', 'self']],
    [{ realm: 'other' }, ['otp_all']],
    [{ user: '!bob', action: 'otppin' }, ['otp_all']],
    [{ action: 'edit_email' }, ['self']],
  ])('finds by %j', async (query, names) => {
    expect(Object.keys(await get(query as Record<string, string>))).toEqual(names)
  })

  test('exports a file that importPolicy takes', async () => {
    const file = await browser.get('/system/getPolicy', { export: 'true' })
    expect(file.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(file.text).toContain('[otp_all]\nscope = authentication\n')
    const before = { ...world.values }
    for (const name of policies()) {
      await browser.post('/system/delPolicy', { name: name.slice('policies/'.length) })
    }
    expect(policies()).toEqual([])
    const answer = await browser.call('/system/importPolicy', sent(file.text))
    expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8')
    expect(answer.text).toContain('<status>True</status><value>3</value>')
    expect(world.values).toEqual(before)
  })
})

const sent = (content: string | Buffer, fields?: Record<string, string>) => {
  const { headers, ...rest } = withFile(content, fields)
  return { ...rest, headers: { ...headers, 'x-csrf-token': browser.csrf } }
}

describe('/linotp/system/delPolicy', () => {
  test('tells what it removed', async () => {
    await set(OTP_ALL)
    const answer = told(await browser.post('/system/delPolicy', { name: 'otp_all,other' }))
    expect(answer).toMatchObject({
      value: { delPolicy: { result: { 'linotp.Policy.otp_all.action': true } } },
    })
    expect(policies()).toEqual([])
    expect(told(await browser.post('/system/delPolicy', { name: 'otp_all' }))).toEqual({
      status: 200,
      value: { delPolicy: { result: {} } },
    })
  })
})

describe('/linotp/system/importPolicy', () => {
  test.each([
    ['[a]\nscope = authentication\naction = "otppin=9"\n', 'a: action.otppin'],
    ['[a]\nscope = authentication\naction = otppin=1\n[b]\nscope = moon\nrealm', 'line 6'],
    ['', 'file'],
    [Buffer.from([0xff, 0xfe, 0x00]), 'not text in UTF-8'],
    ['[a&<b]\nscope = authentication\naction = otppin=1\n', 'a&#38;&#60;b: name'],
    ['[sys]\nscope = system\naction = read\n', 'no longer write policies'],
  ])('takes nothing of %j', async (content, says) => {
    const answer = await browser.call('/system/importPolicy', sent(content))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8')
    expect(answer.text).toContain('<status>False</status><error><code>')
    expect(answer.text).toContain(says)
    expect(policies()).toEqual([])
  })

  test('wants a session and the right to write', async () => {
    const form = withFile('[a]\nscope = selfservice\naction = reset\n')
    const nobody = await world.send('/linotp/system/importPolicy', form)
    expect(nobody.status).toBe(401)
    expect(nobody.text).toContain('Not authenticated')
    await world.configure({ 'policies/x': '{"scope":"admin","action":"policyread"}' })
    const reader = await browser.call('/system/importPolicy', sent('[a]\nscope = selfservice\n'))
    expect(reader.text).toContain('<code>410</code>')
    expect(Object.keys(await get())).toEqual(['x'])
  })
})
