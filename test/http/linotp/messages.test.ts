import { describe, expect, it } from 'vitest'
import { messagesFor } from '../../../functions/http/linotp/messages.ts'
import { messagesFor as loginMessagesFor } from '../../../functions/http/privacyidea/messages.ts'

const WIRES = { linotp: messagesFor, privacyidea: loginMessagesFor }
const english = Object.entries(WIRES).flatMap(([wire, messages]) =>
  Object.entries(messages(undefined)).map(([name, sentence]) => ({ wire, name, sentence })),
)
const sentenceIn = (language: string, wire: string, name: string) =>
  new Map(Object.entries(WIRES[wire as keyof typeof WIRES](language))).get(name)
const tagsOf = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].flat().sort()

describe.each(['de', 'zh-CN'])('T01: in %s', (language) => {
  it.each(english)('$wire has words of its own for $name, with the same values', (one) => {
    const { wire, name, sentence } = one
    const translated = sentenceIn(language, wire, name)
    expect(translated?.trim()).toBeTruthy()
    expect(translated).not.toBe(sentence)
    expect(tagsOf(translated!)).toEqual(tagsOf(sentence))
  })
})

it('LinOTP has no word that the login means otherwise', () => {
  const login = Object.keys(loginMessagesFor(undefined))
  const own = Object.keys(messagesFor(undefined)).slice(login.length)
  expect(own.filter((name) => login.includes(name))).toEqual([])
  expect(own.length).toBeGreaterThan(0)
})

it.each([undefined, '', 'xx', 'fr;q=0.9, tlh'])('%j is answered in English', (language) => {
  expect(messagesFor(language)).toEqual(messagesFor('en'))
})
