import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJsonObject } from '../../functions/core/json-text.ts'

const why = (text: string) => {
  const reading = readJsonObject(text)
  return 'refused' in reading ? reading.refused : undefined
}

describe('JSON that cannot be read', () => {
  it.each([
    [`{'SMTP_SERVER': 'x'}`, 'line 1, column 2 (offset 1) on; names and texts need double quotes'],
    [`{"a": 1,\n "b": 'x'}`, 'line 2, column 7 (offset 15) on; names and texts need double quotes'],
    [`{"a": 1\r\n "b": 2}`, 'line 2, column 2 (offset 10) on'],
    [`{"a": 1,}`, 'line 1, column 9 (offset 8) on'],
    [`{"a" 1}`, 'line 1, column 6 (offset 5) on'],
    [`{"a": True}`, 'line 1, column 7 (offset 6) on'],
    [`{"a": 01}`, 'line 1, column 7 (offset 6) on'],
    [`{"a": "x}`, 'line 1, column 7 (offset 6) on'],
    [`{"a": "\\x"}`, 'line 1, column 7 (offset 6) on'],
    [`{"a": [1, 2}`, 'line 1, column 12 (offset 11) on'],
    [`{"a": 1} x`, 'line 1, column 10 (offset 9) on'],
    [`smtp.example.org`, 'line 1, column 1 (offset 0) on'],
  ])('%j: the place is told', (text, place) => {
    expect(why(text)).toBe(`is not JSON: it cannot be read from ${place}`)
  })

  it.each(['{"a": 1', '{"a":', '{"a"', '{', '[1,', ''])('%j ends too early', (text) => {
    expect(why(text)).toMatch(/^is not JSON: it ends too early, at line 1/)
  })

  it('is never quoted, whatever it is, and what JSON can read is read', () => {
    const noise = fc.stringMatching(/^[{}[\],:"' \\0-9eEtrufalsn.+-]{0,24}$/)
    fc.assert(
      fc.property(noise, (text) => {
        let value: unknown
        try {
          value = JSON.parse(text)
        } catch {
          expect(why(text)).toMatch(
            /^is not JSON: it (cannot be read from|ends too early, at) line \d/,
          )
          return
        }
        expect(why(text)?.startsWith('is not JSON:')).not.toBe(true)
        if (why(text) === undefined) expect(readJsonObject(text)).toEqual({ value })
      }),
      { numRuns: 2000 },
    )
  })

  it('may be as deep as it likes', () => {
    expect(why('['.repeat(100_000))).toMatch(/ends too early/)
  })
})

it.each(['[1]', '"x"', '1', 'null'])('%s is JSON and no object', (text) => {
  expect(why(text)).toBe('is not a JSON object')
})
