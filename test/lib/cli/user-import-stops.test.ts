import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CommandFailure } from '../../../lib/cli/errors.ts'
import type { Target } from '../../../lib/cli/target.ts'
import { createCli } from './cli.ts'
import { importFiles, lines, many, PEOPLE, PINLESS } from './import-files.ts'

const { directory, file } = importFiles()
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
    ['another word for its addresses', () => '', ['--verified'], 'existing update --verified'],
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
