import { describe, expect, it } from 'vitest'
import {
  asciiDomain,
  isAsciiMailbox,
  isMailbox,
  wireAddress,
} from '../../functions/mail/mailbox.ts'

describe('isMailbox', () => {
  it.each([
    'alice@x.example',
    'Alice.Cooper+otp@mail.x.example',
    "o'brien_{1}!#$%&*/=?^`|~-@x.example",
    'privacyidea@localhost',
    'jürgen@bücher.example',
    '用户@例子.example',
    'alice@xn--bcher-kva.example',
    'a@3com.example',
    `${'a'.repeat(64)}@x.example`,
  ])('takes %s', (address) => expect(isMailbox(address)).toBe(true))

  it.each([
    '',
    'alice',
    '@x.example',
    'alice@',
    'a@b@x.example',
    'a@x.example,b@y.example',
    'a@x.example;b@y.example',
    'Alice <alice@x.example>',
    '<alice@x.example>',
    'alice@x.example\r\nBcc: b@y.example',
    'alice\r\n@x.example',
    'alice@x.example\n',
    'alice@x.exam\0ple',
    ' alice@x.example',
    'alice @x.example',
    '"alice cooper"@x.example',
    'alice(comment)@x.example',
    '.alice@x.example',
    'alice.@x.example',
    'al..ice@x.example',
    'alice@x..example',
    'alice@x.example.',
    'alice@-x.example',
    'alice@x_y.example',
    'alice@[127.0.0.1]',
    'alice@127.0.0.1',
    'alice@1',
    'alice\u202e@x.example',
    'alice\u00a0@x.example',
    'alice@x\u3002example\u200b',
    'alice\uff20x.example',
    `${'a'.repeat(65)}@x.example`,
    `${'ü'.repeat(33)}@x.example`,
    `alice@${'a'.repeat(64)}.example`,
    `alice@${'a.'.repeat(127)}example`,
  ])('refuses %j', (address) => expect(isMailbox(address)).toBe(false))
})

describe('wireAddress', () => {
  it.each([
    ['Alice@X.Example', 'Alice@X.Example'],
    ['alice@bücher.example', 'alice@xn--bcher-kva.example'],
    ['jürgen@bücher.example', 'jürgen@bücher.example'],
  ])('sends %s as %s', (mailbox, wire) => expect(wireAddress(mailbox)).toBe(wire))

  it('needs SMTPUTF8 for local parts beyond ASCII only', () => {
    expect(isAsciiMailbox('alice@bücher.example')).toBe(true)
    expect(isAsciiMailbox('jürgen@x.example')).toBe(false)
    expect(asciiDomain('jürgen@bücher.example')).toBe('xn--bcher-kva.example')
  })
})
