import { describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'

const SENDER = { 'email.mailfrom': 'otpost@x.example' }
const SMTP = { 'mail.provider': 'smtp', 'email.mailserver': 'smtp.example.org' }

describe('config set', () => {
  it('writes, publishes and tells the version in force', async () => {
    const cli = createCli({ values: SENDER })
    const { code, out } = await cli.run('config', 'set', 'email.validtime', '300')
    expect({ code, out }).toEqual({
      code: 0,
      out: 'email.validtime is set.\nVersion 1 of the settings is in force.\n',
    })
    expect(cli.parameters.stored.get('email.validtime')).toMatchObject({
      value: '300',
      secret: false,
    })
  })

  it.each([
    [['email.validtime', '5'], 'email.validtime=5 is below 10. Accepted: a whole number from 10'],
    [['email.validtiem', '50'], 'did you mean email.validtime? Accepted'],
    [['colour.of.mail', 'red'], 'colour.of.mail is not a known parameter.'],
    [['mail.provider', 'smtp'], 'email.mailserver is missing'],
    [['email.subject', ' '], 'email.subject is empty. Accepted: a value; to go back'],
    [['account.max_wrong_per_day', '101'], 'guessed too easily'],
    [['realms/UP/DOWN', 'directory'], 'realms/UP/DOWN'],
  ])('refuses %j, says why, and changes nothing', async (argv, says) => {
    const cli = createCli({ values: SENDER })
    const { code, out, err } = await cli.run('config', 'set', ...argv)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('nothing was changed')
    expect(err).toContain(says)
    expect([...cli.parameters.stored.keys()]).toEqual(['email.mailfrom'])
  })

  it('gives the problems as a document with --json', async () => {
    const { code, json } = await createCli().run('config', 'set', 'email.port', '0', '--json')
    expect(code).toBe(1)
    expect(json().error).toMatchObject({
      code: 'invalid_argument',
      parameter: 'email.port',
      problems: [{ name: 'email.port', value: '0', reason: 'is below 1', severity: 'error' }],
    })
  })

  it('sets together what only makes sense together, secrets as SecureStrings', async () => {
    const cli = createCli({ values: { ...SENDER, ...SMTP }, answers: ['s3cret'] })
    const username = 'email.username=otpost@x.example'
    expect((await cli.run('config', 'set', username)).err).toContain('email.password is missing')
    const { code, out, err } = await cli.run('config', 'set', username, 'email.password')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(cli.questions).toEqual(['email.password: '])
    expect(cli.parameters.stored.get('email.password')).toMatchObject({
      value: 's3cret',
      secret: true,
    })
    expect(out).not.toContain('s3cret')
  })

  it('notices an assignment in the place of a value', async () => {
    const argv = ['email.password', 'email.username=otpost']
    const { code, err } = await createCli().run('config', 'set', ...argv)
    expect(code).toBe(2)
    expect(err).toContain('email.password=<value> email.username=<value>')
  })

  it.each([
    [['email.validtime', '300', 'email.port', '25'], 'email.validtime=<value> email.port=<value>'],
    [['email.subject', 'Your', 'code'], '<name>=<value> <name>=<value>; a value with spaces'],
  ])('says how several are set instead of %j', async (argv, says) => {
    const cli = createCli({ values: SENDER })
    const { code, err } = await cli.run('config', 'set', ...argv)
    expect(code).toBe(2)
    expect(err).toContain(`Several parameters are set as ${says}`)
    expect([...cli.parameters.stored.keys()]).toEqual(['email.mailfrom'])
  })

  it('keeps a = in a value', async () => {
    const cli = createCli({ values: SENDER })
    await cli.run('config', 'set', 'email.subject', 'code = {otp}')
    await cli.run('config', 'set', 'email.text=a=b {otp}', 'email.validtime=60')
    expect(cli.parameters.stored.get('email.subject')!.value).toBe('code = {otp}')
    expect(cli.parameters.stored.get('email.text')!.value).toBe('a=b {otp}')
  })

  it('reads a text of several lines from standard input', async () => {
    const cli = createCli({ values: SENDER, stdin: 'Your code:\n\n{otp}\n' })
    await cli.run('config', 'set', 'email.text', '--value-stdin')
    expect(cli.parameters.stored.get('email.text')!.value).toBe('Your code:\n\n{otp}')
  })

  it('wants a value', async () => {
    const { code, err } = await createCli().run('config', 'set', 'email.validtime')
    expect(code).toBe(2)
    expect(err).toContain('The value of email.validtime is missing')
  })

  it('mends one of several broken parameters', async () => {
    const cli = createCli({ values: { ...SENDER, 'email.port': 'x', 'email.validtime': 'y' } })
    const { code, out } = await cli.run('config', 'set', 'email.port', '25')
    expect(cli.parameters.stored.get('email.port')!.value).toBe('25')
    expect(code).toBe(1)
    expect(out).toContain('stays in force until these are mended:\nemail.validtime=y')
  })

  it('replaces a secret that was stored in clear', async () => {
    const values = { ...SENDER, 'email.username': 'otpost', 'email.password': 'in clear' }
    const cli = createCli({ values })
    await cli.run('config', 'set', 'email.password', 'new one')
    expect(cli.parameters.stored.get('email.password')).toMatchObject({
      value: 'new one',
      secret: true,
    })
  })

  it('passes on what to beware of', async () => {
    const cli = createCli({ values: SENDER })
    const { out } = await cli.run('config', 'set', 'email.mailserver', 'smtp.example.org')
    expect(out).toContain('email.mailserver is not used while mail.provider=ses. Accepted')
  })
})

describe('config unset', () => {
  it('goes back to the default', async () => {
    const cli = createCli({ values: { ...SENDER, 'email.validtime': '300' } })
    const { code, out } = await cli.run('config', 'unset', 'email.validtime')
    expect(code).toBe(0)
    expect(out).toContain('email.validtime is unset.')
    expect(cli.parameters.stored.has('email.validtime')).toBe(false)
  })

  it('takes away a parameter nobody knows', async () => {
    const cli = createCli({ values: { ...SENDER, 'emial.port': '25' } })
    expect((await cli.run('config', 'unset', 'emial.port')).code).toBe(0)
    expect(cli.parameters.stored.has('emial.port')).toBe(false)
  })

  it('refuses what another parameter needs', async () => {
    const cli = createCli({ values: { ...SENDER, ...SMTP } })
    const { code, err } = await cli.run('config', 'unset', 'email.mailserver')
    expect(code).toBe(1)
    expect(err).toContain('needs a mail server')
    expect(cli.parameters.stored.has('email.mailserver')).toBe(true)
  })

  it('suggests the name that was meant', async () => {
    const { code, err } = await createCli().run('config', 'unset', 'email.prot')
    expect(code).toBe(1)
    expect(err).toBe('There is no parameter email.prot: did you mean email.port?\n')
  })
})

describe('config list and get', () => {
  const shown = {
    values: { ...SENDER, 'email.username': 'otpost' },
    secrets: { 'email.password': 's3cret' },
  }

  it('show value, default and meaning, and never a secret', async () => {
    const { out } = await createCli(shown).run('config', 'list')
    expect(out).toMatch(/^email\.validtime +- +120 +How long a code can be used\.$/m)
    expect(out).toMatch(/^email\.mailfrom +otpost@x\.example +empty +The sender of every mail/m)
    expect(out).toMatch(/^email\.password +\*\*\* +none +The mail user's password\.$/m)
    expect(out).not.toContain('s3cret')
  })

  it('show with --set only what is set', async () => {
    const { json } = await createCli(shown).run('config', 'list', '--set', '--json')
    expect(
      json()
        .value.map(({ name }: { name: string }) => name)
        .sort(),
    ).toEqual(['email.mailfrom', 'email.password', 'email.username'])
  })

  it('hide a secret that is stored in clear by mistake', async () => {
    const cli = createCli({ values: { 'email.password': 'in clear' } })
    expect((await cli.run('config', 'list', '--json')).out).not.toContain('in clear')
    expect((await cli.run('config', 'get', 'email.password')).out).toBe('***\n')
  })

  it.each([
    ['email.mailfrom', 'otpost@x.example\n'],
    ['email.validtime', '120\n'],
    ['email.password', '***\n'],
  ])('print of %s: %j', async (name, text) => {
    expect((await createCli(shown).run('config', 'get', name)).out).toBe(text)
  })

  it('say what is in force instead of a refused value, and of others changed with it', async () => {
    const cli = createCli({ values: SENDER })
    await cli.run('config', 'set', 'email.validtime=60', 'email.port=587')
    const put = (name: string, value: string) =>
      cli.parameters.stored.set(name, { value, secret: false, version: 2 })
    put('email.port', '99999')
    put('email.validtime', '90')
    put('otp.length', 'six')
    const { out } = await cli.run('config', 'list', '--set')
    expect(out).toMatch(/^email\.port +99999 \(refused; in force: 587\) /m)
    expect(out).toMatch(/^email\.validtime +90 \(not in force; in force: 60\) /m)
    expect(out).toMatch(/^otp\.length +six \(refused; in force: 6\) /m)
    expect(out).toMatch(/^email\.mailfrom +otpost@x\.example +empty/m)
    const { json } = await cli.run('config', 'list', '--json')
    const port = json().value.find(({ name }: { name: string }) => name === 'email.port')
    expect(port).toMatchObject({ value: '99999', refused: true, in_force: '587' })
  })

  it('know no other names', async () => {
    expect((await createCli(shown).run('config', 'get', 'email.prot')).code).toBe(1)
  })
})

describe('config check', () => {
  it('names the problems and what is in force', async () => {
    const cli = createCli({ values: SENDER })
    await cli.run('config', 'set', 'email.validtime', '60')
    cli.parameters.stored.set('email.port', { value: '99999', secret: false, version: 1 })
    const { code, out } = await cli.run('config', 'check')
    expect({ code, out }).toEqual({
      code: 1,
      out:
        'error: email.port=99999 is above 65535. Accepted: a whole number from 1 to 65535.\n' +
        'Version 1, published 1970-01-01T00:00:00.000Z, is in force.\n',
    })
  })

  it('is content with warnings', async () => {
    const { code, json } = await createCli().run('config', 'check', '--json')
    expect(code).toBe(0)
    expect(json().value).toMatchObject({
      problems: [{ name: 'email.mailfrom', severity: 'warning' }],
      in_force: { version: 0 },
    })
  })
})

describe('config reference', () => {
  it('explains one parameter', async () => {
    const { out } = await createCli().run('config', 'reference', 'email.tls')
    expect(out).toContain('How the connection is encrypted')
    expect(out).toMatch(/^ {2}accepted +one of none/m)
    expect(out).toMatch(/^ {2}default +none$/m)
  })

  it('explains all of them, realms too', async () => {
    const { json } = await createCli().run('config', 'reference', '--json')
    const names = json().value.map(({ name }: { name: string }) => name)
    expect(names).toContain('email.validtime')
    expect(names).toContain('realms/<name>')
    expect((await createCli().run('config', 'reference', 'realms/staff')).code).toBe(0)
  })
})
