import { beforeEach, expect, it } from 'vitest'
import { importLegacy } from '../../functions/core/import-provider.ts'
import { setProvider } from '../../functions/core/providers.ts'
import { readProviderConfig } from '../../functions/core/provider.ts'
import { memoryParameters } from '../support/parameters.ts'

const LEGACY = {
  EmailProvider: 'linotp.lib.emailprovider.SMTPEmailProvider',
  EmailProviderConfig: JSON.stringify({
    ...{ SMTP_SERVER: 'mail.x.example', SMTP_USER: 'otp', SMTP_PASSWORD: 's3cret' },
    ...{ EMAIL_FROM: 'otp@x.example', START_TLS: true },
  }),
  EmailBlockingTimeout: '30',
}

let store: ReturnType<typeof memoryParameters>
beforeEach(() => {
  store = memoryParameters({ 'mail.provider': 'ses' })
})

it('makes the old provider a provider of its own name, and the default', async () => {
  expect(await importLegacy(store.ports, LEGACY)).toEqual({ outcome: 'in_force', isDefault: true })
  const settings = store.settings()
  expect(settings['email.identifier']).toEqual(['imported_default'])
  expect(settings.providers.get('imported_default')).toMatchObject({
    ...{ server: 'mail.x.example', port: 587, tls: 'starttls', username: 'otp', password: 1 },
    ...{ sender: 'otp@x.example', subject: 'Your OTP', timeout: 10 },
  })
  expect(store.secrets['providers/imported_default.password']!.value).toBe('s3cret')
  expect(JSON.stringify(store.values)).not.toContain('s3cret')
  expect(settings['email.resend_after']).toBe(30)
})

it('changes nothing when it is done again, and keeps what was edited', async () => {
  await importLegacy(store.ports, LEGACY)
  const provider = store.settings().providers.get('imported_default')!
  await setProvider(store.ports, {
    ...{ name: 'imported_default', provider: { ...provider, subject: 'Edited' }, asDefault: 'no' },
  })
  const before = structuredClone([store.values, store.secrets])
  expect(await importLegacy(store.ports, LEGACY)).toEqual({ outcome: 'there already' })
  expect([store.values, store.secrets]).toEqual(before)
})

it('leaves a default and a time between mails that there are', async () => {
  const reading = readProviderConfig('{"server": "mail.x.example", "sender": "a@x.example"}')
  if ('refused' in reading) throw new Error(reading.refused)
  await setProvider(store.ports, { name: 'mine', ...reading.value, asDefault: 'yes' })
  store.values['email.resend_after'] = '5'
  expect(await importLegacy(store.ports, LEGACY)).toMatchObject({ isDefault: false })
  expect(store.settings()).toMatchObject({ 'email.identifier': ['mine'], 'email.resend_after': 5 })
})

it.each([
  [{ ...LEGACY, EmailProvider: 'my.own.Provider' }, 'EmailProvider'],
  [{ ...LEGACY, EmailProvider: 'ses' }, 'EmailProvider'],
  [{ ...LEGACY, EmailProviderConfig: "{'SMTP_SERVER': 's3cret'}" }, 'EmailProviderConfig'],
  [{ ...LEGACY, EmailProviderConfig: undefined }, 'EmailProviderConfig'],
  [{ ...LEGACY, EmailBlockingTimeout: 'abc' }, 'email.resend_after'],
])('refuses %o as a whole', async (legacy, name) => {
  const result = await importLegacy(store.ports, legacy)
  expect(result).toMatchObject({ outcome: 'refused', problems: [{ name }] })
  expect(JSON.stringify(result)).not.toContain('s3cret')
  expect(store.writes).toEqual([])
})
