import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Eml, emlOf, image } from '../../mail/eml.ts'
import { createCli } from './cli.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otpost-template-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, eml: Eml): string {
  const path = join(folder, name)
  writeFileSync(path, emlOf(eml))
  return path
}
const GOOD: Eml = { subject: 'Code', text: '${otp}\n' }

describe('template', () => {
  it('is put by the name of its file, listed, shown and deleted', async () => {
    const cli = createCli()
    const put = await cli.run('template', 'put', file('code.eml', GOOD))
    expect(put).toMatchObject({ code: 0, out: 'Saved the template code.\n' })
    const { out } = await cli.run('template', 'list')
    expect(out).toBe(
      'NAME  SUBJECT  SAVED                     USED BY\ncode  Code     2026-11-21T12:00:00.000Z  -\n',
    )
    expect((await cli.run('template', 'show', 'code')).out).toContain('${otp}')
    expect((await cli.run('template', 'delete', 'code')).out).toBe('Deleted the template code.\n')
    expect((await cli.run('template', 'list')).out).toBe('none\n')
  })

  it('may be given another name', async () => {
    const cli = createCli()
    await cli.run('template', 'put', file('german.eml', GOOD), '--name', 'code.de')
    expect((await cli.run('template', 'show', 'code.de', '--json')).json().value.name).toBe(
      'code.de',
    )
  })

  it('with an error is not put', async () => {
    const { code, err } = await createCli().run('template', 'put', file('bad.eml', { text: 'x' }))
    expect(code).toBe(1)
    expect(err).toContain('The code is not in the text')
  })

  it.each([
    ['nope.eml', 1, 'There is no file'],
    ['', 1, 'There is no file'],
  ])('%j: exit code %d', async (name, expected, message) => {
    const { code, err } = await createCli().run('template', 'check', join(folder, name))
    expect(code).toBe(expected)
    expect(err).toContain(message)
  })
})

describe('template check', () => {
  it('connects to nothing and names line, severity, rule and remedy', async () => {
    const cli = createCli()
    const path = file('warn.eml', { text: 'The code {otp}' })
    const { code, out } = await cli.run('template', 'check', path)
    expect(code).toBe(0)
    expect(out).toMatch(/warn\.eml:\d+ +warning +code-place +The code is not on a line of its own/)
    expect(out).toMatch(/0 errors, 1 warning\.\n$/)
    expect(cli.connected).toEqual([])
  })

  it('exits with 1 for errors, and with --strict for warnings', async () => {
    const warn = file('warn.eml', { text: 'The code {otp}' })
    expect((await createCli().run('template', 'check', warn, '--strict')).code).toBe(1)
    const bad = file('bad.eml', { text: 'x' })
    const { code, json } = await createCli().run('template', 'check', bad, '--json')
    expect(code).toBe(1)
    expect(json().value).toMatchObject({ errors: 1, findings: [{ rule: 'code' }] })
  })

  it('says so when all is fine', async () => {
    const path = file('good.eml', GOOD)
    const { code, out } = await createCli().run('template', 'check', path, '--strict')
    expect({ code, out }).toEqual({ code: 0, out: `${path} is fine.\n` })
  })
})

describe('template preview', () => {
  const html = '<html lang="en"><p>{otp} {user}</p><img src="cid:x" alt=""></html>'

  it('fills in a sample person and writes the HTML with its images to a file', async () => {
    const path = file('code.eml', { ...GOOD, html, parts: [image('x')] })
    const out = join(folder, 'code.html')
    const result = await createCli().run('template', 'preview', path, '--out', out)
    expect(result.out).toContain('Subject: Code\n\n287082\n')
    const page = readFileSync(out, 'utf8')
    expect(page).toContain('<p>287082 Alice</p>')
    expect(page).toContain('src="data:image/gif;base64,R0lGOD')
  })

  it('shows the built-in mails in every language', async () => {
    const argv = ['template', 'preview', '--kind', 'verification', '--locale', 'de-AT']
    const { out } = await createCli().run(...argv)
    expect(out).toContain('Subject: Bestätigen Sie Ihre E-Mail-Adresse')
  })

  it.each([
    [[], 'Name either a file or'],
    [['--kind', 'nope'], 'There is no mail of the kind nope'],
    [['--kind', 'test', '--locale', 'fr'], '--locale takes one of en, de, zh-CN'],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, err } = await createCli().run('template', 'preview', ...argv)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})
