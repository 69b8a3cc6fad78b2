import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'
import { importFiles, lines, many, PEOPLE, PINLESS } from './import-files.ts'

const { directory, file } = importFiles()
const counts = ({ json }: { json: () => any }) => json().value

describe('user import', () => {
  it('imports the good rows of a .csv and names the bad ones', async () => {
    const cli = createCli()
    const path = file('people.csv', PEOPLE)
    const { code, out, err } = await cli.run('user', 'import', path, ...PINLESS)
    expect(code).toBe(3)
    expect(out).toBe(
      'people.csv: 4 rows: 2 added, 0 updated, 0 unchanged, 2 tokens enrolled, 2 skipped.\n',
    )
    expect(lines(err)).toEqual([
      'people.csv:3: lee: email is not one e-mail address like name@example.org. The @ is missing; ' +
        'type the whole address, such as name@example.org. ' +
        'Accepted: one bare e-mail address such as alice@example.org.',
      'people.csv:5: The row has 2 cells, the first line 3.',
    ])
    const { users } = await cli.operator.done('user.list')
    expect(users.map(({ user }: { user: string }) => user).sort()).toEqual(['a "b"', 'kim'])
    expect(existsSync(`${path}.otpost-progress`)).toBe(false)
  })

  it('may be repeated', async () => {
    const cli = createCli()
    const path = file('again.csv', PEOPLE)
    await cli.run('user', 'import', path, ...PINLESS)
    const again = await cli.run('user', 'import', path, ...PINLESS, '--json')
    expect(counts(again)).toMatchObject({
      added: 0,
      unchanged: 2,
      enrolled: 0,
      skipped: 2,
      rows: 4,
      last_line: 5,
      problems: [{ line: 3, user: 'lee', column: 'email' }, { line: 5 }],
    })
  })

  it('skips addresses that may not be registered, and asks DNS only when told to', async () => {
    const cli = createCli()
    cli.operator.world.domainVerdicts.set('nowhere.example', 'unknown_domain')
    const path = file('domains.csv', 'user,email\nkim,k@mailinator.com\nlee,l@nowhere.example\n')
    const { err } = await cli.run('user', 'import', path)
    expect(lines(err)).toEqual([
      'domains.csv:2: kim: email cannot be used: Disposable addresses are not accepted; use an ' +
        'address you will keep.',
    ])
    const fresh = createCli()
    fresh.operator.world.domainVerdicts.set('nowhere.example', 'unknown_domain')
    const checked = await fresh.run('user', 'import', path, '--check-domains', '--json')
    expect(counts(checked).problems).toMatchObject([
      { line: 2, column: 'email', reason: expect.stringContaining('Disposable') },
      { line: 3, column: 'email', reason: expect.stringContaining('does not exist') },
    ])
  })

  it('takes addresses for proven where somebody vouches for them', async () => {
    const cli = createCli()
    const path = file('verified.csv', 'user,email\nkim,kim@example.org\n')
    await cli.run('user', 'import', path)
    const show = () => cli.operator.done('user.show', { user: 'kim' })
    expect(await show()).not.toHaveProperty('email_verified.at')
    const vouched = await cli.run('user', 'import', path, '--verified', '--json')
    expect(counts(vouched)).toMatchObject({ updated: 1 })
    expect(await show()).toMatchObject({ email_verified: { method: 'admin' } })
  })

  it('exits with 0 when every row was good', async () => {
    expect((await createCli().run('user', 'import', file('good.csv', many(3)))).code).toBe(0)
  })

  it('names the second row of a user, and takes the first', async () => {
    const cli = createCli()
    const path = file('twice.csv', 'user,realm,surname\nkim,,A\nkim,demo,B\nkim,,C\nlee,,D\n')
    const { err } = await cli.run('user', 'import', path, '--realm', 'Demo')
    expect(lines(err)).toEqual([
      'twice.csv:3: kim: The user kim was in line 2 already.',
      'twice.csv:4: kim: The user kim was in line 2 already.',
    ])
    expect(await cli.operator.done('user.show', { user: 'kim' })).toMatchObject({ surname: 'A' })
  })

  it('notes every skipped row in a report', async () => {
    const report = join(directory, 'skipped.jsonl')
    await createCli().run(
      ...['user', 'import', file('noted.csv', PEOPLE), ...PINLESS, '--report', report],
    )
    expect(lines(readFileSync(report, 'utf8')).map((line) => JSON.parse(line))).toEqual([
      {
        ...{ file: 'noted.csv', line: 3, row: 2, user: 'lee', column: 'email' },
        reason: expect.stringContaining('The @ is missing'),
      },
      { file: 'noted.csv', line: 5, row: 4, reason: 'The row has 2 cells, the first line 3.' },
    ])
  })

  it('stops at the first bad row when it is strict, with nothing behind it done', async () => {
    const cli = createCli()
    const path = file('strict.csv', 'user,email\nkim,\nlee,nonsense\nmia,\n')
    const { code, err } = await cli.run('user', 'import', path, '--strict')
    expect(code).toBe(1)
    expect(err).toMatch(/^strict\.csv:3: email is not .* Nothing from there on was imported/)
    const { users } = await cli.operator.done('user.list')
    expect(users.map(({ user }: { user: string }) => user)).toEqual(['kim'])
  })

  it.each([
    ['one without a PIN', 'user,email,pin\nkim,kim@x.example,\n', 3, 'kim: pin is missing'],
    ['a file without that column', 'user,email\nkim,kim@x.example\n', 2, 'no column pin'],
  ])('makes no token for %s unless that is asked for', async (_what, content, exit, says) => {
    const cli = createCli()
    const path = file('pinless.csv', content)
    const { code, err } = await cli.run('user', 'import', path, '--enrol')
    expect({ code, users: (await cli.operator.done('user.list')).users }).toEqual({
      code: exit,
      users: [],
    })
    expect(err).toContain(says)
    expect(err).toContain('--without-pin')
    expect((await cli.run('user', 'import', path, ...PINLESS)).code).toBe(0)
    expect((await cli.operator.done('token.list')).tokens).toHaveLength(1)
  })

  it('never shows a PIN', async () => {
    const report = join(directory, 'pins.jsonl')
    const bad = 'user,pin\nkim,4711\n,4712\nlee,"47\n13"\nmia,4714,\nmia,4715\n'
    const files = [
      file('pins.csv', bad),
      file('noheader.csv', 'kim,kim@x.example,4716\n'),
      file('pins.jsonl', '{"user":"kim","pin":4717}\n{"pin":"4718"}\n{"user":"x","pin":"4719"\n'),
    ]
    for (const path of files) {
      const { out, err } = await createCli().run(
        ...['user', 'import', path, '--enrol', '--report', report, '--json'],
      )
      expect(out + err + readFileSync(report, 'utf8')).not.toMatch(/471/)
    }
  })

  it.each([
    ['csv', 'user,email,colour\nkim,kim@x.example,red\nlee,,blue\n'],
    ['jsonl', '{"user":"kim","Colour":"red"}\n{"user":"lee","colour":"blue"}\n'],
  ])('names an unknown column of a .%s once and passes it over', async (extension, content) => {
    const path = file(`colours.${extension}`, content)
    const { code, err } = await createCli().run('user', 'import', path)
    expect(code).toBe(0)
    expect(lines(err)).toEqual([
      expect.stringMatching(
        /^The column "colour" is not one of ours and is passed over\. Accepted:/,
      ),
    ])
  })

  it.each([
    ['update', { added: 1, updated: 1, unchanged: 1, left: 0, skipped: 0 }],
    ['skip', { added: 1, updated: 0, unchanged: 0, left: 2, skipped: 0 }],
    ['refuse', { added: 1, updated: 0, unchanged: 0, left: 0, skipped: 2 }],
  ])('with --existing %s does that with users who are there', async (existing, expected) => {
    const cli = createCli()
    await cli.run('user', 'import', file('there.csv', 'user,surname\nkim,Old\nlee,Same\n'))
    const path = file('then.csv', 'user,surname\nkim,New\nlee,Same\nmia,X\n')
    const { json } = await cli.run('user', 'import', path, '--existing', existing, '--json')
    expect(json().value).toMatchObject(expected)
  })
})
