import { mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Parameters, parseParameters, parsePatch } from '../../../lib/local/parameters.ts'
import type { ParameterChange } from '../../../lib/local/parameters.ts'

let file: string
let parameters: Parameters
let told: ParameterChange[][]
let wake = () => {}
const opened: Parameters[] = []

function open(): Parameters {
  const opening = new Parameters(file)
  opening.follow((changes) => {
    told.push(changes)
    wake()
  })
  opened.push(opening)
  return opening
}

/** The next changes the parameters tell of. */
const nextChanges = () =>
  new Promise<ParameterChange[]>((resolve) => {
    wake = () => resolve(told.at(-1)!)
  })
const written = () => JSON.parse(readFileSync(file, 'utf8')) as unknown

beforeEach(() => {
  told = []
  file = join(mkdtempSync(join(tmpdir(), 'otpost-parameters-')), 'parameters.json')
  parameters = open()
})
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  vi.restoreAllMocks()
})

describe('parameters', () => {
  test('are kept in a sorted file only its owner can read', () => {
    parameters.merge({ b: '2', a: '1' })
    expect(readFileSync(file, 'utf8')).toBe('{\n  "a": "1",\n  "b": "2"\n}\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(open().values()).toEqual({ a: '1', b: '2' })
  })

  test('count versions and tell of each change', () => {
    expect(parameters.put('email.validtime', '60').version).toBe(1)
    expect(parameters.put('email.validtime', '60').version).toBe(2)
    expect(told).toEqual([
      [{ name: 'email.validtime', operation: 'Create', secure: false }],
      [{ name: 'email.validtime', operation: 'Update', secure: false }],
    ])
  })

  test('say what a replacement changed', () => {
    parameters.merge({ same: '1', other: '1', gone: '1' })
    expect(parameters.replace({ same: '1', other: '2', fresh: true })).toEqual([
      { name: 'gone', operation: 'Delete', secure: false },
      { name: 'other', operation: 'Update', secure: false },
      { name: 'fresh', operation: 'Create', secure: false },
    ])
    expect(written()).toEqual({ fresh: 'true', other: '2', same: '1' })
  })

  test('hide secrets, and keep them when they are written back hidden', () => {
    parameters.merge({ 'email.password': 'hunter2', 'email.port': 25 })
    expect(parameters.values()).toEqual({ 'email.password': '***', 'email.port': '25' })
    parameters.replace({ 'email.password': '***' })
    expect(parameters.get('email.password')!.value).toBe('hunter2')
  })

  test('remember that a value was stored as a secret', () => {
    parameters.put('providers/relay', 'secret', true)
    expect(open().values()).toEqual({ 'providers/relay': '***' })
  })
})

describe('an edit by hand', () => {
  beforeEach(() => {
    parameters.merge({ a: '1' })
  })

  test.each([
    ['in place', (text: string) => writeFileSync(file, text)],
    [
      'by replacing the file',
      (text: string) => {
        writeFileSync(`${file}~`, text)
        renameSync(`${file}~`, file)
      },
    ],
  ])('%s is taken at once', async (_how, save) => {
    const saved = Date.now()
    const changes = nextChanges()
    save('{"a": 2, "b": "x"}')
    expect(await changes).toEqual([
      { name: 'a', operation: 'Update', secure: false },
      { name: 'b', operation: 'Create', secure: false },
    ])
    expect(Date.now() - saved).toBeLessThan(5000)
    expect(parameters.values()).toEqual({ a: '2', b: 'x' })
  })

  test('that is not JSON is not written over: somebody is editing it', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    writeFileSync(file, '{ "a": "edited", }')
    expect(() => open().put('b', '2')).toThrow(/mend or delete it first/)
    expect(readFileSync(file, 'utf8')).toContain('edited')
  })

  test('that is not JSON changes nothing, and is said in one line', async () => {
    const said = new Promise<string>((resolve) => {
      vi.spyOn(console, 'error').mockImplementation((line: string) => resolve(line))
    })
    writeFileSync(file, '{"a": "2", "email.password": "hunter2"')
    const line = await said
    expect(line).toContain(`${file}: This is not JSON`)
    expect(line).not.toContain('\n')
    expect(line).not.toContain('hunter2')
    expect(parameters.values()).toEqual({ a: '1' })
    const changes = nextChanges()
    writeFileSync(file, '{"a": "2"}')
    await changes
    expect(parameters.values()).toEqual({ a: '2' })
  })

  test('is not lost when something is written right after it', () => {
    writeFileSync(file, '{"a": "1", "b": "by hand"}')
    parameters.merge({ c: '3' })
    expect(written()).toEqual({ a: '1', b: 'by hand', c: '3' })
  })
})

test.each([
  ['[]', 'one JSON object'],
  ['"x"', 'one JSON object'],
  ['{"a": {}}', '"a" must be a string, a number or a boolean'],
  ['{"a": null}', '"a" must be a string, a number or a boolean'],
  ['{"a b": 1}', "is not a parameter's name"],
  ['{', 'This is not JSON'],
])('%s is refused with a sentence', (text, message) => {
  expect(() => parseParameters(text)).toThrow(message)
})

test('a patch may remove', () => {
  expect(parsePatch('{"a": null}')).toEqual({ a: null })
})
