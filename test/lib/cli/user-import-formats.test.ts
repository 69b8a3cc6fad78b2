import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCli } from './cli.ts'
import { importFiles } from './import-files.ts'

const { directory, file } = importFiles()

describe('formats', () => {
  it.each([
    ['people.json', '[\n{"user": "kim"},\n{"user": "lee", "surname": "}{\\"\\\\"}]\n'],
    ['oneline.json', '[{"user":"kim"},{"user":"lee"}]'],
    ['objects.json', '{"user": "kim"}\n{"user": "lee", "surname": "x"}\n'],
    ['people.jsonl', '{"user": "kim"}\r\n\n{"user": "lee"}'],
    ['people.ndjson', '\uFEFF{"username": "kim"}\n{"login": "lee"}\n'],
    ['people.csv', '\uFEFFUserName;Mail\n"kim";kim@x.example\nlee;\n'],
    ['people.passwd', '# people\nkim:x:1:1:::\nlee:x:2:2:Lee:/home/lee:/bin/sh\n'],
  ])('reads %s', async (name, content) => {
    const cli = createCli()
    const { json, code } = await cli.run('user', 'import', file(name, content), '--json')
    expect(code).toBe(0)
    expect(json().value).toMatchObject({ added: 2, skipped: 0 })
    const { users } = await cli.operator.done('user.list')
    expect(users.map(({ user }: { user: string }) => user).sort()).toEqual(['kim', 'lee'])
  })

  it('reads a passwd file as the resolvers of LinOTP and privacyIDEA do', async () => {
    const cli = createCli()
    const gecos = 'Kim Ann Sürname,Room 7,+49 1,+49 2,kim@example.org'
    const content = `kim:$6$secret:1000:1000:${gecos}:/home/kim:/bin/bash\nbad:x:1\n`
    const path = file('users', content)
    const { code, out, err } = await cli.run('user', 'import', path, '--format', 'passwd')
    expect(code).toBe(3)
    expect(err).toContain(
      'users:2: The row has 3 fields, and login:x:uid:gid:gecos:home:shell has 7',
    )
    expect(out + err).not.toContain('secret')
    expect(await cli.operator.done('user.show', { user: 'kim' })).toMatchObject({
      ...{ givenname: 'Kim', surname: 'Ann Sürname', phone: '+49 1', mobile: '+49 2' },
      ...{ email: 'kim@example.org', has_password: false },
    })
  })

  it.each([
    ['bad.json', '[\n{"user": "kim"},\n{"user": lee},\n{"user": "mia"}\n]\n', 'is not JSON'],
    ['bad.jsonl', '{"user": "kim"}\n\n{"user": "lee"\n{"user": "mia"}\n', 'is not JSON'],
    ['list.jsonl', '{"user": "kim"}\n\n["lee"]\n{"user": "mia"}\n', 'is not an object'],
  ])('names the bad object of %s by its line and goes on', async (name, content, what) => {
    const { json } = await createCli().run('user', 'import', file(name, content), '--json')
    expect(json().value).toMatchObject({
      added: 2,
      problems: [{ file: name, line: 3, row: 2, reason: `The row ${what}.` }],
    })
  })

  it.each([
    ['empty.csv', '', 'The file is empty.'],
    ['nouser.csv', 'email\na@b.example\n', 'names the columns, and user is missing'],
    ['column.csv', 'user,emial\nkim,red\n', 'There is no column "emial". Did you mean email?'],
    ['twice.csv', 'user,username\n', 'The column user is named twice.'],
    ['quote.csv', 'user,email\n"kim,x@y.example\n', 'A quote that is opened in line 2 is never'],
    ['endless.csv', `user\n"${'x'.repeat(70_000)}`, 'Line 2 does not end: is a quote missing?'],
    ['text.json', '\nhello', 'Line 2 holds no list of objects.'],
    ['cut.json', '[{"user":"kim"', 'The object of line 1 does not end.'],
    ['people.xls', 'x', 'The name of the file ends in one of .csv, .json, .jsonl'],
  ])('refuses %s', async (name, content, says) => {
    const cli = createCli()
    const path = file(name, content)
    const { code, err } = await cli.run('user', 'import', path)
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(says)
    expect(cli.invoked).toEqual([])
    expect(existsSync(`${path}.otpost-progress`)).toBe(false)
  })

  it.each([
    [
      'Latin-1',
      Buffer.from('user,surname\nkim,A\nlee,M\xfcller\n', 'latin1'),
      'Line 3 is not UTF-8.',
    ],
    ['a character cut off', Buffer.from('user\nM\xc3', 'latin1'), 'Line 2 is not UTF-8.'],
    ['UTF-16', Buffer.from('\uFEFFuser\nkim\n', 'utf16le'), 'The file is UTF-16.'],
  ])('refuses %s and says how to mend it', async (_what, content, says) => {
    const path = join(directory, 'encoded.csv')
    writeFileSync(path, content)
    const { code, err } = await createCli().run('user', 'import', path)
    expect(code).toBe(1)
    expect(err).toContain(says)
    expect(err).toContain('iconv')
  })

  it('reads characters of several bytes wherever the file is cut into pieces', async () => {
    const cli = createCli()
    const name = '𝒦ïm€'.repeat(10)
    const rows = Array.from({ length: 900 }, (_, index) => `k${index},${name}${index}\n`)
    await cli.run('user', 'import', file('pieces.csv', `user,surname\n${rows.join('')}`))
    const { users } = await cli.operator.done('user.list', { limit: 200 })
    const broken = users.filter(
      ({ user, surname }: Record<string, string>) => surname !== `${name}${user!.slice(1)}`,
    )
    expect({ read: users.length, broken }).toEqual({ read: 200, broken: [] })
  })

  it('says so when there is no such file', async () => {
    const { code, err } = await createCli().run('user', 'import', join(directory, 'none.csv'))
    expect(code).toBe(1)
    expect(err).toMatch(/^There is no file .*none\.csv\.\n$/)
  })
})
