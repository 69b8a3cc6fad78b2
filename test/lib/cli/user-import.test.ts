import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CommandFailure } from '../../../lib/cli/errors.ts'
import type { Target } from '../../../lib/cli/target.ts'
import { createCli } from './cli.ts'

const directory = mkdtempSync(join(tmpdir(), 'otpost-import-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

const PEOPLE = `user,email,pin
kim,kim@example.org,1111
lee,not-an-address,
"a ""b""",ab@example.org,2222
mia,mia@example.org
`

/** A header in line 1, then one user per line. */
const many = (count: number) =>
  `user;surname\n${Array.from({ length: count }, (_, i) => `user${i + 2};S\n`).join('')}`

const unavailable = { ok: false, error: { code: 'unavailable', message: 'Out of order.' } } as const

/** Fails every import from the nth on, for so many calls. */
const failing = (from: number, calls: number) => {
  let seen = 0
  return (next: Target['invoke']): Target['invoke'] =>
    async (command, args) => {
      seen++
      return seen >= from && seen < from + calls ? unavailable : next(command, args)
    }
}

/** Does what is asked, but its answers are lost from the nth on. */
const losingAnswers = (from: number, calls: number) => {
  let seen = 0
  return (next: Target['invoke']): Target['invoke'] =>
    async (command, args) => {
      seen++
      const lost = seen >= from && seen < from + calls
      const reply = await next(command, args)
      return lost ? unavailable : reply
    }
}

const FOREVER = 1000
const PINLESS = ['--enrol', '--without-pin']
const counts = ({ json }: { json: () => any }) => json().value
const lines = (text: string) => text.trimEnd().split('\n')

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

describe('an import that stops', () => {
  it('sends 100 rows at a time, and fewer where PINs are to be derived', async () => {
    const cli = createCli()
    await cli.run('user', 'import', file('batches.csv', many(250)))
    expect(cli.invoked.map(({ args }) => args.rows.length)).toEqual([100, 100, 50])
    const pins = Array.from({ length: 30 }, (_, i) => `p${i},p@x.example,1\n`).join('')
    await cli.run('user', 'import', file('weights.csv', `user,email,pin\n${pins}`), '--enrol')
    expect(cli.invoked.slice(3).map(({ args }) => args.rows.length)).toEqual([20, 10])
  })

  it('tries a batch again before it gives up, and says so', async () => {
    const cli = createCli({ invoke: failing(2, 2) })
    const { code, err, json } = await cli.run(
      ...['user', 'import', file('retry.csv', many(150)), '--json'],
    )
    expect(code).toBe(0)
    expect(json().value.added).toBe(150)
    expect(cli.pauses).toEqual([500, 1000])
    expect(lines(err)[0]).toBe('Out of order. Trying again in 0.5 s.')
  })

  it('asks for the deployment anew, which may be elsewhere by now', async () => {
    const cli = createCli({ invoke: failing(1, 1) })
    await cli.run('user', 'import', file('reconnect.csv', many(3)))
    expect(cli.connected).toHaveLength(2)
  })

  it('goes on where it stopped, and tells the sums of both runs', async () => {
    const cli = createCli({ invoke: failing(3, FOREVER) })
    const path = file('stop.csv', `${many(250)}user5;again\n`)
    const stopped = await cli.run('user', 'import', path)
    expect(stopped.code).toBe(1)
    expect(stopped.err).toContain('Done up to line 201 (200 added')
    expect(stopped.err).toContain('the same command goes on from there.')

    const later = createCli()
    later.operator.ports.accounts = cli.operator.ports.accounts
    const resumed = await later.run('user', 'import', path, '--json')
    expect(resumed.json().value).toMatchObject({ added: 250, unchanged: 0, rows: 251, skipped: 1 })
    expect(resumed.json().value.problems).toMatchObject([{ line: 252, user: 'user5' }])
    expect(later.invoked.map(({ args }) => args.rows.length)).toEqual([50])
  })

  it('counts right, and doubles nothing, where answers were lost', async () => {
    const cli = createCli({ invoke: losingAnswers(2, FOREVER) })
    const emails = many(250).replaceAll(/^(user\d+);S/gm, '$1;$1@x.example')
    const path = file('lost.csv', emails.replace('surname', 'email'))
    const stopped = await cli.run('user', 'import', path, ...PINLESS)
    expect(stopped.err).toContain('Done up to line 101 (100 added')

    const later = createCli()
    later.operator.ports.accounts = cli.operator.ports.accounts
    const resumed = await later.run('user', 'import', path, ...PINLESS, '--json')
    expect(resumed.json().value).toMatchObject({ added: 250, unchanged: 0, enrolled: 250 })
    const { tokens, next } = await cli.operator.done('token.list', { limit: 200 })
    expect(tokens).toHaveLength(200)
    expect(
      (await cli.operator.done('token.list', { after: next, limit: 200 })).tokens,
    ).toHaveLength(50)
  })

  it('writes no row twice into the report', async () => {
    const bad = Array.from({ length: 250 }, (_, i) => `bad${i};x@\n`).join('')
    const path = file('bads.csv', `user;email\n${bad}`)
    const report = join(directory, 'bads.jsonl')
    const argv = ['user', 'import', path, '--report', report]
    expect((await createCli({ invoke: failing(2, FOREVER) }).run(...argv)).code).toBe(1)
    // what a kill between report and progress leaves behind
    writeFileSync(report, `${readFileSync(report, 'utf8')}{"line":102}\n`)
    await createCli().run(...argv)
    const noted = lines(readFileSync(report, 'utf8')).map((line) => JSON.parse(line).line)
    expect(noted).toEqual(Array.from({ length: 250 }, (_, index) => index + 2))
  })

  it('tells scripts the last line done', async () => {
    const cli = createCli({ invoke: failing(2, FOREVER) })
    const { json } = await cli.run('user', 'import', file('script.csv', many(150)), '--json')
    expect(json().error).toMatchObject({ code: 'unavailable', last_line: 101 })
  })

  it.each([
    ['another content', () => file('kept.csv', many(251)), [], 'kept.csv has changed since'],
    ['another realm', () => '', ['--realm', 'demo'], 'this one is --stage local --realm demo'],
    ['other options', () => '', ['--existing', 'skip'], 'this one is --format csv --existing skip'],
  ])('does not go on with %s', async (_what, change, options, says) => {
    const path = file('kept.csv', many(250))
    await createCli({ invoke: failing(2, FOREVER) }).run('user', 'import', path)
    change()
    const cli = createCli()
    const refused = await cli.run('user', 'import', path, ...options)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain(says)
    expect(refused.err).toContain('--restart')
    expect(cli.invoked).toEqual([])
    expect((await cli.run('user', 'import', path, ...options, '--restart')).code).toBe(0)
  })

  it('keeps its progress where it is told, and takes nothing else for it', async () => {
    const path = file('place.csv', many(250))
    const progress = join(directory, 'progress.json')
    const argv = ['user', 'import', path, '--resume', progress]
    await createCli({ invoke: failing(2, FOREVER) }).run(...argv)
    expect(existsSync(`${path}.otpost-progress`)).toBe(false)
    expect(JSON.parse(readFileSync(progress, 'utf8'))).toMatchObject({ done: { rows: 100 } })
    expect((await createCli().run(...argv, '--json')).json().value.rows).toBe(250)
    expect(existsSync(progress)).toBe(false)

    const own = ['user', 'import', path, '--resume', path]
    const { code, err } = await createCli().run(...own)
    expect(code).toBe(1)
    expect(err).toContain('is there and is not the progress of an import')
    expect(readFileSync(path, 'utf8')).toBe(many(250))
  })

  it('holds nothing of the rows in its progress', async () => {
    const path = file('secret.csv', 'user,email,pin\nkim,kim@x.example,4711\n')
    await createCli({ invoke: failing(1, FOREVER) }).run('user', 'import', path, '--enrol')
    expect(readFileSync(`${path}.otpost-progress`, 'utf8')).not.toMatch(/4711|kim/)
  })

  it('does not insist where credentials are wrong', async () => {
    const error = new CommandFailure('No.', { code: 'unavailable', cause: new Error('denied') })
    const cli = createCli({ invoke: () => () => Promise.reject(error) })
    const { code } = await cli.run('user', 'import', file('denied.csv', many(3)))
    expect({ code, pauses: cli.pauses }).toEqual({ code: 1, pauses: [] })
  })

  it('waits while AWS throttles', async () => {
    const cause = Object.assign(new Error('Rate'), { name: 'TooManyRequestsException' })
    const error = new CommandFailure('Fewer, please.', { code: 'unavailable', cause })
    let calls = 0
    const cli = createCli({
      invoke: (next) => (command, args) =>
        calls++ < 3 ? Promise.reject(error) : next(command, args),
    })
    const { code, err } = await cli.run('user', 'import', file('throttled.csv', many(3)))
    expect({ code, pauses: cli.pauses }).toEqual({ code: 0, pauses: [500, 1000, 2000] })
    expect(err).toContain('Fewer, please. Trying again in 2 s.')
  })

  it('stops between two batches when interrupted, with those under way done', async () => {
    const cli = createCli({
      invoke: (next) => async (command, args) => {
        cli.interrupt()
        return next(command, args)
      },
    })
    const path = file('interrupted.csv', many(950))
    const { code, err } = await cli.run('user', 'import', path)
    expect(code).toBe(1)
    const done = cli.invoked.length * 100
    expect(done).toBeLessThanOrEqual(400)
    expect(err).toContain(`Interrupted. Done up to line ${done + 1} (${done} added`)
  })
})

describe('progress', () => {
  it('is written over one line for somebody who watches', async () => {
    const cli = createCli({
      watched: true,
      invoke: (next) => async (command, args) => {
        cli.advance(500)
        return next(command, args)
      },
    })
    const { err } = await cli.run('user', 'import', file('watched.csv', many(1000)))
    expect(err).toMatch(/^(\r\d+ %, [\d,]+ rows, \d+\/s(, \d:\d\d left)?, 0 skipped\x1b\[K)+\n$/)
    expect(err).toMatch(/\r100 %, 1,000 rows, \d+\/s, 0:00 left, 0 skipped\x1b\[K\n$/)
  })

  it('is a line every ten seconds where nobody does', async () => {
    const cli = createCli({
      invoke: (next) => async (command, args) => {
        cli.advance(4000)
        return next(command, args)
      },
    })
    const { err } = await cli.run('user', 'import', file('piped.csv', many(1000)))
    expect(lines(err).length).toBeGreaterThanOrEqual(3)
    expect(lines(err).length).toBeLessThanOrEqual(4)
  })

  it('is not shown with --quiet, nor are skipped rows', async () => {
    const cli = createCli({ watched: true })
    const { code, out, err } = await cli.run(
      ...['user', 'import', file('quiet.csv', PEOPLE), ...PINLESS, '--quiet'],
    )
    expect({ code, err }).toEqual({ code: 3, err: '' })
    expect(out).toContain('2 skipped')
  })
})
