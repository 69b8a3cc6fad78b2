import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../../adapters/certificates.ts'
import { createCli } from './cli.ts'

const BASE = { 'email.mailfrom': 'otpost@x.example' }
const OFFICE = '{"kind":"smtp","server":"mail.x.example","port":587,"tls":"starttls","timeout":10}'
const LINOTP = JSON.stringify({
  ...{ SMTP_SERVER: 'mail.x.example', SMTP_USER: 'otp', SMTP_PASSWORD: 's3cret' },
  ...{ EMAIL_FROM: 'otp@x.example', USE_SSL: true },
})

let folder: string
let pem: Certificates
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otpost-provider-'))
  pem = await makeCertificates(['localhost'])
})
afterAll(() => rm(folder, { recursive: true }))

async function fileWith(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

describe('provider set', () => {
  it('adds one by options, asks for its password, and makes the first one the default', async () => {
    const cli = createCli({ values: { ...BASE }, answers: ['s3cret'] })
    const options = ['--server', 'mail.x.example', '--tls', 'starttls', '--username', 'otp']
    const { code, out } = await cli.run('provider', 'set', 'office', ...options)
    expect([code, out]).toEqual([0, 'The provider office is set.\nIt is the default.\n'])
    expect(cli.parameters.stored.get('providers/office.password')).toEqual({
      ...{ value: 's3cret', secret: true, version: 1 },
    })
    const { json } = await cli.run('provider', 'show', 'office', '--json')
    expect(json().value).toMatchObject({
      ...{ name: 'office', default: true, used_by: ['email.identifier'] },
      members: { server: 'mail.x.example', port: 587, password: '__CENSORED__' },
    })
  })

  it('changes single members and keeps the password while the login stays', async () => {
    const cli = createCli({
      values: { ...BASE, 'providers/office': OFFICE },
      answers: ['p1', 'p2'],
    })
    await cli.run('provider', 'set', 'office', '--username', 'otp')
    await cli.run('provider', 'set', 'office', '--subject', 'Your code')
    expect(cli.questions).toEqual(['password: '])
    await cli.run('provider', 'set', 'office', '--tls', 'implicit')
    expect(cli.questions).toHaveLength(2)
    const { value } = cli.parameters.stored.get('providers/office')!
    expect(JSON.parse(value)).toMatchObject({ subject: 'Your code', tls: 'implicit', port: 465 })
    await cli.run('provider', 'set', 'office', '--subject', '')
    expect(cli.parameters.stored.get('providers/office')!.value).not.toContain('subject')
  })

  it.each<[string, (file: string) => string]>([
    ['a file', (file) => file],
    ['standard input', () => '-'],
  ])("takes LinOTP's JSON from %s, its secrets apart", async (_, source) => {
    const file = await fileWith('linotp.json', LINOTP)
    const cli = createCli({ values: { ...BASE }, stdin: LINOTP })
    const { code, out } = await cli.run('provider', 'set', 'old', '--config', source(file))
    expect([code, out]).toEqual([0, expect.stringContaining('The provider old is set.')])
    const { stored } = cli.parameters
    expect(stored.get('providers/old')).toMatchObject({
      value: expect.stringContaining('"port":465'),
    })
    expect(stored.get('providers/old')!.value).not.toContain('s3cret')
    expect(stored.get('providers/old.password')).toMatchObject({ value: 's3cret', secret: true })
  })

  it('takes certificate and key from files', async () => {
    const cli = createCli({ values: { ...BASE } })
    const key = await fileWith('client.key', pem.client.key)
    const certificate = await fileWith('client.pem', pem.client.cert)
    const options = ['--server', 'mail.x.example', '--client-certificate-file', certificate]
    const without = await cli.run('provider', 'set', 'mutual', ...options)
    expect([without.code, without.err]).toEqual([1, expect.stringContaining('client_key')])
    await cli.run('provider', 'set', 'mutual', ...options, '--client-key-file', key)
    expect(cli.parameters.stored.get('providers/mutual.client_key')).toMatchObject({ secret: true })
  })

  it('reads a password from standard input, and takes none as an argument', async () => {
    const cli = createCli({ values: { ...BASE }, stdin: 's3cret\n' })
    const options = ['--server', 'mail.x.example', '--username', 'otp']
    await cli.run('provider', 'set', 'office', ...options, '--password-stdin')
    expect(cli.parameters.stored.get('providers/office.password')).toMatchObject({
      value: 's3cret',
    })
    expect(await cli.run('provider', 'set', 'office', '--password', 'x')).toMatchObject({ code: 2 })
  })

  it('warns of what may not work', async () => {
    const cli = createCli({ values: { ...BASE }, answers: ['p'] })
    const options = ['--server', 'x.example', '--username', 'otp', '--sender', 'a@example.com']
    const { out } = await cli.run('provider', 'set', 'office', ...options)
    expect(out).toMatch(/placeholder/)
    expect(out).toMatch(/crosses the network in clear/)
  })

  it.each([
    [['--server', 'x.example', '--username', 'otp'], 1, /password is missing/],
    [['--port', '25'], 1, /server is missing/],
    [['--server', 'x.example', '--port', '0'], 1, /its port is below 1/],
    [['--kind', 'pigeon'], 1, /its kind is none that Otpost has; known: smtp, ses/],
    [['--config', '/nowhere.json'], 1, /cannot be read/],
    [['--config', '-', '--server', 'x'], 2, /leave out --server/],
    [['--config', '-'], 1, /line 1, column 2 \(offset 1\)/],
  ])('refuses %j and changes nothing', async (options, exit, message) => {
    const cli = createCli({ values: { ...BASE }, stdin: "{'SMTP_PASSWORD': 's3cret'}" })
    const { code, err } = await cli.run('provider', 'set', 'office', ...options)
    expect([code, err]).toEqual([exit, expect.stringMatching(message)])
    expect(err).not.toContain('s3cret')
    expect([...cli.parameters.stored.keys()]).toEqual(['email.mailfrom'])
  })
})

describe('providers', () => {
  const two = () =>
    createCli({ values: { ...BASE, 'providers/a': OFFICE, 'providers/b': '{"kind":"ses"}' } })

  it('are listed in their order, without secrets', async () => {
    const cli = two()
    expect((await cli.run('provider', 'default', 'b', 'a')).out).toBe('Default: b, then a.\n')
    const { out } = await cli.run('provider', 'list')
    expect(out).toMatch(/^a +fallback 1 +smtp +mail\.x\.example +587 +starttls/m)
    expect(out).toMatch(/^b +yes +ses +- /m)
  })

  it('are deleted unless something needs them', async () => {
    const cli = two()
    await cli.run('provider', 'default', 'a')
    const { code, err } = await cli.run('provider', 'delete', 'a')
    expect([code, err]).toEqual([1, expect.stringContaining('is used by email.identifier')])
    expect(await cli.run('provider', 'delete', 'b')).toMatchObject({
      ...{ code: 0, out: 'The provider b is deleted.\n' },
    })
    await cli.run('provider', 'default', '--none')
    expect((await cli.run('provider', 'delete', 'a')).code).toBe(0)
    expect([...cli.parameters.stored.keys()]).toEqual(['email.mailfrom'])
  })

  it.each([
    ['show', 'x'],
    ['delete', 'x'],
    ['default', 'x'],
    ['test', 'x', '--to', 'me@x.example'],
  ])('that do not exist are not found: %s', async (...argv) => {
    const { code, err } = await two().run('provider', ...argv)
    expect([code, err]).toEqual([1, expect.stringContaining('no provider x')])
  })
})

describe('provider test', () => {
  it('has a stored one send', async () => {
    const cli = createCli({ values: BASE })
    cli.operator.world.set({ 'providers/a': OFFICE })
    const { code, out } = await cli.run('provider', 'test', 'a', '--to', 'me@x.example')
    expect([code, out]).toEqual([0, 'The mail server took the mail: 250 ok\n'])
    expect(cli.operator.testMails).toMatchObject([
      { identifier: 'a', to: 'me@x.example', provider: { server: 'mail.x.example', port: 587 } },
    ])
  })

  it('tries one that is only described, and stores nothing', async () => {
    const file = await fileWith('new.json', LINOTP)
    const cli = createCli({ values: { ...BASE } })
    await cli.run('provider', 'test', 'new', '--config', file, '--to', 'me@x.example')
    expect(cli.operator.testMails).toMatchObject([
      { identifier: 'new', password: 's3cret', provider: { port: 465, username: 'otp' } },
    ])
    expect(cli.parameters.stored.size).toBe(1)
  })

  it('fails when the mail does, and needs an address', async () => {
    const invoke = () => async () => ({
      ...{ ok: true, value: { sent: false, failure: 'configuration', reply: '535 no' } },
    })
    const cli = createCli({ values: { ...BASE, 'providers/a': OFFICE }, invoke: invoke as never })
    expect(await cli.run('provider', 'test', 'a', '--to', 'me@x.example')).toMatchObject({
      ...{ code: 1, out: 'The mail was not sent: 535 no\n' },
    })
    expect((await cli.run('provider', 'test', 'a')).code).toBe(2)
  })
})

describe('provider import-legacy', () => {
  const LEGACY = JSON.stringify({
    'linotp.EmailProvider': 'linotp.lib.emailprovider.SMTPEmailProvider',
    'linotp.EmailProviderConfig': LINOTP,
    EmailBlockingTimeout: 30,
  })

  it('makes imported_default once', async () => {
    const cli = createCli({ values: { ...BASE }, stdin: LEGACY })
    const first = await cli.run('provider', 'import-legacy', '--config', '-')
    expect([first.code, first.out]).toEqual([
      0,
      'The provider imported_default is set.\nIt is the default.\n',
    ])
    expect(cli.parameters.stored.get('email.resend_after')).toMatchObject({ value: '30' })
    const again = await cli.run('provider', 'import-legacy', '--config', '-')
    expect([again.code, again.out]).toEqual([
      0,
      'The provider imported_default is there already.\n',
    ])
  })
})
