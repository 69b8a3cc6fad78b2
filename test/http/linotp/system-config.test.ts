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

const CONFIG = JSON.stringify({
  ...{ SMTP_SERVER: 'mail.x.example', SMTP_USER: 'otp', SMTP_PASSWORD: 's3cret' },
})
const CLASS = 'linotp.provider.emailprovider.SMTPEmailProvider'
const MASK = '__CENSORED__'
const set = async (form: Record<string, string>) =>
  told(await browser.post('/system/setConfig', form))
const get = async (key?: string) =>
  told(await browser.get('/system/getConfig', key === undefined ? {} : { key })).value
const settings = () => parseSettings(world.values).settings

describe('/linotp/system/setConfig', () => {
  test('sets parameters by the keys of LinOTP', async () => {
    const form = { EmailChallengeValidityTime: '300', EmailBlockingTimeout: '30' }
    expect(await set({ ...form, 'linotp.EMAIL_CHALLENGE_PROMPT': 'Code?' })).toEqual({
      status: 200,
      value: {
        'setConfig EmailChallengeValidityTime:300': true,
        'setConfig EmailBlockingTimeout:30': true,
        'setConfig linotp.EMAIL_CHALLENGE_PROMPT:Code?': true,
      },
    })
    expect(settings()).toMatchObject({
      ...{ 'email.validtime': 300, 'email.resend_after': 30, EMAIL_CHALLENGE_PROMPT: 'Code?' },
    })
    expect(await get()).toMatchObject({ ...form, EMAIL_CHALLENGE_PROMPT: 'Code?' })
    expect(await get('EmailChallengeValidityTime')).toEqual({
      'getConfig EmailChallengeValidityTime': '300',
    })
  })

  test('sets one by key and value, and shows no secret again', async () => {
    await set({
      'email.mailserver': 'mail.x.example',
      'email.username': 'otp',
      'email.password': 'p',
    })
    const form = { key: 'email.password', value: 's3cret', type: 'password' }
    expect(await set(form)).toMatchObject({ value: { 'setConfig email.password': true } })
    expect(world.secrets['email.password']!.value).toBe('s3cret')
    const again = await set({ 'email.password': 's3cret' })
    expect(again.value).toEqual({ [`setConfig email.password:${MASK}`]: true })
    expect(await get('email.password')).toEqual({ 'getConfig email.password': MASK })
    expect(await set({ 'email.mailserver': 'evil.example' })).toMatchObject({
      message: expect.stringContaining('email.password is missing'),
    })
  })

  test('makes the single provider of old imported_default', async () => {
    const answer = await set({ EmailProvider: CLASS, EmailProviderConfig: CONFIG })
    expect(answer.value).toEqual({
      [`setConfig EmailProvider:${CLASS}`]: true,
      [`setConfig EmailProviderConfig:${MASK}`]: true,
    })
    expect(world.secrets['providers/imported_default.password']!.value).toBe('s3cret')
    expect(await get('EmailProvider')).toEqual({ 'getConfig EmailProvider': CLASS })
    const shown = await get()
    expect(shown).toMatchObject({
      ...{ 'EmailProvider.imported_default': CLASS },
      'Provider.Default.email_provider': 'imported_default',
    })
    expect(JSON.stringify(shown)).not.toContain('s3cret')
  })

  test('sets providers by their keys, and the default', async () => {
    await set({ 'EmailProvider.a.Config': CONFIG, 'EmailProvider.a.Timeout': '7' })
    await set({ 'EmailProvider.b': 'ses', 'EmailProvider.b.Config': '{"subject": "Hi"}' })
    await set({ 'Provider.Default.email_provider': 'b' })
    expect(settings().providers.get('a')).toMatchObject({ server: 'mail.x.example', timeout: 7 })
    expect(settings().providers.get('b')).toMatchObject({ kind: 'ses', subject: 'Hi' })
    expect(settings()['email.identifier']).toEqual(['b'])
    expect(await set({ 'Provider.Default.email_provider': 'x' })).toMatchObject({ code: 905 })
  })

  test.each([
    [{ EmailTokenValidityPeriod: '1' }, 'EmailTokenValidityPeriod is not a setting of Otpost'],
    [{ EmailChallengeValidityTime: 'abc' }, 'email.validtime is not a whole number'],
    [{ EmailProviderConfig: "{'SMTP_PASSWORD': 's3cret'}" }, 'line 1, column 2'],
    [{ 'EmailProvider.a': CLASS }, 'Missing parameter: config'],
    [{ key: 'email.validtime' }, 'Missing parameter: value'],
    [{}, 'Missing parameter: key'],
  ])('refuses %o', async (form, message) => {
    const before = { ...world.values }
    const answer = await set(form as Record<string, string>)
    expect(answer).toMatchObject({ code: 905, message: expect.stringContaining(message) })
    expect(JSON.stringify(answer)).not.toContain('s3cret')
    expect(world.values).toEqual(before)
  })
})

test('/linotp/system/delConfig goes back to the default', async () => {
  const remove = async (key: string) => told(await browser.post('/system/delConfig', { key }))
  await set({ EmailChallengeValidityTime: '300', EmailProviderConfig: CONFIG })
  expect((await remove('EmailChallengeValidityTime')).value).toEqual({
    'delConfig EmailChallengeValidityTime': true,
  })
  expect((await remove('EmailProvider')).value).toEqual({ 'delConfig EmailProvider': true })
  expect(settings()).toMatchObject({ 'email.validtime': 120, 'email.identifier': [] })
  expect([settings().providers.size, world.secrets]).toEqual([0, {}])
})

test('/linotp/system/getConfig knows nothing of what is not set', async () => {
  expect(await get('nope')).toEqual({ 'getConfig nope': null })
})

test('resolvers have their own routes and rights, their passwords too', async () => {
  await world.configure({
    'resolvers/ad': '{"type":"ldap","uri":"ldaps://x.example","base_dn":"dc=x","bind_dn":"cn=o"}',
  })
  for (const key of ['resolvers/ad.password', 'resolvers/ad']) {
    expect(await set({ key, value: 'mine' })).toMatchObject({
      message: expect.stringContaining('is not a setting of Otpost'),
    })
    const form = { value: 'mine' }
    const path = `/system/${encodeURIComponent(key)}`
    expect((await world.call('POST', path, { form })).json.result.status).toBe(false)
  }
  expect(world.secrets).not.toHaveProperty('resolvers/ad.password')
})

test('providers need their own right', async () => {
  const action = { configread: true, configwrite: true }
  await set({ EmailProviderConfig: CONFIG })
  const policy = JSON.stringify({ scope: 'admin', action })
  await world.configure({ 'policies/admins': policy })
  expect(Object.keys(await get()).filter((key) => key.includes('Provider'))).toEqual([])
  expect(await set({ EmailProviderConfig: CONFIG })).toMatchObject({ code: 410 })
  expect(await set({ EmailChallengeValidityTime: '60' })).toMatchObject({ status: 200 })
})
