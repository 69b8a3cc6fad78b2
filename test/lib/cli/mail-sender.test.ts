import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'

const RELAY = {
  'mail.provider': 'smtp',
  'email.mailserver': 'smtp.x.example',
  'email.tls': 'implicit',
  'email.username': 'noreply',
  'email.mailfrom': 'otp@x.example',
}
const relay = (more: object = {}) =>
  createCli({ values: RELAY, secrets: { 'email.password': 's3cret' }, ...more })

describe('otpost mail-sender', () => {
  it('N01: shows everything in one place, the password masked', async () => {
    const { out } = await relay().run('mail-sender', 'show')
    expect(out).toMatch(/^host +smtp\.x\.example$/m)
    expect(out).toMatch(/^authentication_required +yes$/m)
    expect(out).toMatch(/^password +__CENSORED__$/m)
    expect(out).toMatch(/^recipient_mask +ex\*{8}@t\*{4}\.com$/m)
    expect(out).not.toContain('s3cret')
  })

  it('N02-N07: sets what is given, and leaves the rest', async () => {
    const cli = relay({ answers: ['new', 'new'] })
    const line = ['--host', 'new.x.example', '--tls', 'starttls', '--ask-password']
    const { code, err } = await cli.run('mail-sender', 'set', ...line)
    expect([code, err]).toEqual([0, ''])
    expect(cli.parameters.stored.get('email.mailserver')).toMatchObject({ value: 'new.x.example' })
    expect(cli.parameters.stored.get('email.port')).toMatchObject({ value: '587' })
    expect(cli.parameters.stored.get('email.password')).toMatchObject({ value: 'new' })
    expect(cli.parameters.stored.get('email.username')).toMatchObject({ value: 'noreply' })
  })

  it('N04: turns the login off and on; what would need a password is refused without', async () => {
    const cli = relay()
    expect((await cli.run('mail-sender', 'set', '--authentication', 'off')).code).toBe(0)
    const shown = (await cli.run('mail-sender', 'show', '--json')).json().value
    expect(shown).toMatchObject({ authentication_required: false, username: 'noreply' })
    expect((await cli.run('mail-sender', 'set', '--authentication', 'on')).code).toBe(0)
    const { code, err } = await cli.run('mail-sender', 'set', '--host', 'evil.example')
    expect(code).toBe(1)
    expect(err).toContain('password is missing; it must be given again for another server')
    expect((await cli.run('mail-sender', 'set', '--authentication', 'perhaps')).code).toBe(2)
  })

  it('N11: does not overwrite what somebody else has changed', async () => {
    const cli = relay()
    const { version } = (await cli.run('mail-sender', 'show', '--json')).json().value
    await cli.run('mail-sender', 'set', '--timeout', '5')
    const late = await cli.run('mail-sender', 'set', '--timeout', '6', '--if-version', version)
    expect(late.code).toBe(1)
    expect(late.err).toContain('Nothing was changed: the version in place is')
    expect(cli.parameters.stored.get('email.timeout')).toMatchObject({ value: '5' })
  })

  it('N01: goes from one deployment to another, without the password', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'otpost-')), 'sender.json')
    await relay().run('mail-sender', 'export', file)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      ...{ kind: 'smtp', host: 'smtp.x.example', port: 465, tls: 'implicit' },
      ...{ authentication_required: true, username: 'noreply', sender: 'otp@x.example' },
      ...{ subject: '', timeout: 10, recipient_mask: 'ex********@t****.com' },
    })
    const other = createCli({ answers: ['s3cret', 's3cret'] })
    const { code, err } = await other.run('mail-sender', 'import', file, '--ask-password')
    expect([code, err]).toEqual([0, ''])
    const of = async (cli: ReturnType<typeof createCli>) =>
      (await cli.run('mail-sender', 'export')).out
    expect(await of(other)).toEqual(await of(relay()))
    const without = createCli({})
    expect((await without.run('mail-sender', 'import', file)).err).toContain('password is missing')
    expect(without.parameters.stored.size).toBe(0)
  })

  it('N10: has a test sent with settings that are not saved, and says what the server said', async () => {
    const cli = relay()
    const line = [
      '--to',
      'me@x.example',
      '--text',
      'Hello',
      '--host',
      'new.x.example',
      '--port',
      '26',
    ]
    const { code, out } = await cli.run('mail-sender', 'test', ...line, '--kind', 'smtp')
    expect([code, out]).toEqual([0, 'The mail server took the mail: 250 ok\n'])
    expect(cli.operator.testMails).toMatchObject([
      { to: 'me@x.example', text: 'Hello', provider: { server: 'new.x.example', port: 26 } },
    ])
    expect((await cli.run('mail-sender', 'test')).err).toContain('--to <address> is missing.')
    const refused = await cli.run('mail-sender', 'test', '--to', 'me@x.example', '--port', 'x')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('port')])
  })
})

describe('otpost address', () => {
  it('R03: lists the addresses that get no codes, and allows them again', async () => {
    const cli = createCli()
    const { world } = cli.operator
    await world.enrol(await world.addUser('alice'))
    const before = await world.account('alice')
    const report = { at: 1000, why: 'bounce', words: '550 5.1.1 unknown' } as const
    const after = { ...before, undeliverable: { 'alice@example.org': report } }
    await world.ports.accounts.save(before, after)

    const { out } = await cli.run('address', 'list')
    expect(out).toMatch(/alice@example\.org +alice +demo +bounce +1970-01-01T00:00:01\.000Z +550/)
    expect((await cli.run('token', 'list')).out).toContain('undeliverable')
    expect((await cli.run('address', 'allow', 'alice')).out).toBe('Codes go to alice again.\n')
    expect((await cli.run('address', 'allow', 'alice')).out).toBe('Nothing had to be changed.\n')
    expect((await cli.run('address', 'list')).out).toBe('none\n')
    expect((await cli.run('address', 'allow', 'nobody')).code).toBe(1)
  })
})
