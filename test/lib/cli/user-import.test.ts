import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
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

describe('user import', () => {
  it('imports the good rows of a .csv and names the bad ones', async () => {
    const cli = createCli()
    const path = file('people.csv', PEOPLE)
    const { code, out, err } = await cli.run('user', 'import', path, '--enrol')
    expect(code).toBe(1)
    expect(out).toBe(
      'Done up to line 5: 2 added, 0 updated, 0 unchanged, 2 tokens enrolled, 2 refused.\n',
    )
    expect(err).toContain('line 3: email is not one e-mail address like name@example.org. The @ is')
    expect(err).toContain('line 5: The row has 2 cells, the first line 3.')
    const { users } = await cli.operator.done('user.list')
    expect(users.map(({ user }: { user: string }) => user).sort()).toEqual(['a "b"', 'kim'])
  })

  it('may be repeated', async () => {
    const cli = createCli()
    const path = file('again.csv', PEOPLE)
    await cli.run('user', 'import', path, '--enrol')
    const { json } = await cli.run('user', 'import', path, '--enrol', '--json')
    expect(json().value).toMatchObject({
      added: 0,
      unchanged: 2,
      enrolled: 0,
      refused: 2,
      last_line: 5,
      problems: [{ line: 3, user: 'lee' }, { line: 5 }],
    })
  })

  it('never shows a PIN', async () => {
    const path = file('pins.csv', 'user,pin\nkim,4711\n,4712\nlee,"47\n13"\n')
    const { out, err } = await createCli().run('user', 'import', path, '--enrol')
    expect(out + err).not.toMatch(/471/)
  })

  it('exits with 0 when every row was good', async () => {
    expect((await createCli().run('user', 'import', file('good.csv', many(3)))).code).toBe(0)
  })

  it.each([
    ['a list', '[\n{"user": "kim"},\n{"user": "lee", "surname": "}{\\"\\\\"}]\n'],
    ['one object per line', '{"user": "kim"}\n{"user": "lee", "surname": "x"}\n'],
  ])('reads a .json with %s', async (_what, content) => {
    const cli = createCli()
    const { json } = await cli.run('user', 'import', file('people.json', content), '--json')
    expect(json().value).toMatchObject({ added: 2, refused: 0 })
  })

  it('names the bad object of a .json by its line', async () => {
    const path = file('bad.json', '[\n{"user": "kim"},\n{"user": lee},\n{"user": "mia"}\n]\n')
    const { json } = await createCli().run('user', 'import', path, '--json')
    expect(json().value).toMatchObject({
      added: 2,
      problems: [{ line: 3, reason: 'The row is not JSON.' }],
    })
  })

  it('sends 100 rows at a time', async () => {
    const cli = createCli()
    await cli.run('user', 'import', file('batches.csv', many(250)))
    expect(cli.invoked.map(({ args }) => args.rows.length)).toEqual([100, 100, 50])
  })

  it('tries a batch again before it gives up', async () => {
    const cli = createCli({ invoke: failing(2, 2) })
    const { code, json } = await cli.run('user', 'import', file('retry.csv', many(150)), '--json')
    expect(code).toBe(0)
    expect(json().value.added).toBe(150)
    expect(cli.pauses).toEqual([1000, 4000])
  })

  it('stops with the last line done, and goes on from there', async () => {
    const cli = createCli({ invoke: failing(3, 3) })
    const path = file('stop.csv', many(250))
    const stopped = await cli.run('user', 'import', path)
    expect(stopped.code).toBe(1)
    expect(stopped.err).toContain('Out of order. Done up to line 201; go on with --from-line 202.')
    const resumed = await cli.run('user', 'import', path, '--from-line', '202', '--json')
    expect(resumed.json().value).toMatchObject({ added: 50, unchanged: 0, last_line: 251 })
    expect((await cli.operator.done('user.list', { limit: 200 })).next).toBeDefined()
  })

  it('tells scripts the last line done', async () => {
    const cli = createCli({ invoke: failing(2, 3) })
    const { json } = await cli.run('user', 'import', file('script.csv', many(150)), '--json')
    expect(json().error).toMatchObject({ code: 'unavailable', last_line: 101 })
  })

  it('stops between two batches when interrupted', async () => {
    const cli = createCli({
      invoke: (next) => async (command, args) => {
        cli.interrupt()
        return next(command, args)
      },
    })
    const { code, err } = await cli.run('user', 'import', file('interrupted.csv', many(250)))
    expect(code).toBe(1)
    expect(err).toContain('Interrupted. Done up to line 101; go on with --from-line 102.')
    expect(cli.invoked).toHaveLength(1)
  })

  it('writes its progress over one line for somebody who watches', async () => {
    const cli = createCli({ watched: true })
    const { err } = await cli.run('user', 'import', file('watched.csv', many(150)))
    expect(err).toMatch(/^\rline 101: 100 added.*\rline 151: 150 added[^\r]*\n$/)
  })

  it('writes a line every few seconds where nobody does', async () => {
    const cli = createCli({
      invoke: (next) => async (command, args) => {
        cli.advance(3000)
        return next(command, args)
      },
    })
    const { err } = await cli.run('user', 'import', file('piped.csv', many(450)))
    expect(err.split('\n').map((line) => line.split(':')[0])).toEqual(['line 201', 'line 401', ''])
  })

  it.each([
    ['empty.csv', '', 'The file is empty.'],
    ['nouser.csv', 'email\na@b.example\n', 'The column user is missing.'],
    ['column.csv', 'user,colour\nkim,red\n', 'There is no column "colour". Accepted: user, realm'],
    ['twice.csv', 'user,user\n', 'A column is named twice.'],
    ['quote.csv', 'user,email\n"kim,x@y.example\n', 'A quote that is opened in line 2 is never'],
    ['endless.csv', `user\n"${'x'.repeat(70_000)}`, 'Line 2 does not end: is a quote missing?'],
    ['text.json', '\nhello', 'Line 2 holds no list of objects.'],
    ['cut.json', '[{"user":"kim"', 'The object of line 1 does not end.'],
    ['people.xls', 'x', 'The file is a .csv or a .json.'],
  ])('refuses %s', async (name, content, says) => {
    const cli = createCli()
    const { code, err } = await cli.run('user', 'import', file(name, content))
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(says)
    expect(cli.invoked).toEqual([])
  })

  it('says so when there is no such file', async () => {
    const { code, err } = await createCli().run('user', 'import', join(directory, 'none.csv'))
    expect(code).toBe(1)
    expect(err).toMatch(/^There is no file .*none\.csv\.\n$/)
  })
})
