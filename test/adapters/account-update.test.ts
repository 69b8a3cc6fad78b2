import { describe, expect, it } from 'vitest'
import { accountUpdate } from '../../functions/adapters/account-update.ts'
import type { Account } from '../../functions/core/account.ts'
import { testAccount, testToken } from '../support/accounts.ts'

const TWO = testAccount({ rev: 7 }, testToken('EMONE'), testToken('EMTWO'))

/** The expressions with names and values put in, as a person would read them. */
function readable(before: Account, after: Account) {
  const update = accountUpdate(before, after, 'me')
  const names = update.ExpressionAttributeNames
  const values = update.ExpressionAttributeValues
  const spell = (text: string) =>
    text
      .replace(/#\w+/g, (name) => names[name]!)
      .replace(/:\w+/g, (value) => JSON.stringify(values[value]))
  return {
    update: spell(update.UpdateExpression),
    condition: spell(update.ConditionExpression),
    used: update.UpdateExpression + update.ConditionExpression,
    names: Object.keys(names),
    values: Object.keys(values),
  }
}

const withTokens = (tokens: Account['tokens']): Account => ({ ...TWO, tokens })

describe('the update of an account', () => {
  it('is conditioned on the revision it was read at and signed by its writer', () => {
    const { update, condition } = readable(TWO, TWO)
    expect(update).toBe('SET rev = 8, writer = "me"')
    expect(condition).toBe('rev = 7')
  })

  it('writes only what differs', () => {
    expect(readable(TWO, { ...TWO, consecutive: 1, wrong: [5] }).update).toBe(
      'SET rev = 8, writer = "me", wrong = [5], consecutive = 1',
    )
  })

  it('touches single fields of a token, never its secret', () => {
    const token = { ...TWO.tokens.EMONE!, counter: 1, failcount: 2 }
    expect(readable(TWO, withTokens({ ...TWO.tokens, EMONE: token })).update).toBe(
      'SET rev = 8, writer = "me", tokens.EMONE.counter = 1, tokens.EMONE.failcount = 2',
    )
  })

  it('adds and takes away whole tokens', () => {
    const next = testToken('EMNEW')
    const { update } = readable(TWO, withTokens({ EMTWO: TWO.tokens.EMTWO!, EMNEW: next }))
    expect(update).toBe(
      `SET rev = 8, writer = "me", tokens.EMNEW = ${JSON.stringify(next)} REMOVE tokens.EMONE`,
    )
  })

  it('removes what became undefined and leaves what is equal but not the same object', () => {
    const after = { ...TWO, email: undefined, wrong: [...TWO.wrong], open: [] }
    expect(readable(TWO, after).update).toBe('SET rev = 8, writer = "me" REMOVE email')
  })

  it.each([
    ['nothing', TWO],
    ['one token of two', withTokens({ ...TWO.tokens, EMONE: testToken('EMONE', { counter: 1 }) })],
    ['a token that goes', withTokens({ EMONE: TWO.tokens.EMONE! })],
    ['a budget', { ...TWO, consecutive: 1 }],
  ])('names nothing that it does not use: %s', (_what, after) => {
    const { used, names, values } = readable(TWO, after)
    const uses = (text: string) => new RegExp(`${text}\\b`).test(used)
    expect([...names, ...values].filter((text) => !uses(text))).toEqual([])
  })
})
