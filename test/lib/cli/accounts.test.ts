import { describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'

describe('admin', () => {
  it('asks for the password twice, without showing it', async () => {
    const cli = createCli({ answers: ['long enough', 'long enough'] })
    const { code, out, err } = await cli.run('admin', 'add', 'carol')
    expect(code).toBe(0)
    expect(cli.questions).toEqual(['password: ', 'password again: '])
    expect(cli.invoked[0]).toEqual({
      command: 'admin.add',
      args: { name: 'carol', password: 'long enough' },
    })
    expect(out + err).toBe('Added the administrator carol.\n')
  })

  it('does nothing when the two differ', async () => {
    const cli = createCli({ answers: ['long enough', 'long enogh'] })
    expect((await cli.run('admin', 'add', 'carol')).code).toBe(2)
    expect(cli.invoked).toEqual([])
  })

  it('reads the first line of standard input as the password', async () => {
    const cli = createCli({ stdin: 'long enough\nmore\n' })
    await cli.run('admin', 'add', 'carol', '--password-stdin', '--stage', 'prod')
    expect(cli.invoked[0]!.args.password).toBe('long enough')
  })

  it('says how to give the password where nobody can be asked', async () => {
    const { code, err } = await createCli().run('admin', 'add', 'carol')
    expect(code).toBe(2)
    expect(err).toContain('--password-stdin')
  })

  it.each([
    ['prod', true],
    ['local', false],
  ])('on the stage %s warns of the history: %s', async (stage, warns) => {
    const cli = createCli()
    const argv = ['admin', 'add', 'carol', '--password', 'long enough', '--stage', stage]
    const { code, err } = await cli.run(...argv)
    expect(code).toBe(0)
    expect(err.includes("shell's history")).toBe(warns)
  })

  it('lists names in a table', async () => {
    const cli = createCli()
    await cli.run('admin', 'add', 'carol', '--password', 'long enough')
    const { out } = await cli.run('admin', 'list')
    expect(out).toBe('NAME   CREATED\ncarol  2026-11-21T12:00:00.000Z\n')
  })
})

describe('user', () => {
  it('is added, changed, shown and removed', async () => {
    const cli = createCli()
    await cli.run('user', 'add', 'alice', '--email', 'alice@example.org', '--phone', '123')
    const changed = await cli.run('user', 'update', 'alice', '--phone', '', '--surname', 'Smith')
    expect(changed.out).toMatch(/^surname +Smith$/m)
    expect(changed.out).toMatch(/^phone +-$/m)
    expect((await cli.run('user', 'show', 'alice', '--json')).json()).toMatchObject({
      ok: true,
      value: { user: 'alice', email: 'alice@example.org', tokens: [] },
    })
    expect((await cli.run('user', 'remove', 'alice')).out).toBe('Removed alice.\n')
    expect((await cli.run('user', 'list')).out).toBe('none\n')
  })

  it('lists as many as were asked for and says how to go on', async () => {
    const cli = createCli()
    for (const user of ['a', 'bb', 'c']) await cli.run('user', 'add', user)
    const first = await cli.run('user', 'list', '--limit', '2')
    expect(first.out).toBe(
      'USER  REALM  E-MAIL  TOKENS\n' +
        'a     demo   -       0\n' +
        'bb    demo   -       0\n' +
        "\nThere are more: --after 'account/demo/bb'\n",
    )
    const rest = await cli.run('user', 'list', '--after', 'account/demo/bb', '--json')
    expect(rest.json().value.users.map(({ user }: { user: string }) => user)).toEqual(['c'])
  })

  it('lists more than one page of the operator', async () => {
    const cli = createCli()
    const rows = Array.from({ length: 200 }, (_, index) => ({ user: `user${index}` }))
    await cli.operator.done('user.import', { rows })
    await cli.operator.done('user.add', { user: 'one more' })
    const { json } = await cli.run('user', 'list', '--limit', '1000', '--json')
    expect(json().value.users).toHaveLength(201)
  })

  it('cannot bring control characters to the terminal', async () => {
    const cli = createCli({
      invoke: () => async () => ({
        ok: true,
        value: { users: [{ user: 'a\u001B[2Jb\nc', realm: 'demo', tokens: 0 }] },
      }),
    })
    expect((await cli.run('user', 'list')).out).toContain('a [2Jb c')
  })
})

describe('token', () => {
  async function withToken() {
    const cli = createCli({ answers: ['4711', '4711'] })
    await cli.run('user', 'add', 'alice', '--email', 'alice@example.org')
    await cli.run('token', 'enrol', 'alice', '--serial', 'EM1', '--digits', '8')
    return cli
  }

  it('is enrolled without asking for a PIN nobody mentioned', async () => {
    const cli = await withToken()
    expect(cli.questions).toEqual([])
    const { out } = await cli.run('token', 'list', '--user', 'alice')
    expect(out).toContain("EM1     alice  demo   alice@example.org (the user's)  no   0/10")
  })

  it('is enrolled with a PIN that is asked for', async () => {
    const cli = await withToken()
    const { json } = await cli.run('token', 'enrol', 'alice', '--ask-pin', '--json')
    expect(json().value.has_pin).toBe(true)
    expect(cli.questions).toEqual(['pin: ', 'pin again: '])
  })

  it.each([
    ['disable', 'disabled'],
    ['revoke', 'revoked'],
    ['reset', 'ready'],
  ])('shows after %s that it is %s', async (verb, state) => {
    const cli = await withToken()
    const { code, json } = await cli.run('token', verb, 'EM1', '--json')
    expect(code).toBe(0)
    expect(json().value.state).toBe(state)
  })

  it('says when nothing had to be changed', async () => {
    const cli = await withToken()
    expect((await cli.run('token', 'enable', 'EM1')).out).toMatch(/^Nothing had to be changed/)
  })

  it('gets a PIN and is deleted', async () => {
    const cli = await withToken()
    expect((await cli.run('token', 'set-pin', 'EM1', '--json')).json().value.has_pin).toBe(true)
    expect((await cli.run('token', 'delete', 'EM1')).out).toBe('Deleted EM1.\n')
    expect((await cli.run('token', 'list', '--serial', 'EM1')).code).toBe(1)
  })
})

describe('apikey create', () => {
  it('prints nothing but the key, so that it can be piped', async () => {
    const { code, out, err } = await createCli().run('apikey', 'create', 'vpn', '--days', '3')
    expect(code).toBe(0)
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(err).toContain('valid until 2026-11-24T12:00:00.000Z')
  })
})

describe('doctor', () => {
  it('exits with 1 for a problem and tells what to do', async () => {
    const { code, out } = await createCli().run('doctor')
    expect(code).toBe(1)
    expect(out).toMatch(/^problem {2}settings +No settings were ever published/m)
    expect(out).toMatch(/^ +-> npx otpost config check --stage prod$/m)
    expect(out).toMatch(/1 problem, \d warnings?\.\n$/)
  })

  it('exits with 0 for warnings', async () => {
    const cli = createCli({ values: { 'email.mailfrom': 'otpost@x.example' } })
    await cli.run('config', 'set', 'email.validtime', '100')
    expect((await cli.run('doctor')).code).toBe(0)
  })
})

describe('user address', () => {
  const withAlice = async () => {
    const cli = createCli()
    await cli.operator.world.enrol(await cli.operator.world.addUser('alice'))
    return cli
  }

  it('shows it, has another one proven, and forgets that', async () => {
    const cli = await withAlice()
    expect((await cli.run('user', 'address', 'alice')).out).toMatch(/confirmed +no/)
    const asked = await cli.run('user', 'address', 'alice', '--request', 'anna@new.example')
    expect(asked.out).toMatch(/waits for its code +an\*+@n\*+\.example until 2026-/)
    const forgotten = await cli.run('user', 'address', 'alice', '--forget')
    expect(forgotten.out).toMatch(/waits for its code +-\n/)
  })

  it('takes one as proven where somebody vouches for it, and goes back', async () => {
    const cli = await withAlice()
    const set = await cli.run('user', 'address', 'alice', '--set', 'a@new.example', '--verified')
    expect(set.out).toMatch(/confirmed +2026-.* \(admin\)/)
    const restored = await cli.run('user', 'address', 'alice', '--restore')
    expect(restored.out).toContain('alice@example.org')
  })

  it.each([
    [['--set', 'a@new.example']],
    [['--request', 'a@new.example', '--verified']],
    [['--restore', '--forget']],
  ])('does nothing for %j', async (options) => {
    const cli = await withAlice()
    expect((await cli.run('user', 'address', 'alice', ...options)).code).toBe(2)
    expect(cli.invoked).toEqual([])
  })
})
