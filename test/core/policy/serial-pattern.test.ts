import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesSerial, patternRefusal } from '../../../functions/core/policy/serial-pattern.ts'

describe('a pattern for serials', () => {
  it.each(['^OATH', '^(EM|PIEM)[0-9A-F]{8}$', 'EM.*7$', '\\d+', '[(?*+]a', '^a?b*$', '\\(+'])(
    'may be %s',
    (pattern) => {
      expect(patternRefusal(pattern)).toBeUndefined()
    },
  )

  it.each([
    ['(', 'no regular expression'],
    ['x'.repeat(65), '65 characters'],
    ['(a+)+$', 'repeats a group'],
    ['(a|aa)*', 'repeats a group'],
    ['(ab){2}', 'repeats a group'],
    ['(a|a)(a|a)', 'more than 1 group'],
    ['a*a*a*', 'more than 2'],
    ['a?a?a{1,3}', 'more than 2'],
    ['(?=a)', 'not plain'],
    ['(a)\\1', 'refers back'],
  ])('may not be %s', (pattern, reason) => {
    expect(patternRefusal(pattern)).toContain(reason)
  })

  it('is never slow, whatever is accepted', () => {
    const part = fc.constantFrom(
      'a',
      '.',
      '[ab]',
      '*',
      '+',
      '?',
      '{1,9}',
      '{3}',
      '(',
      ')',
      '|',
      '\\w',
    )
    const pattern = fc.array(part, { maxLength: 20 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(pattern, (each) => {
        if (patternRefusal(each) !== undefined) return
        const started = performance.now()
        matchesSerial(new RegExp(`${each}X`), 'a'.repeat(64))
        expect(performance.now() - started).toBeLessThan(3000)
      }),
      { numRuns: 2000 },
    )
  })

  it('finds nothing in what is longer than any serial', () => {
    expect(matchesSerial(/^a/, 'a'.repeat(64))).toBe(true)
    expect(matchesSerial(/^a/, 'a'.repeat(65))).toBe(false)
  })
})
