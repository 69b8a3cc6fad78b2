import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASK } from '../../functions/core/masked.ts'
import { type Provider, readProviderConfig } from '../../functions/core/provider.ts'
import { showProvider, showProviders } from '../../functions/core/provider-view.ts'
import {
  deleteProvider,
  type ProviderChange,
  setDefault,
  setDefaults,
  setProvider,
} from '../../functions/core/providers.ts'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'
import { memoryParameters } from '../support/parameters.ts'

let pem: Certificates
let other: Certificates
beforeAll(async () => {
  ;[pem, other] = await Promise.all([makeCertificates(['a']), makeCertificates(['b'])])
})

let store: ReturnType<typeof memoryParameters>
beforeEach(() => {
  store = memoryParameters({ 'email.mailfrom': 'otp@x.example' })
})

function provider(config: object = {}): Provider {
  const reading = readProviderConfig(JSON.stringify({ server: 'mail.x.example', ...config }))
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value.provider
}
const LOGIN = { username: 'otp', tls: true }

const set = (name: string, config: object = {}, change: Partial<ProviderChange> = {}) =>
  setProvider(store.ports, { name, provider: provider(config), asDefault: 'no', ...change })
const defaults = () => store.settings()['email.identifier']
const policy = (action: object) => JSON.stringify({ scope: 'authentication', action })

describe('the first provider', () => {
  it('is the default, as long as nothing else says who sends', async () => {
    expect(await set('a', {}, { asDefault: 'if none' })).toEqual({
      outcome: 'in_force',
      isDefault: true,
    })
    expect(await set('b', {}, { asDefault: 'if none' })).toMatchObject({ isDefault: false })
    expect(defaults()).toEqual(['a'])
  })

  it.each([
    ['mail.provider', 'ses'],
    ['email.mailserver', 'mail.x.example'],
  ])('is not while %s says so', async (name, value) => {
    store.values[name] = value
    await set('a', {}, { asDefault: 'if none' })
    expect(defaults()).toEqual([])
    await set('a', {}, { asDefault: 'yes' })
    expect(defaults()).toEqual(['a'])
  })
})

describe('a password', () => {
  beforeEach(() => set('a', LOGIN, { password: 's3cret' }))
  const stored = () => store.secrets['providers/a.password']

  it('is kept apart, encrypted', () => {
    expect(stored()).toEqual({ value: 's3cret', version: 1 })
    expect(JSON.stringify(store.values)).not.toContain('s3cret')
    expect(JSON.stringify(showProviders(store.settings()))).not.toContain('s3cret')
  })

  it.each([undefined, MASK])('stays when %s is given for the same login', async (password) => {
    expect(await set('a', { ...LOGIN, subject: 'Hi' }, { password })).toMatchObject({
      outcome: 'in_force',
    })
    expect(stored()!.version).toBe(1)
  })

  it.each([{ server: 'evil.example' }, { port: 26 }, { tls: 'implicit' }, { username: 'eve' }])(
    'has to be given again for %o',
    async (change) => {
      expect(await set('a', { ...LOGIN, ...change }, { password: MASK })).toMatchObject({
        outcome: 'refused',
        problems: [{ name: 'password', reason: expect.stringContaining('given again') }],
      })
      expect(store.settings().providers.get('a')).toMatchObject({ server: 'mail.x.example' })
      await set('a', { ...LOGIN, ...change }, { password: 'n3w' })
      expect(stored()).toEqual({ value: 'n3w', version: 2 })
    },
  )

  it('is written before the server it is for, so that the old one never meets that', async () => {
    store.writes.length = 0
    await set('a', { ...LOGIN, server: 'new.example' }, { password: 'n3w' })
    expect(store.writes).toEqual(['providers/a.password', 'providers/a'])
  })

  it('goes with the user, and when it is emptied', async () => {
    expect(await set('a', LOGIN, { password: '' })).toMatchObject({
      outcome: 'refused',
      problems: [{ name: 'providers/a.password' }],
    })
    await set('a', { server: 'evil.example' })
    expect(stored()).toBeUndefined()
  })

  it('that an earlier provider left behind is nobody’s', async () => {
    delete store.values['providers/a']
    expect(await set('a', { ...LOGIN, server: 'evil.example' })).toMatchObject({
      outcome: 'refused',
    })
    await set('a', { server: 'evil.example' })
    expect(stored()).toBeUndefined()
  })

  it('is needed by a user', async () => {
    expect(await set('b', LOGIN)).toMatchObject({
      outcome: 'refused',
      problems: [{ name: 'providers/b.password', reason: expect.stringContaining('missing') }],
    })
    expect(store.values).not.toHaveProperty(['providers/b'])
  })
})

describe('a private key', () => {
  const withCertificate = () => ({ client_certificate: pem.client.cert })
  const stored = () => store.secrets['providers/a.client_key']

  it('comes with its certificate and stays with it', async () => {
    expect(await set('a', withCertificate())).toMatchObject({
      outcome: 'refused',
      problems: [{ name: 'providers/a.client_key' }],
    })
    await set('a', withCertificate(), { clientKey: pem.client.key })
    expect(stored()!.value).toBe(pem.client.key)
    await set('a', { ...withCertificate(), subject: 'Hi' }, { clientKey: MASK })
    expect(stored()!.version).toBe(1)
    expect(showProvider(store.settings(), 'a')!.members).toMatchObject({ client_key: MASK })
    const change = { client_certificate: other.client.cert }
    expect(await set('a', change)).toMatchObject({ problems: [{ name: 'client_key' }] })
    await set('a')
    expect(stored()).toBeUndefined()
  })

  it.each<[string, () => string, RegExp]>([
    ['no key', () => 'x', /is not a private key/],
    ['a certificate', () => pem.client.cert, /is not a private key/],
    ["another's", () => other.client.key, /does not belong/],
  ])('is not %s', async (_, clientKey, reason) => {
    const refused = await set('a', withCertificate(), { clientKey: clientKey() })
    expect(refused).toMatchObject({
      problems: [{ name: 'client_key', reason: expect.stringMatching(reason) }],
    })
  })
})

describe('a provider', () => {
  it.each(['a.password', 'a.client_key', 'a/b', '', '-x', 'ü'])(
    'is not called %j',
    async (name) => {
      expect(await set(name)).toMatchObject({ outcome: 'refused' })
      expect(store.writes).toEqual([])
    },
  )

  it('is shown with what uses it', async () => {
    await set('a', LOGIN, { password: 'p', asDefault: 'yes' })
    await set('b')
    store.values['policies/p'] = policy({ email_provider: 'b, a' })
    expect(showProviders(store.settings())).toMatchObject([
      {
        ...{ name: 'a', default: true, order: 1, used_by: ['email.identifier', 'policies/p'] },
        members: { kind: 'smtp', server: 'mail.x.example', password: MASK, client_key: '' },
      },
      { name: 'b', default: false, order: 0, used_by: ['policies/p'], members: { password: '' } },
    ])
    expect(showProvider(store.settings(), 'c')).toBeUndefined()
  })
})

describe('deleting a provider', () => {
  it('takes its secrets along', async () => {
    await set('a', LOGIN, { password: 'p' })
    expect(await deleteProvider(store.ports, 'a')).toEqual({ outcome: 'in_force' })
    expect([Object.keys(store.values), store.secrets]).toEqual([['email.mailfrom'], {}])
    expect(await deleteProvider(store.ports, 'a')).toEqual({ outcome: 'unknown', name: 'a' })
  })

  it.each([
    ['active', true],
    ['inactive', false],
  ])('is refused while an %s policy names it', async (_, active) => {
    await set('a')
    const action = { email_provider: 'a' }
    store.values['policies/p'] = JSON.stringify({ scope: 'authentication', action, active })
    expect(await deleteProvider(store.ports, 'a')).toEqual({
      outcome: 'in use',
      by: ['policies/p'],
    })
  })

  it('is refused for the default and its fallbacks, except for the very last one', async () => {
    for (const name of ['a', 'b', 'c']) await set(name)
    await setDefaults(store.ports, ['a', 'b'])
    for (const name of ['a', 'b']) {
      expect(await deleteProvider(store.ports, name)).toEqual({
        outcome: 'in use',
        by: ['email.identifier'],
      })
    }
    await deleteProvider(store.ports, 'c')
    await setDefaults(store.ports, ['a'])
    await deleteProvider(store.ports, 'b')
    expect(await deleteProvider(store.ports, 'a')).toEqual({ outcome: 'in_force' })
    expect(store.values).toEqual({ 'email.mailfrom': 'otp@x.example' })
  })
})

describe('the default', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await set(name)
  })

  it('is one, and gives its place to the next', async () => {
    await setDefaults(store.ports, ['a', 'b'])
    await setDefault(store.ports, 'c')
    expect(defaults()).toEqual(['c', 'b'])
    await setDefault(store.ports, 'b')
    expect(defaults()).toEqual(['b'])
    await setDefaults(store.ports, [])
    expect(defaults()).toEqual([])
  })

  it('is a provider', async () => {
    expect(await setDefault(store.ports, 'x')).toEqual({ outcome: 'unknown', name: 'x' })
  })
})
