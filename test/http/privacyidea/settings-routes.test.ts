import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
})
const get = async (path: string) => valueOf(await world.call('GET', path))
const post = (path: string, json: object = {}) => world.call('POST', path, { json })
const settings = () => world.ports.settings.current()
const refused = (message: RegExp | string) => ({
  status: 400,
  code: 905,
  message: expect.stringMatching(message),
})

describe('realms and resolvers', () => {
  it('are made as a first installation makes them, and are in force at once', async () => {
    const form = { type: 'passwdresolver', fileName: '/etc/privacyidea/passwd' }
    expect(valueOf(await world.call('POST', '/resolver/reso1', { form }))).toBe(1)
    expect(valueOf(await post('/realm/Realm2', { resolvers: 'reso1,nope' }))).toEqual({
      added: ['reso1'],
      failed: ['nope'],
    })
    expect(valueOf(await world.call('POST', '/defaultrealm/realm2'))).toBe(1)
    expect(await get('/defaultrealm')).toMatchObject({ realm2: { default: true } })
    expect(await get('/realm/')).toMatchObject({
      realm2: { default: true, resolver: [{ name: 'reso1', type: 'passwdresolver' }] },
    })
    expect(await get('/resolver/reso1')).toEqual({
      reso1: { censor_keys: [], data: {}, resolvername: 'reso1', type: 'passwdresolver' },
    })
    expect(world.values).toMatchObject({
      'resolvers/reso1': '{"type":"passwdresolver"}',
      'realms/realm2': 'reso1',
      'realm.default': 'realm2',
    })
  })

  it('are removed, a resolver not while a realm needs it', async () => {
    await post('/resolver/reso1', { type: 'passwdresolver' })
    await post('/realm/realm2', { resolvers: ['reso1'] })
    expect(errorOf(await world.call('DELETE', '/resolver/reso1'))).toEqual(
      refused('resolver reso1 is used by the realm realm2'),
    )
    expect(valueOf(await world.call('DELETE', '/realm/realm2'))).toBe(1)
    expect(valueOf(await world.call('DELETE', '/resolver/reso1'))).toBe(1)
    expect(Object.keys(await get('/resolver/'))).toEqual(['directory'])
    expect(errorOf(await world.call('DELETE', '/realm/realm2'))).toMatchObject({ status: 404 })
    expect(errorOf(await world.call('POST', '/defaultrealm/realm2'))).toMatchObject({ status: 404 })
  })

  it('are not made of what does not exist', async () => {
    expect(valueOf(await post('/realm/realm2', { resolvers: 'nope' }))).toEqual({
      added: [],
      failed: ['nope'],
    })
    expect((await settings()).realms).not.toContain('realm2')
    expect(errorOf(await post('/resolver/ldap1', { type: 'ldapresolver' }))).toEqual(
      refused('resolvers/ldap1 cannot be used: its uri is missing'),
    )
  })
})

describe('/system', () => {
  it('sets parameters by the names of the reference', async () => {
    const given = {
      'email.validtime': '90',
      DefaultOtpLen: '8',
      DefaultMaxFailCount: 5,
      PrependPin: 'False',
    }
    expect(valueOf(await post('/system/setConfig', given))).toEqual({
      'email.validtime': 'insert',
      DefaultOtpLen: 'insert',
      DefaultMaxFailCount: 'insert',
      PrependPin: 'insert',
    })
    expect(await settings()).toMatchObject({
      ...{ 'email.validtime': 90, 'otp.length': 8, 'token.max_failcount': 5, PrependPin: false },
    })
    expect(valueOf(await post('/system/DefaultOtpLen', { value: '7' }))).toBe('update')
    expect(await get('/system/DefaultOtpLen')).toBe('7')
    expect(await get('/system/')).toMatchObject({
      __timestamp__: expect.stringMatching(/^\d+\.\d{6}$/),
      DefaultOtpLen: '7',
      PrependPin: 'False',
    })
    expect(valueOf(await world.call('DELETE', '/system/DefaultOtpLen'))).toBe(1)
    expect(valueOf(await world.call('DELETE', '/system/DefaultOtpLen'))).toBe(0)
    expect(await get('/system/DefaultOtpLen')).toBeNull()
  })

  it.each([
    [{ DefaultCountWindow: '3' }, 'DefaultCountWindow is not a setting of Otpost'],
    [{ 'policies/x': '{}' }, 'policies/x is not a setting of Otpost'],
    [{ 'email.validtime': 'abc' }, 'email.validtime is not a whole number'],
    [{ DefaultOtpLen: '3' }, 'DefaultOtpLen is below 4'],
    [{ IncFailCountOnFalsePin: 'True' }, 'IncFailCountOnFalsePin cannot be true: that would let'],
    [{ no_auth_counter: 'False' }, 'no_auth_counter cannot be false'],
  ])('refuses %o by its name and changes nothing', async (wrong, message) => {
    const before = { ...world.values }
    const answer = await post('/system/setConfig', { 'email.subject': 'Hello', ...wrong })
    expect(errorOf(answer)).toEqual(refused(message))
    expect(world.values).toEqual(before)
  })

  it('uses the mail server it is told of, and hides its password', async () => {
    const server = { 'email.mailserver': 'mail.example.org', 'email.port': '2525' }
    await post('/system/setConfig', {
      ...server,
      'email.username': 'otp',
      'email.password': 's3cret',
    })
    expect((await settings())['mail.provider']).toBe('smtp')
    expect(await get('/system/email.password')).toBe('__CENSORED__')
    expect(world.secrets['email.password']).toEqual({ value: 's3cret', version: 1 })
    expect(JSON.stringify(world.values)).not.toContain('s3cret')
    await post('/system/setConfig', { 'email.password': '__CENSORED__', 'email.subject': 'Hi' })
    expect(world.secrets['email.password']!.version).toBe(1)
  })

  it('does not point a stored password at another server', async () => {
    const server = { 'email.mailserver': 'mail.example.org', 'email.username': 'otp' }
    await post('/system/setConfig', { ...server, 'email.password': 's3cret' })
    const moved = await post('/system/setConfig', { 'email.mailserver': 'evil.example' })
    expect(errorOf(moved)).toEqual(refused('email.password is missing'))
    expect(world.values['email.mailserver']).toBe('mail.example.org')
  })

  it('stores what is right while something else is wrong, and says that it waits', async () => {
    world.values['email.port'] = 'abc'
    const answer = await post('/system/setConfig', { 'email.subject': 'Hello' })
    expect(errorOf(answer)).toEqual(refused('was stored, and will be in force once .* email.port'))
    expect((await settings())['email.subject']).toBe('')
  })

  it('tries a mail server', async () => {
    const server = { 'email.mailserver': '127.0.0.1', 'email.port': '2525' }
    const test = { ...server, 'email.mailfrom': 'pi@example.org', 'email.recipient': 't@x.example' }
    const { json } = await post('/system/test/email', test)
    expect(json.result.value).toBe(true)
    expect(json.detail.message).toBe('Successfully sent email. Please check your inbox.')
    expect(world.testMails).toMatchObject([
      {
        to: 't@x.example',
        provider: { server: '127.0.0.1', port: 2525, sender: 'pi@example.org' },
      },
    ])
    world.testMailServer(() => ({ sent: false, failure: 'transient', reply: 'no route' }))
    expect((await post('/system/test/email', test)).json).toMatchObject({
      result: { value: false },
      detail: { message: 'The e-mail was not sent: no route' },
    })
  })
})

describe('/smtpserver', () => {
  const SINK = { server: '127.0.0.1', port: 2525, sender: 'pi@example.org', tls: false, timeout: 5 }

  it('stores mail servers and shows them as the reference does', async () => {
    const given = { ...SINK, description: 'local sink', username: 'otp', password: 's3cret' }
    expect(valueOf(await post('/smtpserver/sink', given))).toBe(true)
    expect(await get('/smtpserver/')).toEqual({
      sink: {
        certificate: '',
        description: 'local sink',
        dont_send_on_error: false,
        enqueue_job: false,
        password: '__CENSORED__',
        port: 2525,
        private_key: '',
        private_key_password: '__CENSORED__',
        sender: 'pi@example.org',
        server: '127.0.0.1',
        smime: false,
        timeout: 5,
        tls: false,
        username: 'otp',
      },
    })
    expect(world.secrets['providers/sink.password']!.value).toBe('s3cret')
    expect(JSON.stringify(world.values)).not.toContain('s3cret')
    expect((await settings()).providers.get('sink')).toMatchObject({ password: 1, port: 2525 })
  })

  it('keeps a password that is masked or left out, while the server is the same', async () => {
    await post('/smtpserver/sink', { ...SINK, username: 'otp', password: 's3cret' })
    const same = { ...SINK, username: 'otp', description: 'other' }
    await post('/smtpserver/sink', { ...same, password: '__CENSORED__' })
    await post('/smtpserver/sink', same)
    expect(world.secrets['providers/sink.password']).toEqual({ value: 's3cret', version: 1 })
    const moved = await post('/smtpserver/sink', { ...same, server: 'evil.example' })
    expect(errorOf(moved)).toEqual(refused('password is missing'))
    await post('/smtpserver/sink', { ...same, server: 'new.example', password: 'n3w' })
    expect(world.secrets['providers/sink.password']!.version).toBe(2)
  })

  it('takes what it is shown back, also TLS from the first byte', async () => {
    await post('/smtpserver/sink', { server: 'smtps://mail.example.org', tls: true })
    const shown = (await get('/smtpserver/')).sink
    expect(shown).toMatchObject({ server: 'smtps://mail.example.org', port: 465, tls: false })
    expect(valueOf(await post('/smtpserver/sink', shown))).toBe(true)
    expect((await settings()).providers.get('sink')).toMatchObject({ tls: 'implicit', port: 465 })
  })

  it.each([
    [{ port: 25 }, 'its server is missing'],
    [{ server: 'a b' }, 'its server is neither a host name'],
    [{ server: 'x.example', port: 'abc' }, 'its port is not a whole number'],
    [{ server: 'x.example', sender: 'nobody' }, 'its sender is not one e-mail address'],
    [{ server: 'x.example', smime: true }, 'its smime is not available'],
  ])('refuses %o', async (given, message) => {
    expect(errorOf(await post('/smtpserver/bad', given))).toEqual(refused(message))
  })

  it('removes one with its password', async () => {
    await post('/smtpserver/sink', { ...SINK, username: 'otp', password: 's3cret' })
    expect(valueOf(await world.call('DELETE', '/smtpserver/sink'))).toBe(1)
    expect(world.secrets).toEqual({})
    expect(errorOf(await world.call('DELETE', '/smtpserver/sink'))).toMatchObject({ status: 404 })
  })

  it('tries one that is not stored', async () => {
    const test = { identifier: 'x', ...SINK, recipient: 'test@x.example', password: 'p' }
    expect(valueOf(await post('/smtpserver/send_test_email', test))).toBe(true)
    expect(world.testMails).toMatchObject([
      { identifier: 'x', password: 'p', to: 'test@x.example' },
    ])
    world.testMailServer(() => ({ sent: false, failure: 'transient', reply: '554 go away' }))
    expect(errorOf(await post('/smtpserver/send_test_email', test))).toEqual(
      refused('The test e-mail was not sent: 554 go away'),
    )
    expect(Object.keys(await get('/smtpserver/'))).toEqual([])
  })
})

describe('/policy', () => {
  const P1 = { scope: 'authentication', action: 'otppin=none, emailautosend', realm: 'realm1' }

  it('stores policies, shows them and switches them', async () => {
    expect(valueOf(await post('/policy/p1', P1))).toEqual({ 'setPolicy p1': 1 })
    const wire = {
      ...{ name: 'p1', active: true, scope: 'authentication', priority: 1, realm: ['realm1'] },
      action: { otppin: 'none', emailautosend: true },
    }
    expect(await get('/policy/p1')).toMatchObject([wire])
    expect(await get('/policy/')).toHaveLength(1)
    expect(await get('/policy/nope')).toEqual([])
    await world.call('POST', '/policy/disable/p1')
    expect((await settings()).policies).toMatchObject([{ name: 'p1', active: false }])
    await world.call('POST', '/policy/enable/p1')
    await post('/policy/p1', { priority: 3 })
    expect((await settings()).policies).toMatchObject([
      { active: true, priority: 3, action: wire.action },
    ])
    expect(valueOf(await world.call('DELETE', '/policy/p1'))).toBe(1)
    expect(errorOf(await world.call('DELETE', '/policy/p1'))).toMatchObject({ status: 404 })
  })

  it('filters by scope, realm and whether they are active', async () => {
    await post('/policy/p1', P1)
    await post('/policy/p 2', { scope: 'user', action: '*', active: 'False' })
    const names = async (query: string) =>
      valueOf(await world.call('GET', '/policy/', { query })).map(({ name }: any) => name)
    expect(await names('scope=user')).toEqual(['p 2'])
    expect(await names('realm=realm1')).toEqual(['p1'])
    expect(await names('active=True')).toEqual(['p1'])
    expect(world.values).toHaveProperty(['policies/p_2'])
  })

  it.each([
    ['p1', { scope: 'nonsense', action: 'x' }, 'scope is not a known scope'],
    ['p1', { scope: 'authentication' }, 'action is missing'],
    ['p1', { ...P1, action: 'otppin=maybe' }, 'action.otppin is not one of'],
    ['p+1', P1, 'name is not a name'],
    [
      'big',
      { ...P1, description: 'ü'.repeat(900), action: `emailtext=${'x'.repeat(3000)}` },
      'octets',
    ],
  ])('refuses %s as %o', async (name, policy, message) => {
    const before = { ...world.values }
    expect(errorOf(await post(`/policy/${name}`, policy))).toEqual(refused(message))
    expect(world.values).toEqual(before)
  })

  it('tells which actions have an effect', async () => {
    expect(await get('/policy/defs/authentication')).toMatchObject({
      emailautosend: { type: 'bool' },
      emailtext: { type: 'str', desc: expect.any(String) },
    })
    expect(Object.keys(await get('/policy/defs'))).toEqual(
      expect.arrayContaining(['admin', 'authentication', 'enrollment']),
    )
    expect(errorOf(await world.call('GET', '/policy/defs/nope'))).toMatchObject({ status: 404 })
  })

  it('governs itself: who may not, does not', async () => {
    await post('/policy/admins', { scope: 'admin', action: 'policyread' })
    expect(await get('/policy/')).toHaveLength(1)
    for (const [method, path, right] of [
      ['POST', '/policy/p1', 'policywrite'],
      ['DELETE', '/policy/admins', 'policydelete'],
      ['GET', '/system/', 'configread'],
      ['POST', '/system/setConfig', 'configwrite'],
      ['GET', '/smtpserver/', 'smtpserver_read'],
      ['POST', '/smtpserver/send_test_email', 'smtpserver_write'],
      ['POST', '/realm/r', 'mresolverwrite'],
      ['GET', '/resolver/', 'resolverread'],
    ] as const) {
      expect(errorOf(await world.call(method, path, { json: {} }))).toEqual({
        status: 403,
        code: 303,
        message: `Admin actions are defined, but the action ${right} is not allowed!`,
      })
    }
  })
})

it('says on every route who may ask', async () => {
  const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
  for (const path of ['/policy/', '/system/', '/smtpserver/', '/realm/', '/resolver/']) {
    expect(errorOf(await alice('GET', path))).toMatchObject({ status: 401, code: 4306 })
    expect(errorOf(await world.send(path))).toMatchObject({ status: 401, code: 4033 })
  }
})
