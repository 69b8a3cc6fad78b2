import { describe, expect, it } from 'vitest'
import {
  type Domains,
  type DomainVerdict,
  rememberDomains,
} from '../../../functions/core/address/domains.ts'

const MINUTE = 60_000

function asked(answer: () => DomainVerdict | Promise<DomainVerdict>, most?: number) {
  const questions: string[] = []
  let time = 0
  const source: Domains = {
    async check(domain) {
      questions.push(domain)
      return answer()
    },
  }
  const domains = rememberDomains(source, () => time, most)
  return { questions, check: domains.check, pass: (ms: number) => (time += ms) }
}

describe('a verdict', () => {
  it.each<[DomainVerdict, number]>([
    ['accepts', 60 * MINUTE],
    ['no_mail', 5 * MINUTE],
    ['null_mx', 5 * MINUTE],
    ['unknown_domain', 5 * MINUTE],
    ['dns_failed', 5000],
  ])('%s is believed for %i ms', async (verdict, lifetime) => {
    const { check, pass, questions } = asked(() => verdict)
    expect(await check('x.example')).toBe(verdict)
    pass(lifetime - 1)
    expect(await check('x.example')).toBe(verdict)
    expect(questions).toHaveLength(1)
    pass(1)
    await check('x.example')
    expect(questions).toHaveLength(2)
  })

  it('counts from the answer, and is replaced by the next', async () => {
    const verdicts: DomainVerdict[] = ['dns_failed', 'accepts']
    const { check, pass, questions } = asked(() => verdicts.shift()!)
    expect(await check('x.example')).toBe('dns_failed')
    pass(5000)
    expect(await check('x.example')).toBe('accepts')
    pass(59 * MINUTE)
    expect(await check('x.example')).toBe('accepts')
    expect(questions).toHaveLength(2)
  })

  it('is of one domain', async () => {
    const verdicts: DomainVerdict[] = ['accepts', 'null_mx']
    const { check } = asked(() => verdicts.shift()!)
    expect(await check('x.example')).toBe('accepts')
    expect(await check('y.example')).toBe('null_mx')
    expect(await check('x.example')).toBe('accepts')
  })
})

it('asks once for all who ask at the same time', async () => {
  const { check, questions } = asked(() => 'accepts')
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => check('x.example')))
  expect(new Set(verdicts)).toEqual(new Set(['accepts']))
  expect(questions).toHaveLength(1)
})

it('forgets the oldest when there are too many', async () => {
  const { check, questions } = asked(() => 'accepts', 2)
  for (const domain of ['a', 'b', 'c', 'c', 'b']) await check(domain)
  expect(questions).toEqual(['a', 'b', 'c'])
  await check('a')
  expect(questions).toEqual(['a', 'b', 'c', 'a'])
})
