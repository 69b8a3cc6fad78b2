import { describe, expect, it } from 'vitest'
import { addressKey, sameMailbox } from '../../../functions/core/address/address-key.ts'

describe('two addresses are one mailbox', () => {
  it.each([
    ['alice@x.example', 'Alice@X.Example', true],
    ['a@bücher.example', 'A@xn--bcher-kva.EXAMPLE', true],
    ['jürgen@x.example', 'JU\u0308RGEN@x.example', true],
    ['alice@x.example', 'alice+otp@x.example', false],
    ['al.ice@x.example', 'alice@x.example', false],
    ['alice@x.example', 'alice@y.example', false],
    // Cyrillic
    ['alice@x.example', 'аlice@x.example', false],
  ])('%s and %s: %s', (one, other, same) => {
    expect(sameMailbox(one, other)).toBe(same)
    expect(sameMailbox(other, one)).toBe(same)
  })

  it('by a key of lower case and ASCII domain', () => {
    expect(addressKey('Jürgen@BÜCHER.example')).toBe('jürgen@xn--bcher-kva.example')
  })
})
