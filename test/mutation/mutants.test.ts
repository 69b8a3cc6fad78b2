import { describe, expect, it } from 'vitest'
import { mutantsOf, planted } from './mutants.ts'

const faultsOf = (source: string) => mutantsOf(source).map((mutant) => planted(source, mutant))

describe('faults are planted', () => {
  it.each([
    ['at a bound', 'f(a < b)', ['f(a <= b)']],
    ['in a comparison', 'f(a === b)', ['f(a !== b)']],
    ['in a decision', 'f(a && b)', ['f(a || b)']],
    ['in a sum', 'f(a - b)', ['f(a + b)']],
    ['in a negation', 'f(!a)', ['f(a)']],
    ['in a number', 'f(5)', ['f((5 + 1))']],
    ['in a flag', 'f(true)', ['f(false)']],
    ['in what is chosen', 'f(a ? b : c)', ['f(true ? b : c)', 'f(false ? b : c)']],
    ['where something is done', 'f(a)', []],
    ['where something more is said', 'f({ ...(a) })', ['f({ ...{} })']],
  ])('%s', (_where, statement, expected) => {
    expect(faultsOf(`${statement}\n`)).toEqual([';\n', ...expected.map((text) => `${text}\n`)])
  })

  it('never in texts that are joined, in types or in imports', () => {
    const source = [
      "import { a } from '1 < 2'",
      'type B = 5 | true',
      "export const c = 'x' + a",
      'export const d = (e: 7) => e as B',
    ].join('\n')
    expect(mutantsOf(source)).toEqual([])
  })

  it('with the line they are on', () => {
    expect(mutantsOf('const a = 1\nconst b = c < d').map(({ line }) => line)).toEqual([1, 2])
  })
})
