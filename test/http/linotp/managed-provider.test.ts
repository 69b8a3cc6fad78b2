import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from '../privacyidea/admin-world.ts'
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
  expect(told(await set({ managed: PASSWORD })).value).toBe(true)
})

const PASSWORD = 'kept by the mail team'
const HIDDEN = ['mail.x.example', 's3cret', 'otp@x.example', '2525', PASSWORD]
const CLASS = 'linotp.provider.emailprovider.SMTPEmailProvider'
const CONFIG = {
  ...{ SMTP_SERVER: 'mail.x.example', SMTP_PORT: '2525', SMTP_USER: 'otp' },
  ...{ SMTP_PASSWORD: 's3cret', EMAIL_FROM: 'otp@x.example', START_TLS: true },
}
const set = (more: Record<string, string> = {}, config: object = CONFIG) =>
  browser.post('/system/setProvider', {
    ...{ type: 'email', name: 'office', class: CLASS, timeout: '9' },
    ...{ config: JSON.stringify(config), ...more },
  })
const remove = (more: Record<string, string> = {}) =>
  browser.post('/system/delProvider', { type: 'email', name: 'office', ...more })
const tried = (more: Record<string, string> = {}) =>
  browser.post('/system/testProvider', { type: 'email', name: 'office', ...more })
const parameters = () => ({ ...world.values, ...structuredClone(world.secrets) })
const MISSING = 'managed is missing: the provider office is a managed one'
const IN_URL = 'managed is a password and has no place in the URL'
const WRONG = 'managed is not the password of the provider office'

describe('X28: a managed provider of LinOTP', () => {
  test('shows its class, its timeout and whether it is the default, and no configuration', async () => {
    const shown = await browser.get('/system/getProvider', { type: 'email' })
    expect(shown.json.result.value).toEqual({
      office: { Class: CLASS, Timeout: '9', Default: true, Managed: true },
    })
    const config = await browser.get('/system/getConfig')
    expect(config.json.result.value).toMatchObject({ 'EmailProvider.office': CLASS })
    expect(config.json.result.value).not.toHaveProperty(['EmailProvider.office.Config'])
    for (const { text } of [shown, config]) {
      for (const secret of HIDDEN) expect(text).not.toContain(secret)
    }
  })

  test('has its password kept as a hash, which is no setting that anybody is shown', async () => {
    expect(world.values['providers/office.managed']).toMatch(/^[\w+/]{22}==\.[\w+/]{43}=$/)
    expect(JSON.stringify(parameters())).not.toContain(PASSWORD)
    const hash = world.values['providers/office.managed']!
    for (const path of ['/linotp/system/getConfig', '/system/', '/smtpserver/']) {
      const { text } = path.startsWith('/linotp')
        ? await browser.get('/system/getConfig')
        : await world.call('GET', path)
      expect(text).not.toContain(hash)
    }
  })

  test.each<[string, (more?: Record<string, string>) => ReturnType<typeof set>]>([
    ['set', (more) => set(more, { ...CONFIG, SMTP_SERVER: 'other.example' })],
    ['deleted', remove],
    ['tested', (more) => tried({ recipient: 'me@x.example', ...more })],
  ])('is not %s without its password', async (_, act) => {
    const before = parameters()
    expect(told(await act())).toMatchObject({
      ...{ code: 905, message: expect.stringContaining(MISSING) },
    })
    expect(told(await act({ managed: 'not the password' }))).toMatchObject({
      ...{ code: 905, message: expect.stringContaining(WRONG) },
    })
    expect([parameters(), world.testMails]).toEqual([before, []])
    expect(told(await act({ managed: PASSWORD })).value).toBe(true)
  })

  test('is changed with its password, and stays managed', async () => {
    const hash = world.values['providers/office.managed']
    const changed = { ...CONFIG, EMAIL_SUBJECT: 'Your code' }
    expect(told(await set({ managed: PASSWORD }, changed)).value).toBe(true)
    expect(world.values['providers/office']).toContain('Your code')
    expect(world.values['providers/office.managed']).toBe(hash)
    await remove({ managed: PASSWORD })
    expect(Object.keys(parameters()).filter((name) => name.startsWith('providers/'))).toEqual([])
  })

  test('is not changed by setConfig, delConfig or the key of a setting', async () => {
    const before = parameters()
    const config = JSON.stringify({ SMTP_SERVER: 'evil.example' })
    const name = 'EmailProvider.office'
    const forms: Record<string, string>[] = [
      { [`${name}.Config`]: config },
      { [`${name}.Timeout`]: '3' },
    ]
    for (const form of forms) {
      expect(told(await browser.post('/system/setConfig', form)).message).toContain(MISSING)
    }
    const gone = await browser.post('/system/delConfig', { key: name })
    expect(told(gone).message).toContain(MISSING)
    const sealed = await browser.post('/system/setConfig', { [`${name}.Managed`]: CLASS })
    expect(told(sealed)).toMatchObject({ code: 905 })
    expect(parameters()).toEqual(before)
  })

  test('looks at five wrong passwords, then at one in a while', async () => {
    for (let wrong = 0; wrong < 5; wrong++) await tried({ managed: `wrong ${wrong}` })
    expect(told(await tried({ managed: PASSWORD })).message).toContain('too many wrong ones')
    world.advance(60_000)
    expect(told(await tried({ managed: PASSWORD })).value).toBe(true)
  })

  test('counts wrong passwords one by one, however many come at once', async () => {
    const guesses = Array.from({ length: 20 }, (_, index) => `wrong ${index}`)
    await Promise.all([...guesses.map((managed) => tried({ managed }))])
    expect(told(await tried({ managed: PASSWORD })).code).toBe(905)
    world.advance(600_000)
    expect(told(await tried({ managed: PASSWORD })).value).toBe(true)
  })

  test('whose hash was broken by hand opens to nobody', async () => {
    await world.configure({ 'providers/office.managed': 'garbage' })
    expect(told(await set({ managed: PASSWORD })).message).toContain(WRONG)
    expect(told(await remove()).message).toContain(MISSING)
  })

  test.each(['office.managed', 'office.password', 'office.client_key'])(
    'is not opened by deleting %s',
    async (name) => {
      world.secrets['providers/office.client_key'] = { value: 'PEM', version: 1 }
      const before = parameters()
      const answers = [
        await browser.post('/system/delProvider', { type: 'email', name }),
        await browser.post('/system/delConfig', { key: `EmailProvider.${name}` }),
        await world.call('DELETE', `/smtpserver/${name}`),
      ]
      for (const { text } of answers) expect(text).toContain(`no `)
      expect(parameters()).toEqual(before)
      expect(told(await set()).message).toContain(MISSING)
    },
  )

  test('whose hash was stored as a secret by mistake opens to nobody', async () => {
    const hash = world.values['providers/office.managed']!
    delete world.values['providers/office.managed']
    world.secrets['providers/office.managed'] = { value: hash, version: 1 }
    const before = parameters()
    expect(told(await set()).message).toContain(MISSING)
    expect(told(await set({ managed: PASSWORD })).message).toContain(WRONG)
    expect(told(await remove()).message).toContain(MISSING)
    expect((await world.call('DELETE', '/smtpserver/office')).text).toContain(MISSING)
    expect(parameters()).toEqual(before)
  })

  test('is not opened by a password in the URL, which is told so', async () => {
    const before = parameters()
    const query = new URLSearchParams({ managed: PASSWORD }).toString()
    const form = { type: 'email', name: 'office', class: CLASS, timeout: '9', recipient: 'a@b.cd' }
    for (const path of ['setProvider', 'delProvider', 'testProvider']) {
      const answer = await browser.call(`/system/${path}`, { query, form })
      expect(told(answer)).toMatchObject({ code: 905, message: expect.stringContaining(IN_URL) })
    }
    expect([parameters(), world.testMails]).toEqual([before, []])
  })

  test('opens by the header too, for whatever has no body', async () => {
    const headers = { 'otpost-managed': encodeURIComponent(PASSWORD) }
    const form = { type: 'email', name: 'office' }
    expect(told(await browser.call('/system/delProvider', { form, headers })).value).toBe(true)
  })

  test('leaves the choice of the default to every administrator, as LinOTP does', async () => {
    await set({ name: 'second' })
    const form = { type: 'email', name: 'second' }
    expect(told(await browser.post('/system/setDefaultProvider', form)).value).toBe(true)
  })
})

describe('X28: the same provider on the wire of privacyIDEA', () => {
  const change = (form: Record<string, string>) =>
    world.call('POST', '/smtpserver/office', { form: { server: 'other.example', ...form } })

  test('is listed without its configuration', async () => {
    const answer = await world.call('GET', '/smtpserver/')
    expect(valueOf(answer)).toEqual({
      office: { managed: true, password: '__CENSORED__', timeout: 9 },
    })
  })

  test('is changed, deleted and tested with its password only', async () => {
    const before = parameters()
    const server = { server: 'mail.x.example', port: '2525', tls: '1', username: 'otp' }
    const test = (form: Record<string, string> = {}) =>
      world.call('POST', '/smtpserver/send_test_email', {
        form: { identifier: 'office', recipient: 'me@x.example', ...server, ...form },
      })
    const gone = (form?: Record<string, string>) =>
      world.call('DELETE', '/smtpserver/office', form ? { form } : {})
    for (const answer of [await change({}), await gone(), await test()]) {
      expect(errorOf(answer)).toMatchObject({ message: expect.stringContaining(MISSING) })
    }
    expect([parameters(), world.testMails]).toEqual([before, []])
    expect(valueOf(await test({ managed: PASSWORD }))).toBe(true)
    expect(valueOf(await change({ managed: PASSWORD }))).toBe(true)
    expect(world.values['providers/office']).toContain('other.example')
    expect(valueOf(await gone({ managed: PASSWORD }))).toBe(1)
  })

  test('is not opened by a password in the URL, which is told so; a header will do', async () => {
    const before = parameters()
    const query = new URLSearchParams({ managed: PASSWORD }).toString()
    const form = { identifier: 'office', recipient: 'me@x.example', server: 'mail.x.example' }
    const answers = [
      await world.call('POST', '/smtpserver/office', { query, form }),
      await world.call('POST', '/smtpserver/send_test_email', { query, form }),
      await world.call('DELETE', '/smtpserver/office', { query }),
    ]
    for (const answer of answers) {
      expect(errorOf(answer)).toMatchObject({
        ...{ status: 400, code: 905, message: expect.stringContaining(IN_URL) },
      })
    }
    expect([parameters(), world.testMails]).toEqual([before, []])
    const headers = { 'otpost-managed': encodeURIComponent(PASSWORD) }
    expect(valueOf(await world.call('DELETE', '/smtpserver/office', { headers }))).toBe(1)
  })
})
