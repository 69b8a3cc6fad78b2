import { beforeEach, describe, expect, test, vi } from 'vitest'
import { parseSettings } from '../../../functions/core/settings.ts'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
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

const CONFIG = {
  ...{ SMTP_SERVER: 'mail.x.example', SMTP_PORT: '2525', SMTP_USER: 'otp' },
  ...{ SMTP_PASSWORD: 's3cret', EMAIL_FROM: 'otp@x.example', START_TLS: true },
}
const CLASS = 'linotp.provider.emailprovider.SMTPEmailProvider'
const office = (config: object | string = CONFIG, more: Record<string, string> = {}) => ({
  ...{ type: 'email', name: 'office', class: CLASS, timeout: '120', ...more },
  config: typeof config === 'string' ? config : JSON.stringify(config),
})
const set = (form: Record<string, string>) => browser.post('/system/setProvider', form)
const get = (query: Record<string, string> = {}) =>
  browser.get('/system/getProvider', { type: 'email', ...query })
const value = async (answer: Promise<any>) => (await answer).json.result.value
const stored = () => parseSettings(world.values, { 'providers/office.password': 1 }).settings

describe('/linotp/system/setProvider', () => {
  test('stores a provider with its password apart; the first one is the default', async () => {
    expect(told(await set(office()))).toEqual({ status: 200, value: true })
    expect(stored().providers.get('office')).toMatchObject({
      ...{ server: 'mail.x.example', port: 2525, tls: 'starttls', username: 'otp', timeout: 10 },
      subject: 'Your OTP',
    })
    expect(world.secrets['providers/office.password']).toEqual({ value: 's3cret', version: 1 })
    expect(JSON.stringify(world.values)).not.toContain('s3cret')
    expect(stored()['email.identifier']).toEqual(['office'])
  })

  test('is shown by getProvider without its password', async () => {
    await set(office())
    const answer = await get()
    const { office: shown } = answer.json.result.value
    expect(shown).toMatchObject({ Class: CLASS, Timeout: '10', Default: true })
    expect(JSON.parse(shown.Config)).toEqual({
      ...{ ...CONFIG, SMTP_PORT: 2525, SMTP_PASSWORD: '__CENSORED__' },
      ...{ EMAIL_SUBJECT: 'Your OTP', USE_SSL: false, TIMEOUT: 10 },
    })
    expect(answer.text).not.toContain('s3cret')
    expect(await value(get({ name: 'nope' }))).toEqual({})
    expect(await value(browser.get('/system/getProvider', { type: 'sms' }))).toEqual({})
  })

  test('takes back what getProvider shows, and keeps the password at the same server', async () => {
    await set(office())
    const { office: shown } = await value(get())
    expect(told(await set(office(shown.Config))).value).toBe(true)
    expect(world.secrets['providers/office.password']!.version).toBe(1)
    const moved = { ...JSON.parse(shown.Config), SMTP_SERVER: 'evil.example' }
    expect(told(await set(office(moved)))).toMatchObject({
      code: 905,
      message: expect.stringContaining('password is missing; it must be given again'),
    })
  })

  test('without a configuration keeps it, and may make it the default', async () => {
    await set(office())
    await set({ ...office(), name: 'second' })
    const { config: _config, ...bare } = office(CONFIG, { name: 'second', default: 'true' })
    expect(told(await set(bare)).value).toBe(true)
    expect(stored()['email.identifier']).toEqual(['second'])
    expect(stored().providers.get('second')).toMatchObject({ server: 'mail.x.example' })
  })

  test('has the timeout of its configuration, or the one given if that can be', async () => {
    await set(office({ ...CONFIG, TIMEOUT: 7 }, { timeout: '20' }))
    expect(stored().providers.get('office')!.timeout).toBe(7)
    await set(office(CONFIG, { timeout: '20' }))
    expect(stored().providers.get('office')!.timeout).toBe(20)
  })

  test.each<[string, Record<string, string>, string]>([
    ['another type', office(CONFIG, { type: 'sms' }), 'type is not accepted'],
    ['another class', office(CONFIG, { class: 'my.Provider' }), 'class is none that Otpost has'],
    ['no server', office({ SMTP_USER: 'u' }), 'its server is missing'],
    ['no JSON', office("{'SMTP_PASSWORD': 's3cret'}"), 'line 1, column 2 (offset 1)'],
    ['a user alone', office({ SMTP_SERVER: 'x', SMTP_USER: 'u' }), 'password is missing'],
    ['a path', office({ SMTP_SERVER: 'x', KEYFILE: '/etc/key' }), 'its KEYFILE is no PEM'],
    ['a name that is none', office(CONFIG, { name: 'x.password' }), 'ends in .password'],
    ['a short managed', office(CONFIG, { managed: 'pw' }), 'managed has 2 characters'],
    ['no timeout', { type: 'email', name: 'x', class: CLASS }, 'Missing parameter: timeout'],
    ['an odd timeout', office(CONFIG, { timeout: 'x' }), 'timeout is not a whole number'],
  ])('refuses %s and changes nothing', async (_, form, message) => {
    const before = { ...world.values }
    const answer = await set(form)
    expect(told(answer)).toMatchObject({
      ...{ code: 905, message: expect.stringContaining(message) },
    })
    expect(answer.text).not.toContain('s3cret')
    expect([world.values, world.secrets]).toEqual([before, {}])
  })
})

test('a provider is deleted unless it is the default or used', async () => {
  await set(office())
  await set(office(CONFIG, { name: 'second' }))
  const remove = async (name: string) =>
    (await browser.post('/system/delProvider', { type: 'email', name })).json
  expect(await remove('office')).toMatchObject({
    result: { value: false },
    detail: { message: 'The provider is used by email.identifier.' },
  })
  const setDefault = (name: string) =>
    value(browser.post('/system/setDefaultProvider', { type: 'email', name }))
  expect([await setDefault('second'), await setDefault('nope')]).toEqual([true, false])
  expect(await remove('office')).toMatchObject({ result: { value: true } })
  expect(await remove('office')).toMatchObject({ result: { value: false } })
  expect(Object.keys(world.secrets)).toEqual(['providers/second.password'])
})

test('a provider is tried by a mail to whom one likes, or to its own sender', async () => {
  await set(office())
  const tried = async (form: Record<string, string> = {}) =>
    (await browser.post('/system/testProvider', { type: 'email', name: 'office', ...form })).json
  expect(await tried()).toMatchObject({
    result: { value: true },
    detail: { message: 'Sent to otp@x.example: 250 ok' },
  })
  world.testMailServer(() => ({ sent: false, failure: 'configuration', reply: '535 no' }))
  expect(await tried({ recipient: 'me@x.example' })).toMatchObject({
    result: { value: false },
    detail: { message: 'Not sent to me@x.example: 535 no' },
  })
  expect(world.testMails.map(({ to }) => to)).toEqual(['otp@x.example', 'me@x.example'])
})

test('who may not, does not', async () => {
  const action = { policyread: true }
  const policy = JSON.stringify({ scope: 'admin', action })
  await world.configure({ 'policies/admins': policy })
  expect(told(await set(office()))).toMatchObject({ code: 410 })
  expect(told(await get())).toMatchObject({ code: 410 })
  const bare = await world.send('/linotp/system/getProvider', { query: 'type=email' })
  expect(bare.status).toBe(401)
})
