import { describe, expect, it } from 'vitest'
import { DOMAIN_FAULTS, refusedFor, SYNTAX_FAULTS } from '../../../functions/core/address/faults.ts'
import { addressSentence } from '../../../functions/core/address/sentences.ts'
import { LOCALES } from '../../../functions/mail/locale.ts'

const FAULTS = [...SYNTAX_FAULTS, ...DOMAIN_FAULTS]

describe.each(LOCALES)('in %s', (locale) => {
  it('every fault has a sentence of its own', () => {
    const sentences = FAULTS.map((fault) => addressSentence(fault, locale))
    for (const sentence of sentences) expect(sentence).toMatch(/^\S.{5,160}[.。]$/u)
    expect(new Set(sentences).size).toBe(FAULTS.length)
  })
})

it('T01: every language has words of its own', () => {
  for (const fault of FAULTS) {
    const words = LOCALES.map((locale) => addressSentence(fault, locale))
    expect(new Set(words).size, fault).toBe(LOCALES.length)
  }
})

it('a refusal speaks English', () => {
  expect(refusedFor('no_at').refused.message).toBe(addressSentence('no_at', 'en'))
})
