import { beforeEach, describe, expect, test, vi } from 'vitest'
import { withFile } from '../multipart.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.call('POST', '/policy/mail texts', {
    json: {
      scope: 'authentication',
      action: { emailtext: "it's\n{otp}", emailautosend: true },
      user: ['*', '-bob'],
      priority: 2,
    },
  })
})

const stored = () => world.values['policies/mail_texts']

describe('/policy/export', () => {
  test('gives a file that /policy/import takes', async () => {
    const { headers, text } = await world.call('GET', '/policy/export/all.cfg')
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['content-disposition']).toBe('attachment; filename=all.cfg')
    expect(text).toContain(`[mail texts]\n`)
    expect(text).toContain(`action = {'emailtext': "it's\\n{otp}", 'emailautosend': True}\n`)
    expect(text).toContain(`user = ['*', '-bob']\n`)

    const before = stored()
    await world.call('DELETE', '/policy/mail texts')
    const { method, ...form } = withFile(text)
    expect(valueOf(await world.call(method, '/policy/import/all.cfg', form))).toBe(1)
    expect(stored()).toBe(before)
  })

  test('puts nothing into its header that a name may hold', async () => {
    const { headers } = await world.call('GET', '/policy/export/a%22%0d%0ax:%20y')
    expect(headers['content-disposition']).toBe('attachment; filename=a___x__y')
  })
})

describe('/policy/import', () => {
  test.each([
    ['', 'file is empty'],
    ['[x]\nname = x\nscope = moon\naction = {}\n', 'the scope of x is not a known scope'],
    ['[mail_texts]\nname = mail_texts\nscope = user\naction = delete\n', 'too like mail texts'],
    [Buffer.from([0x80]), 'not text in UTF-8'],
    [
      `[x]\nname = x\nscope = user\naction = delete\ndescription = ${'y'.repeat(900)}\nrealm = ['${'z'.repeat(70)}']`,
      'realm',
    ],
  ])('takes nothing of %j', async (content, says) => {
    const before = { ...world.values }
    const { method, ...form } = withFile(content)
    const answer = await world.call(method, '/policy/import/x.cfg', form)
    expect(errorOf(answer)).toMatchObject({
      status: 400,
      code: 905,
      message: expect.stringContaining(says),
    })
    expect(world.values).toEqual(before)
  })

  test('needs the right to write', async () => {
    await world.configure({ 'policies/r': '{"scope":"admin","action":"policyread"}' })
    const { method, ...form } = withFile('[x]\nscope = user\naction = delete\n')
    expect((await world.call(method, '/policy/import/x', form)).status).toBe(403)
    expect((await world.call('GET', '/policy/export/x')).status).toBe(200)
  })
})

describe('/policy/check', () => {
  test.each([
    ['user=alice&realm=realm1&scope=authentication&action=emailtext', true],
    ['user=bob&realm=realm1&scope=authentication&action=emailtext', false],
    ['user=alice&realm=realm1&scope=authentication&action=otppin', false],
    ['user=alice&realm=realm1&scope=user&action=emailtext', false],
  ])('%s: %s', async (query, allowed) => {
    const value = valueOf(await world.call('GET', '/policy/check', { query }))
    expect(value.allowed).toBe(allowed)
    if (allowed) expect(value.policy).toMatchObject([{ name: 'mail texts' }])
  })

  test.each([
    ['', false],
    ['&application=portal', false],
    ['&application=vpn', true],
  ])('knows the application: %j', async (application, allowed) => {
    await world.call('POST', '/policy/of_vpn', {
      json: { scope: 'authentication', action: { otppin: 'none' }, application: ['vpn'] },
    })
    const query = `user=alice&realm=realm1&scope=authentication&action=otppin${application}`
    const value = valueOf(await world.call('GET', '/policy/check', { query }))
    expect(value.allowed).toBe(allowed)
  })
})
