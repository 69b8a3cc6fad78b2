import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../lib/cli/commands/index.ts'
import { wordsOf } from '../../support/pages.ts'
import { createCli } from './cli.ts'

/** Where examples write. */
const WRITTEN = new Map([
  ['sender.json', join(mkdtempSync(join(tmpdir(), 'otpost-examples-')), 'sender.json')],
])

describe('help', () => {
  it.each(COMMANDS.map((command) => [command.path.join(' '), command] as const))(
    'of %s explains it with its usage, options and examples',
    async (name, command) => {
      const { code, out, err } = await createCli().run(...command.path, '--help')
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toContain(command.about)
      expect(out).toContain(`Usage: npx otpost ${name}`)
      for (const option of Object.keys(command.options ?? {})) expect(out).toContain(`--${option}`)
      expect(command.examples.length).toBeGreaterThanOrEqual(2)
      for (const example of command.examples) expect(out).toContain(`  ${example}\n`)
    },
  )

  it.each(COMMANDS.flatMap(({ path, examples }) => examples.map((line) => [line, path] as const)))(
    'shows no example that the command line would refuse: %s',
    async (line, path) => {
      const words = line.replace(/^.*\bnpx otpost /, '').replace(/ [<>] .*$/, '')
      expect(words.startsWith(path.join(' '))).toBe(true)
      const argv = wordsOf(words).map((word) => WRITTEN.get(word) ?? word)
      const { code } = await createCli({ answers: [], stdin: 'x' }).run(...argv)
      expect(code).not.toBe(2)
    },
  )

  it.each([[[]], [['--help']], [['help']]])('for %j lists every command', async (argv) => {
    const { code, out } = await createCli().run(...argv)
    expect(code).toBe(0)
    for (const { path } of COMMANDS) expect(out).toContain(`  ${path.join(' ')}`)
  })

  it.each([[['user']], [['user', '--help']], [['help', 'user']]])(
    'for %j lists the commands of the group',
    async (argv) => {
      const { code, out } = await createCli().run(...argv)
      expect(code).toBe(0)
      expect(out).toContain('user import <file>')
      expect(out).not.toContain('token enrol')
    },
  )

  it('needs no deployment', async () => {
    const cli = createCli()
    await cli.run('user', 'add', '--help')
    await cli.run('config', 'reference')
    expect(cli.connected).toEqual([])
  })
})

describe('wrong usage', () => {
  it.each([
    [['usr', 'list'], 'There is no command usr. Did you mean user?'],
    [['user', 'lst'], 'There is no command user lst. Did you mean user list?'],
    [['token', 'xyzzyxyzzy'], 'There is: token enrol, token list'],
    [['user', 'add'], '<user> is missing. Usage: npx otpost user add <user> [options]'],
    [['admin', 'list', 'all'], 'all is one word too many'],
    [['user', 'list', '--relam', 'x'], "Unknown option '--relam'. Did you mean --realm?"],
    [['user', 'list', '--realm'], "Option '--realm <value>' argument missing"],
    [['user', 'list', '--limit', 'many'], '--limit takes a whole number.'],
    [['apikey', 'create', 'vpn'], '--days'],
  ])('%j exits with 2 and says %s', async (argv, says) => {
    const { code, out, err } = await createCli().run(...argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(says)
    expect(err).not.toContain('    at ')
  })

  it('is a document with --json', async () => {
    const { code, json, err } = await createCli().run('user', 'add', '--json')
    expect(code).toBe(2)
    expect(json()).toEqual({
      ok: false,
      error: { code: 'usage', message: expect.stringContaining('<user> is missing') },
    })
    expect(err).toBe('')
  })
})

describe('every command', () => {
  it('works on the stage, region and profile it is given', async () => {
    const cli = createCli()
    await cli.run('admin', 'list', '--stage', 'prod', '--region', 'eu-central-1', '--profile', 'x')
    await cli.run('--stage', 'dev', 'admin', 'list')
    await cli.run('admin', 'list')
    expect(cli.connected).toEqual([
      { stage: 'prod', region: 'eu-central-1', profile: 'x' },
      { stage: 'dev', region: undefined, profile: undefined },
      { stage: 'local', region: undefined, profile: undefined },
    ])
  })

  it("exits with 1 and the operator's words when refused", async () => {
    const { code, out, err } = await createCli().run('user', 'show', 'eve')
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'There is no user eve in the realm demo.\n',
    })
  })

  it("gives the operator's error as a document with --json", async () => {
    const { code, json } = await createCli().run('user', 'show', 'eve', '--json')
    expect(code).toBe(1)
    expect(json()).toEqual({
      ok: false,
      error: {
        code: 'not_found',
        parameter: 'user',
        message: 'There is no user eve in the realm demo.',
      },
    })
  })

  const broken = {
    invoke: () => async () => {
      throw new TypeError('boom')
    },
  }
  it('never shows a stack trace', async () => {
    const { code, err } = await createCli(broken).run('admin', 'list')
    expect(code).toBe(1)
    expect(err).toBe('Unexpected failure: TypeError: boom (OTPOST_DEBUG=1 shows where).\n')
  })

  it('shows one with OTPOST_DEBUG=1', async () => {
    const { err } = await createCli({ ...broken, env: { OTPOST_DEBUG: '1' } }).run('admin', 'list')
    expect(err).toContain('    at ')
  })
})
