import { beforeEach, describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'

const BASE = { 'email.mailfrom': 'otpost@x.example' }
const PASSWORD = 'kept by the mail team'
const OPTIONS = ['--server', 'mail.x.example', '--tls', 'starttls']

let cli: ReturnType<typeof createCli>
beforeEach(async () => {
  const answers = [PASSWORD, PASSWORD, 'a new one for it', 'a new one for it']
  cli = createCli({ values: { ...BASE }, answers })
  const { code, err } = await cli.run('provider', 'set', 'office', ...OPTIONS, '--ask-managed')
  expect([code, err]).toEqual([0, ''])
})
const stored = (name: string) => cli.parameters.stored.get(name)?.value

describe('X28: a managed provider on the command line', () => {
  it('keeps its password as a hash, and shows no configuration', async () => {
    expect(stored('providers/office.managed')).toMatch(/^[\w+/]{22}==\.[\w+/]{43}=$/)
    for (const argv of [
      ['provider', 'show', 'office'],
      ['provider', 'list'],
      ['config', 'list', '--set', '--json'],
      ['config', 'get', 'providers/office'],
      ['config', 'get', 'providers/office.managed'],
      ['mail-sender', 'show'],
      ['mail-sender', 'export'],
    ]) {
      const { code, out, err } = await cli.run(...argv)
      expect([code, err]).toEqual([0, ''])
      expect(out).not.toContain('mail.x.example')
      expect(out).not.toContain(stored('providers/office.managed'))
    }
    expect((await cli.run('provider', 'show', 'office')).out).toMatch(/managed\s+(yes|true)/)
  })

  it.each([
    ['provider', 'set', 'office', '--server', 'new.x.example'],
    ['provider', 'delete', 'office'],
    ['provider', 'test', 'office', '--to', 'me@x.example'],
    ['mail-sender', 'set', '--host', 'new.x.example'],
    ['mail-sender', 'test', '--to', 'me@x.example'],
    ['config', 'set', 'providers/office', '{"server":"new.x.example"}'],
    ['config', 'unset', 'providers/office'],
    ['config', 'unset', 'providers/office.managed'],
  ])('refuses %s %s %s without its password', async (...argv) => {
    cli.operator.world.set(inForce())
    const before = [...cli.parameters.stored]
    const { code, err } = await cli.run(...argv)
    expect(code).not.toBe(0)
    expect(err).toMatch(/managed/)
    expect(err).not.toContain('mail.x.example')
    expect([...cli.parameters.stored]).toEqual(before)
    expect(cli.operator.testMails).toEqual([])
  })

  it.each(['office.managed', 'office.password', 'office.client_key'])(
    'is not opened by deleting %s',
    async (name) => {
      await cli.parameters.put('providers/office.password', 's3cret', true)
      const before = [...cli.parameters.stored]
      const { code, err } = await cli.run('provider', 'delete', name)
      expect([code, err]).toEqual([1, expect.stringContaining(`There is no provider ${name}`)])
      expect([...cli.parameters.stored]).toEqual(before)
    },
  )

  it('stays closed where its hash was stored as a secret by mistake', async () => {
    const hash = stored('providers/office.managed')!
    await cli.parameters.remove('providers/office.managed')
    await cli.parameters.put('providers/office.managed', hash, true)
    const before = [...cli.parameters.stored]
    for (const argv of [
      ['config', 'set', 'providers/office', '{"server":"new.x.example"}'],
      ['config', 'unset', 'providers/office'],
      ['provider', 'set', 'office', '--server', 'new.x.example'],
      ['provider', 'delete', 'office', '--managed', PASSWORD],
    ]) {
      const { code, err } = await cli.run(...argv)
      expect([code, err]).toEqual([1, expect.stringContaining('managed')])
    }
    const { out } = await cli.run('config', 'get', 'providers/office')
    expect(out).toBe('***\n')
    expect([...cli.parameters.stored]).toEqual(before)
  })

  it('changes with its password, which the service checks and counts', async () => {
    const given = (password: string) => ['--managed', password]
    const set = ['provider', 'set', 'office', '--server', 'new.x.example']
    const wrong = await cli.run(...set, ...given('wrong password'))
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('is not the password')])
    expect((await cli.run(...set, ...given(PASSWORD))).code).toBe(0)
    expect(stored('providers/office')).toContain('new.x.example')
    expect(JSON.stringify(cli.invoked)).toContain('provider.open')
    expect((await cli.run('provider', 'delete', 'office', ...given(PASSWORD))).code).toBe(0)
    expect(stored('providers/office.managed')).toBeUndefined()
  })

  it('obeys an operator who overrides it and says so, who may see and release it', async () => {
    const shown = await cli.run('provider', 'show', 'office', '--override-managed')
    expect(shown.out).toContain('mail.x.example')
    const whole = await cli.run('mail-sender', 'export', '--override-managed')
    expect(whole.out).toContain('mail.x.example')
    const set = ['provider', 'set', 'office', '--server', 'new.x.example', '--override-managed']
    expect((await cli.run(...set)).code).toBe(0)
    const before = stored('providers/office.managed')
    expect((await cli.run(...set, '--ask-managed')).code).toBe(0)
    expect(stored('providers/office.managed')).not.toBe(before)
    const release = ['config', 'unset', 'providers/office.managed', '--override-managed']
    expect((await cli.run(...release)).code).toBe(0)
    expect((await cli.run('provider', 'show', 'office')).out).toContain('new.x.example')
  })
})

/** What `configure` would have published for the service. */
const inForce = () =>
  Object.fromEntries([...cli.parameters.stored].map(([name, { value }]) => [name, value]))
