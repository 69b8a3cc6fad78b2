import { describe, expect, it } from 'vitest'
import { renderPolicyText } from '../../functions/mail/policy-text.ts'

const tags = new Map([
  ['otp', '287082'],
  ['user', '{otp} <b>'],
])
const render = (template: string) => renderPolicyText(template, tags)

describe('the text of a policy', () => {
  it.each([
    ['Code {otp}, again <otp>', 'Code 287082, again 287082'],
    ['{user} is read once', '{otp} <b> is read once'],
    ['{{otp}} and }}{{', '{otp} and }{'],
    ['<p>{otp}</p>', '<p>287082</p>'],
    ['no tags', 'no tags'],
    ['', ''],
  ])('%j reads %j', (template, text) => {
    expect(render(template)).toEqual({ text })
  })

  it.each([
    ['unknown {nosuchtag} {otp}', 'names the unknown tag {nosuchtag}'],
    ['brace { {otp}', 'has a lone {'],
    ['{otp} }', 'has a lone }'],
    ['{otp!r}', 'has a lone {'],
    ['{otp.__class__}', 'has a lone {'],
    ['{0}', 'names the unknown tag {0}'],
    ['{constructor}', 'names the unknown tag {constructor}'],
  ])('%j cannot be written: %s', (template, refused) => {
    expect(render(template)).toEqual({ refused })
  })
})
