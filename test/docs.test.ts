import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KEY_PURPOSES } from '../functions/core/key-purposes.ts'
import { ACTIONS } from '../functions/core/policy/actions.ts'
import { LINOTP_ADMIN_ROUTES } from '../functions/http/linotp/admin-routes.ts'
import { LINOTP_VALIDATE_ROUTES } from '../functions/http/linotp/validate-routes.ts'
import { ADMIN_ROUTES } from '../functions/http/privacyidea/admin-routes.ts'
import { VALIDATE_ROUTES } from '../functions/http/privacyidea/validate-routes.ts'
import { findRoute } from '../functions/http/router.ts'
import { V1_ADMIN_ROUTES } from '../functions/http/v1/admin-routes.ts'
import { V1_LOGIN_ROUTES } from '../functions/http/v1/login-routes.ts'
import { V1_SELF_ROUTES } from '../functions/http/v1/self/routes.ts'
import { COMMANDS } from '../lib/cli/commands/index.ts'
import { findCommand, readArguments } from '../lib/cli/find-command.ts'
import { entryOf, PARAMETER_REFERENCE } from '../lib/cli/parameter-reference.ts'
import { readContext } from '../lib/context.ts'
import { type Page, pages, ROOT, wordsOf } from './support/pages.ts'

const PAGES = pages()
const source = (path: string) => readFileSync(ROOT + path, 'utf8')
const page = (path: string) => PAGES.find((one) => one.path === path)!

/** What all pages together say of a kind, each once, with the page for the name of the test. */
const said = (of: (page: Page) => string[], but: string[] = []) =>
  PAGES.filter(({ path }) => !but.includes(path)).flatMap((one) =>
    [...new Set(of(one))].map((text) => [one.path, text] as const),
  )

/** Replays words of the reference servers, not ours. */
const REPLAYED = ['.github/CONFORMANCE.md']

describe('commands', () => {
  const lines = said(({ shell, words }) =>
    [...shell, ...words].flatMap((text) =>
      [...text.matchAll(/npx otpost (.+?)(?= \| | [<>] |; |$)/g)].map(([, line]) => line!),
    ),
  )

  it.each(lines)('%s: npx otpost %s', (_path, line) => {
    const argv = wordsOf(line)
    const request = findCommand(COMMANDS, argv)
    // mentioned by its name alone
    if (request.kind === 'overview' || argv.length === request.command.path.length) return
    expect(() => readArguments(request.command, argv)).not.toThrow()
  })

  it.each(lines.filter(([, line]) => /^config (set|get|unset) /.test(line)))(
    '%s: %s names parameters that there are',
    (_path, line) => {
      const [, verb, ...operands] = wordsOf(line.replaceAll(/ --\w+ \S+| --[\w-]+$/g, ''))
      const several = verb === 'unset' || operands[0]!.includes('=')
      const names = (several ? operands : operands.slice(0, 1)).map((one) => one.split('=', 1)[0]!)
      for (const name of names) expect(isParameter(name), name).toBe(true)
    },
  )

  it.each(said(({ text }) => [...text.matchAll(/ -c (\w+)=/g)].map(([, key]) => key!)))(
    '%s: cdk deploy -c %s=…',
    (_path, key) => {
      const known = new Set<string>()
      readContext((name) => void known.add(name))
      expect(known).toContain(key)
    },
  )

  it.each(said(({ text }) => text.match(/\bOTPOST_[A-Z_]+\b/g) ?? []))(
    '%s: %s is read by the local stack',
    (_path, name) => expect(source('bin/dev.ts')).toContain(name),
  )
})

const ROUTES = [
  ...VALIDATE_ROUTES,
  ...ADMIN_ROUTES,
  ...LINOTP_VALIDATE_ROUTES,
  ...LINOTP_ADMIN_ROUTES,
  ...V1_LOGIN_ROUTES,
  ...V1_SELF_ROUTES,
  ...V1_ADMIN_ROUTES,
].map(({ method, path }) => ({ method, path, handle: undefined }))

describe('routes', () => {
  it.each(
    said(({ words }) => words.filter((word) => /^([A-Z]+ )?\/[a-z]/.test(word)), REPLAYED).filter(
      ([, word]) => !/^\/otpost\//.test(word),
    ),
  )('%s: %s', (_path, word) => {
    const [path, method] = word.split(' ').toReversed() as [string, string?]
    const prefix = path.replace(/…$/, '')
    const there = ROUTES.filter((route) => method === undefined || route.method === method)
    const fits = (route: { path: string }) =>
      path.endsWith('…') || existsBelow(prefix)
        ? route.path.startsWith(prefix)
        : findRoute([{ ...route, method: 'GET', handle: undefined }], { method: 'GET', path })
    expect(there.some(fits)).toBe(true)
  })

  it.each(said(({ shell }) => shell.filter((line) => line.includes('curl '))))(
    '%s: %s',
    (_path, line) => {
      const url = /(?:https?:\/\/[\w.]+:8080|<ApiUrl>)(\/[^\s"')?|]*)/.exec(line)?.[1]
      expect(url).toBeDefined()
      const path = url!.replaceAll(/<[^>]+>/g, 'x')
      const method = / -X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET')
      expect(findRoute(ROUTES, { method, path })).toHaveProperty('values')
    },
  )
})

/** Names of a group of routes, such as `/validate` and `/v1`. */
const existsBelow = (path: string) => ROUTES.some((route) => route.path.startsWith(`${path}/`))

const isParameter = (name: string) =>
  entryOf(name) !== undefined || PARAMETER_REFERENCE.some((entry) => entry.name === name)

describe('parameters', () => {
  const folders = PARAMETER_REFERENCE.flatMap(({ name }) => name.split(/[./]/).slice(0, -1))
  const mentioned = said(
    ({ words }) =>
      words.flatMap(
        (word) => /^((\w+)[./][\w./<>]*)(?:=.*)?$/.exec(word)?.slice(1, 3).join(' ') ?? [],
      ),
    REPLAYED,
  ).flatMap(([path, pair]) => {
    const [name, folder] = pair.split(' ') as [string, string]
    return folders.includes(folder) && !/\.(ts|md|json|eml)$/.test(name) ? [[path, name]] : []
  })

  it.each(mentioned)('%s: %s', (_path, name) => expect(isParameter(name!)).toBe(true))
})

describe('links', () => {
  it.each(said(({ text }) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!)))(
    '%s: %s',
    (path, to) => {
      if (/^https?:/.test(to)) return
      const [file, anchor] = to.split('#') as [string, string?]
      const target = file === '' ? path : join(dirname(path), file)
      expect(existsSync(ROOT + target)).toBe(true)
      if (anchor !== undefined) expect(page(target).anchors).toContain(anchor)
    },
  )
})

describe('the README', () => {
  it('can be read in one go', () => {
    expect(page('README.md').text.split('\n').length).toBeLessThanOrEqual(230)
  })

  it('leads to every page', () => {
    const others = PAGES.filter(({ path }) => path !== 'README.md')
    for (const { path } of others) expect(page('README.md').text).toContain(`](${path}`)
  })

  it('draws every function and every table', () => {
    for (const name of functions())
      expect(page('README.md').text).toMatch(new RegExp(`\\b${name}\\b`))
    for (const table of ['tokens', 'challenges', 'records']) {
      expect(page('README.md').text).toContain(`${table} (table)`)
    }
  })
})

/** The README in another language: the same but for the words of people. */
describe('T01: the README in Simplified Chinese', () => {
  const english = page('README.md')
  const chinese = page('.github/README.zh-CN.md')
  const counted =
    (pattern: RegExp) =>
    ({ text }: Page) =>
      (text.match(pattern) ?? []).length
  const linked = ({ text, path }: Page) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to]) => (/^https?:/.test(to!) ? to! : join(dirname(path), to!)))
      .filter((to) => to !== english.path && to !== chinese.path)

  it.each<[string, (one: Page) => unknown]>([
    ['the levels of its headings', ({ headings }) => headings.map(({ level }) => level)],
    ['its commands', ({ shell }) => shell],
    ['its fenced blocks', ({ text }) => text.match(/^```\w*$/gm)],
    ['where its links lead', linked],
    ['its rows of tables', counted(/^\|/gm)],
    ['its points of lists', counted(/^- /gm)],
    // the figure has none, and words for people only
    ['what it says in code', ({ words }) => words.toSorted()],
  ])('has %s in common with the English one', (_what, of) => {
    expect(of(chinese)).toEqual(of(english))
  })

  it('says every number that the English one says', () => {
    const numbers = ({ text }: Page) =>
      [...text.replaceAll(/\]\([^)]*\)/g, '').matchAll(/\d[\d,.]*\d|\d/g)].map(([one]) => one)
    const missing = new Set(numbers(english))
    for (const number of numbers(chinese)) missing.delete(number)
    expect([...missing]).toEqual([])
  })

  it('is in Chinese: each heading and each paragraph', () => {
    const prose = chinese.text.replaceAll(/^```[^]*?^```$/gm, '').split('\n')
    const said = prose.filter((line) => !/^(# Otpost|\||!?\[|)$|^\|[ -|]*$/.test(line))
    expect(said.filter((line) => !/\p{Script=Han}/u.test(line))).toEqual([])
  })

  it('and the English one lead to each other', () => {
    expect(english.text).toContain('[简体中文](.github/README.zh-CN.md)')
    expect(chinese.text).toContain('[English](../README.md)')
  })
})

/** The entries, by the names their functions have. */
const functions = () =>
  [...source('lib/functions.ts').matchAll(/= make\('([\w-]+)'/g)].map(([, name]) => name!)

describe('the runbook', () => {
  it('has a section for each alarm, and no section of a second level for anything else', () => {
    const alarms = [...source('lib/alarms.ts').matchAll(/name: '([\w-]+)'/g)].map(
      ([, name]) => name,
    )
    const sections = page('.github/RUNBOOK.md').headings.filter(({ level }) => level === 2)
    expect(sections.map(({ text }) => text).toSorted()).toEqual(alarms.toSorted())
  })
})

describe('the page on policies', () => {
  it('has every action that has an effect', () => {
    const { words } = page('.github/POLICIES.md')
    const named = new Set(words.map((word) => word.split('=', 1)[0]))
    const actions = Object.values(ACTIONS).flatMap((catalogue) => Object.keys(catalogue))
    expect(actions.filter((action) => !named.has(action))).toEqual([])
  })
})

describe('the security page', () => {
  const rows = new Map(
    [...page('.github/SECURITY.md').text.matchAll(/^\| `([\w-]+)` .*\| (.*?) *\|$/gm)].map(
      ([, name, keys]) => [name!, keys!.match(/\w+/g)!],
    ),
  )

  it('has every function', () => {
    expect([...rows.keys()].toSorted()).toEqual(functions().toSorted())
  })

  it('tells which keys each may open, as the stack grants them', () => {
    const grants = [
      ...source('lib/service-stack.ts').matchAll(
        /dataKey\.grant\w+\(\s*(\w+),\s*(?:\[([^\]]*)\]|KEY_PURPOSES\))/g,
      ),
    ]
    const named = (fn: string) => fn.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const granted = new Map(
      grants.map(([, fn, keys]) => [named(fn!), keys?.match(/\w+/g) ?? [...KEY_PURPOSES]]),
    )
    for (const [name, keys] of rows) expect(keys).toEqual(granted.get(name) ?? ['none'])
  })
})
