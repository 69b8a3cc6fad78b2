import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatActionText, readActionText } from '../../../functions/core/policy/action-text.ts'

describe('the text of actions', () => {
  it.each([
    ['emailautosend', { emailautosend: true }],
    ['disable, enable,delete', { disable: true, enable: true, delete: true }],
    [
      "emailtext=Hallo {user}\\, wie geht's: <otp>, emailautosend",
      { emailtext: "Hallo {user}, wie geht's: <otp>", emailautosend: true },
    ],
    [
      'emailtext=Zeile1\\, mit Komma: <otp>, emailsubject=Dein Code\\, Schatz',
      { emailtext: 'Zeile1, mit Komma: <otp>', emailsubject: 'Dein Code, Schatz' },
    ],
    ['emailtext=a=b', { emailtext: 'a=b' }],
    [' otppin = none ,, ', { otppin: 'none' }],
    ['', {}],
    ['delete, delete', { delete: true }],
  ])('%j is read', (text, actions) => {
    expect(readActionText(text)).toEqual({ value: actions })
  })

  it('is refused when it sets one action to two values', () => {
    expect(readActionText('otppin=none, otppin=userstore')).toEqual({
      refused: 'sets otppin twice',
    })
  })

  it('is read as it was written', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_]{1,12}$/)
    const text = fc
      .string({ unit: fc.constantFrom(...'ab,\\= \n{}ü'), minLength: 1 })
      .map((each) => each.trim())
      .filter((each) => each !== '' && !each.endsWith('\\'))
    const actions = fc.dictionary(name, fc.oneof(text, fc.constant(true as const)), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(actions, (each) => {
        expect(readActionText(formatActionText(each))).toEqual({ value: each })
      }),
    )
  })
})
