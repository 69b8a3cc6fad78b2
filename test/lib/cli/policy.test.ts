import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { POLICY_COMMANDS } from '../../../lib/cli/commands/policy.ts'
import { findCommand } from '../../../lib/cli/find-command.ts'
import { createCli } from './cli.ts'

const SENDER = { 'email.mailfrom': 'otpost@example.org' }
const stored = (members: object) => JSON.stringify(members)
const VPN = {
  'policies/vpn': stored({ scope: 'authentication', action: 'otppin=none', client: '10.8.0.0/16' }),
}

function fileOf(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'policies-')), 'policy.cfg')
  writeFileSync(file, content)
  return file
}

const LINOTP = `[texts]
realm = *
active = True
user = "*, !bob"
client = ""
time = ""
action = "emailtext='Code, <otp>', voice_language=de"
scope = authentication
[own]
scope = selfservice
action = edit_email=0
[tokens]
scope = gettoken
action = max_count=1
`

describe('policy set', () => {
  it('makes a policy and then changes what is named', async () => {
    const cli = createCli({ values: SENDER })
    const made = await cli.run(
      'policy',
      'set',
      'my words',
      'scope=authentication',
      'action=emailtext=Your code\\, please: {otp}',
      'user=*, -bob',
    )
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toContain('Version 1 of the settings is in force.')
    await cli.run('policy', 'set', 'my words', 'realm=Corp')
    expect(JSON.parse(cli.parameters.stored.get('policies/my_words')!.value)).toEqual({
      name: 'my words',
      scope: 'authentication',
      action: { emailtext: 'Your code, please: {otp}' },
      user: ['*', '-bob'],
      realm: ['corp'],
    })
  })

  it.each([
    [['scope=authentication', 'action=otppin=maybe'], 1, 'action.otppin is not one of'],
    [['scope=authentication', 'action=otppin=none', 'user=adm.*'], 1, 'no login may wait'],
    [['scope=authentication', 'action=otppin=none', 'color=red'], 2, 'color is not a member'],
    [['scope'], 2, 'not of the form member=value'],
    [['action=otppin=none'], 1, 'scope is missing'],
  ])('refuses %j', async (members, code, says) => {
    const cli = createCli({ values: SENDER })
    const result = await cli.run('policy', 'set', 'p', ...members)
    expect(result.code).toBe(code)
    expect(result.err).toContain(says)
    expect(cli.parameters.stored.has('policies/p')).toBe(false)
  })

  it('refuses a policy that Parameter Store cannot keep', async () => {
    const cli = createCli({ values: SENDER })
    const action = `action=emailtext=${'x'.repeat(3990)}`
    const names = `description=${'y'.repeat(200)}`
    const argv = ['policy', 'set', 'p', 'scope=authentication', action, names]
    expect((await cli.run(...argv)).err).toContain('at most 4096 octets')
  })
})

describe('policies', () => {
  it('are listed, shown, disabled, enabled and deleted', async () => {
    const cli = createCli({ values: { ...SENDER, ...VPN } })
    expect((await cli.run('policy', 'list')).out).toBe(
      'NAME  SCOPE           ACTIVE  PRIORITY  ACTIONS\n' +
        'vpn   authentication  yes     1         otppin=none\n',
    )
    expect((await cli.run('policy', 'show', 'vpn')).out).toMatch(/client +10\.8\.0\.0\/16\n/)
    await cli.run('policy', 'disable', 'vpn')
    expect((await cli.run('policy', 'show', 'vpn', '--json')).json().value.active).toBe(false)
    await cli.run('policy', 'enable', 'vpn')
    expect((await cli.run('policy', 'show', 'vpn', '--json')).json().value.active).toBe(true)
    expect((await cli.run('policy', 'delete', 'vpn')).code).toBe(0)
    expect(cli.parameters.stored.has('policies/vpn')).toBe(false)
  })

  it.each(['show', 'enable', 'disable', 'delete'])('that are not there: %s', async (word) => {
    const cli = createCli({ values: VPN })
    const { code, err } = await cli.run('policy', word, 'vpm')
    expect({ code, err }).toEqual({ code: 1, err: 'There is no policy vpm. There is: vpn.\n' })
  })

  it('that cannot be read are told by check, and can be deleted', async () => {
    const values = { ...SENDER, ...VPN, 'policies/x': '{"scope": "moon"}' }
    const cli = createCli({ values })
    const { code, out } = await cli.run('policy', 'check')
    expect(code).toBe(1)
    expect(out).toContain('error: policies/x cannot be used: its scope is not a known scope')
    expect(out).toContain('1 policy can be used.')
    expect((await cli.run('policy', 'show', 'x')).err).toContain('policy check says why')
    expect((await cli.run('policy', 'delete', 'x')).code).toBe(0)
    expect((await cli.run('policy', 'check')).code).toBe(0)
  })
})

describe('policy import', () => {
  it("takes LinOTP's file and says what means nothing here", async () => {
    const cli = createCli({ values: SENDER })
    const { code, out } = await cli.run('policy', 'import', fileOf(LINOTP))
    expect(code).toBe(0)
    expect(out).toContain('tokens is left out: its scope has no counterpart here.')
    expect(out).toContain('texts has actions without effect here: voice_language.')
    expect(out).toContain('Imported: 2 policies of LinOTP.')
    expect(JSON.parse(cli.parameters.stored.get('policies/texts')!.value)).toEqual({
      scope: 'authentication',
      action: { emailtext: 'Code, <otp>', voice_language: 'de' },
      user: ['*', '!bob'],
      precedence: 'specific',
    })
    expect(cli.parameters.stored.has('policies/own')).toBe(true)
  })

  it('changes nothing with --check', async () => {
    const values = { ...SENDER, 'policies/own': VPN['policies/vpn'] }
    const cli = createCli({ values })
    const { code, out } = await cli.run('policy', 'import', fileOf(LINOTP), '--check')
    expect(code).toBe(0)
    expect(out).toContain('own replaces the policy of that name.')
    expect(out).toContain('Can be imported: 2 policies of LinOTP.')
    expect([...cli.parameters.stored.keys()].sort()).toEqual(['email.mailfrom', 'policies/own'])
  })

  it.each([
    [LINOTP.replace('!bob', 'b.*'), 'policies/texts cannot be used: its user has an entry'],
    ['[texts', 'the file line 1 is neither'],
    ['[]', 'the file holds no policy'],
    [
      '[{"name":"a b","scope":"user","action":"delete"},{"name":"a_b","scope":"user","action":"delete"}]',
      'its name is too like another one of the file',
    ],
  ])('imports nothing of a file with a fault', async (content, says) => {
    const cli = createCli({ values: SENDER })
    const { code, err } = await cli.run('policy', 'import', fileOf(content))
    expect(code).toBe(1)
    expect(err).toContain(says)
    expect([...cli.parameters.stored.keys()]).toEqual(['email.mailfrom'])
  })

  it('takes everything back when Parameter Store fails half-way', async () => {
    const cli = createCli({ values: { ...SENDER, 'policies/texts': VPN['policies/vpn'] } })
    const { put } = cli.parameters
    cli.parameters.put = async (name, value, secret) => {
      if (name === 'policies/own') throw new Error('throttled')
      return put(name, value, secret)
    }
    const { code } = await cli.run('policy', 'import', fileOf(LINOTP))
    expect(code).toBe(1)
    expect(cli.parameters.stored.get('policies/texts')!.value).toBe(VPN['policies/vpn'])
    expect(cli.parameters.stored.has('policies/own')).toBe(false)
  })

  it('reads standard input, and names a file that is not there', async () => {
    const cli = createCli({ values: SENDER, stdin: LINOTP })
    expect((await cli.run('policy', 'import', '-')).code).toBe(0)
    expect((await cli.run('policy', 'import', '/none')).err).toContain('/none cannot be read')
  })
})

describe('policy export', () => {
  it.each(['json', 'privacyidea', 'linotp'])(
    'as %s is imported again unchanged',
    async (format) => {
      const cli = createCli({ values: SENDER, stdin: LINOTP })
      await cli.run('policy', 'import', '-')
      const before = new Map(cli.parameters.stored)
      const { code, out } = await cli.run('policy', 'export', '--format', format)
      expect(code).toBe(0)

      const other = createCli({ values: SENDER })
      await other.run('policy', 'import', fileOf(out))
      const policies = [...other.parameters.stored].filter(([name]) => name.startsWith('policies/'))
      expect(policies).toHaveLength(2)
      for (const [name, { value }] of policies) expect(value).toBe(before.get(name)!.value)
    },
  )

  it('names the policies that LinOTP has no words for', async () => {
    const resolver = stored({ scope: 'authentication', action: 'otppin=none', resolver: 'ldap' })
    const cli = createCli({ values: { ...VPN, 'policies/ldap': resolver } })
    const { code, out, err } = await cli.run('policy', 'export', '--format', 'linotp')
    expect(code).toBe(1)
    expect(err).toBe('ldap is left out: it is restricted by resolver.\n')
    expect(out).toContain('[vpn]\nscope = authentication\n')
    expect((await cli.run('policy', 'export', '--format', 'xml')).code).toBe(2)
  })
})

describe('policy explain', () => {
  const settings = {
    ...VPN,
    'policies/texts': stored({ scope: 'authentication', action: 'emailtext={otp}', user: 'bob' }),
    'email.subject': 'Code',
  }

  it('says what a login would meet', async () => {
    const cli = createCli()
    cli.operator.world.set(settings)
    await cli.run('user', 'add', 'alice', '--email', 'alice@example.org')
    const { code, out } = await cli.run(
      ...['policy', 'explain', '--user', 'alice', '--client', '10.8.1.1'],
    )
    expect(code).toBe(0)
    expect(out).toContain('alice of the realm demo in the directory directory from 10.8.1.1')
    expect(out).toContain('Applies: vpn\n')
    expect(out).toMatch(/texts +user "alice" is not in bob\./)
    expect(out).toMatch(/authentication +otppin +none +vpn/)
    expect(out).toMatch(/before the code +nothing \(vpn\)/)
    expect(out).toMatch(/subject +email\.subject\n/)
    expect(out).toMatch(/validity_seconds +120/)
  })

  it('says it of an application', async () => {
    const cli = createCli()
    const action = 'email_validtime=300, otppin=userstore'
    cli.operator.world.set({
      'policies/vpn': stored({ scope: 'authentication', action, application: 'vpn' }),
    })
    const at = async (application: string) =>
      (await cli.run('policy', 'explain', '--application', application)).out
    expect(await at('vpn')).toContain('from an unknown address by the application vpn at ')
    expect(await at('vpn')).toMatch(/before the code +the user's own password \(vpn\)/)
    expect(await at('vpn')).toMatch(/validity_seconds +300/)
    expect(await at('wiki')).toMatch(/vpn +application "wiki" is not in vpn\./)
    expect(await at('wiki')).toMatch(/validity_seconds +120/)
  })

  it('gives it as a document', async () => {
    const cli = createCli()
    cli.operator.world.set(settings)
    const { json } = await cli.run('policy', 'explain', '--user', 'bob', '--json')
    expect(json().value).toMatchObject({
      user: 'bob',
      known: false,
      policies: [
        { name: 'texts', applies: true },
        { name: 'vpn', applies: false, member: 'client' },
      ],
      text: { from: 'a policy', policies: ['texts'] },
    })
  })
})

it('the page about policies shows commands that there are', () => {
  const page = readFileSync(new URL('../../../.github/POLICIES.md', import.meta.url), 'utf8')
  const lines = page.match(/^npx otpost policy .*$/gm) ?? []
  expect(lines.length).toBeGreaterThan(4)
  for (const line of lines) {
    const argv = line
      .replace(/\s+#.*$|\s+>.*$/g, '')
      .split(/\s+/)
      .slice(2)
    expect(findCommand(POLICY_COMMANDS, argv)).toMatchObject({ kind: 'command' })
  }
})
