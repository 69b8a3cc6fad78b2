import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseAddress } from '../../../functions/core/address/normalise-address.ts'
import { isMailbox, wireAddress } from '../../../functions/mail/mailbox.ts'

const codeOf = (text: string) => {
  const reading = normaliseAddress(text)
  return 'refused' in reading ? reading.refused.code : undefined
}

describe('an address is taken', () => {
  const label63 = 'a'.repeat(63)
  it.each([
    // as typed
    ['user+tag@example.photography', 'user+tag@example.photography', 'example.photography'],
    ['Alice.Cooper@Example.ORG', 'Alice.Cooper@example.org', 'example.org'],
    ["o'brien_{1}!#$%&*/=?^`|~-@x.example", "o'brien_{1}!#$%&*/=?^`|~-@x.example", 'x.example'],
    ['1@3com.example', '1@3com.example', '3com.example'],
    ['-a-@x.example', '-a-@x.example', 'x.example'],
    ['a@r3---sn.example', 'a@r3---sn.example', 'r3---sn.example'],
    ['a@b.c.d.e.f.example', 'a@b.c.d.e.f.example', 'b.c.d.e.f.example'],
    ['a@x.xn--p1ai', 'a@x.рф', 'x.xn--p1ai'],
    // white space and the keyboard
    ['  alice@x.example\n', 'alice@x.example', 'x.example'],
    ['\ufeffalice@x.example\u3000', 'alice@x.example', 'x.example'],
    ['alice＠x.example', 'alice@x.example', 'x.example'],
    ['alice@ｘ。ｅｘａｍｐｌｅ', 'alice@x.example', 'x.example'],
    ['alice@x．example', 'alice@x.example', 'x.example'],
    ['alice@x｡example', 'alice@x.example', 'x.example'],
    // international names
    ['jürgen@bücher.example', 'jürgen@bücher.example', 'xn--bcher-kva.example'],
    ['ju\u0308rgen@BU\u0308CHER.example', 'jürgen@bücher.example', 'xn--bcher-kva.example'],
    ['a@XN--BCHER-KVA.example', 'a@bücher.example', 'xn--bcher-kva.example'],
    ['a@straße.example', 'a@straße.example', 'xn--strae-oqa.example'],
    ['用户@例子.测试', '用户@例子.测试', 'xn--fsqu00a.xn--0zwm56d'],
    ['δοκιμή@παράδειγμα.example', 'δοκιμή@παράδειγμα.example', 'xn--hxajbheg2az3al.example'],
    ['почта@почта.рф', 'почта@почта.рф', 'xn--80a1acny.xn--p1ai'],
    ['अ@उदाहरण.भारत', 'अ@उदाहरण.भारत', 'xn--p1b6ci4b4b3a.xn--h2brj9c'],
    ['a@שלום.example', 'a@שלום.example', 'xn--9dbne9b.example'],
    ['user東京@東京tower.example', 'user東京@東京tower.example', 'xn--tower-w91hq39l.example'],
    // letters people cannot tell from others are shown as DNS has them
    ['a@l·l.example', 'a@xn--ll-0ea.example', 'xn--ll-0ea.example'],
    ['a@☃.example', 'a@xn--n3h.example', 'xn--n3h.example'],
    ['a@نامه\u200cای.example', 'a@xn--mgba3gch31f060k.example', 'xn--mgba3gch31f060k.example'],
    // lengths, in octets
    [`${'a'.repeat(64)}@x.example`, `${'a'.repeat(64)}@x.example`, 'x.example'],
    [`${'ü'.repeat(32)}@x.example`, `${'ü'.repeat(32)}@x.example`, 'x.example'],
    [`a@${label63}.example`, `a@${label63}.example`, `${label63}.example`],
  ])('%j becomes %j', (typed, address, domain) => {
    expect(normaliseAddress(typed)).toEqual({ address, domain })
  })

  it('of exactly 254 octets', () => {
    const domain = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(54)}.example`
    const address = `${'l'.repeat(64)}@${domain}`.slice(64 + 1 + domain.length - 254)
    expect(address).toHaveLength(254)
    expect(normaliseAddress(address)).toEqual({ address, domain })
    expect(codeOf(`l${address}`)).toBe('too_long')
  })
})

describe('an address is refused, with the reason', () => {
  it.each([
    ['', 'empty'],
    [' \t\r\n', 'empty'],
    ['a'.repeat(1001), 'too_long'],
    [`${'a'.repeat(990)}@x.example, b@y.example`, 'too_long'],
    ['a\ud800@x.example', 'invalid_unicode'],
    ['a@\udc00x.example', 'invalid_unicode'],
    // header and command injection
    ['alice@x.example\r\nBcc: b@y.example', 'control_character'],
    ['alice\r\n@x.example', 'control_character'],
    ['alice@x.example\n\n.\nDATA', 'control_character'],
    ['alice@x.exam\0ple', 'control_character'],
    ['al\tice@x.example', 'control_character'],
    ['alice\u0085@x.example', 'control_character'],
    ['alice\u2028@x.example', 'control_character'],
    ['alice\x7f@x.example', 'control_character'],
    // what nobody sees
    ['alice\u202e@x.example', 'invisible_character'],
    ['\u2066alice\u2069@x.example', 'invisible_character'],
    ['al\u200bice@x.example', 'invisible_character'],
    ['al\u200dice@x.example', 'invisible_character'],
    ['al\u00adice@x.example', 'invisible_character'],
    ['alice@x.exam\u200bple', 'invisible_character'],
    ['alice@x.exam\u00adple', 'invisible_character'],
    ['al\u3164ice@x.example', 'invisible_character'],
    ['al\ufe0fice@x.example', 'invisible_character'],
    ['al\u034fice@x.example', 'invisible_character'],
    ['al\u{e0061}ice@x.example', 'invisible_character'],
    // more than an address
    ['mailto:alice@x.example', 'mailto'],
    ['@relay.example:alice@x.example', 'source_route'],
    ['@a.example,@b.example:alice@x.example', 'source_route'],
    ['Alice <alice@x.example>', 'display_name'],
    ['<alice@x.example>', 'display_name'],
    ['"Cooper, Alice" <alice@x.example>', 'display_name'],
    ['alice＜@x.example', 'display_name'],
    ['"alice cooper"@x.example', 'quoted'],
    ['"alice@x.example"', 'quoted'],
    ['“alice”@x.example', 'quoted'],
    ['alice(comment)@x.example', 'comment'],
    ['alice@x.example (Alice)', 'comment'],
    ['a@x.example,b@y.example', 'several_addresses'],
    ['a@x.example;b@y.example', 'several_addresses'],
    ['a@x.example b@y.example', 'several_addresses'],
    ['a@x.example，b', 'several_addresses'],
    ['Friends: a@x.example, b@y.example;', 'several_addresses'],
    ['undisclosed-recipients:;', 'several_addresses'],
    ['a@b@x.example', 'several_addresses'],
    ['a＠b@x.example', 'several_addresses'],
    ['a@@x.example', 'several_addresses'],
    ['alice @x.example', 'space'],
    ['alice@ x.example', 'space'],
    ['alice\u00a0@x.example', 'space'],
    ['alice', 'no_at'],
    ['x.example', 'no_at'],
    ['alice(at)x.example', 'comment'],
    // before the @
    ['@x.example', 'local_empty'],
    ['.alice@x.example', 'local_dots'],
    ['alice.@x.example', 'local_dots'],
    ['al..ice@x.example', 'local_dots'],
    ['al\\ice@x.example', 'local_character'],
    ['al:ice@x.example', 'local_character'],
    ['a[b]@x.example', 'local_character'],
    ['\u0301alice@x.example', 'local_character'],
    ['😀@x.example', 'local_character'],
    ['al⠀ice@x.example', 'local_character'],
    [`${'a'.repeat(65)}@x.example`, 'local_too_long'],
    [`${'ü'.repeat(33)}@x.example`, 'local_too_long'],
    // after it
    ['alice@', 'domain_empty'],
    ['alice@.x.example', 'domain_dots'],
    ['alice@x.example.', 'domain_dots'],
    ['alice@x..example', 'domain_dots'],
    ['alice@x.example。', 'domain_dots'],
    ['alice@localhost', 'domain_single'],
    ['alice@x%2eexample', 'domain_character'],
    ['alice@x.example%00.evil.example', 'domain_character'],
    ['alice@x.example/path', 'domain_character'],
    ['alice@x.example:25', 'domain_character'],
    ['alice@x.example\\', 'domain_character'],
    ['alice@x!y.example', 'domain_character'],
    ['alice@x_y.example', 'domain_underscore'],
    ['alice@x＿y.example', 'domain_underscore'],
    ['alice@-x.example', 'domain_hyphen'],
    ['alice@x-.example', 'domain_hyphen'],
    ['alice@x.-example', 'domain_hyphen'],
    [`alice@${'a'.repeat(64)}.example`, 'domain_label_too_long'],
    [`alice@${'ü'.repeat(60)}.example`, 'domain_label_too_long'],
    [`alice@${'a.'.repeat(124)}example`, 'domain_too_long'],
    ['alice@xn--.example', 'domain_hyphen'],
    ['alice@xn--a.example', 'domain_idn'],
    ['alice@xn--zzzzzz99999.example', 'domain_idn'],
    ['alice@xn--abc-.example', 'domain_hyphen'],
    ['alice@xn--BU\u0308CHER.example', 'domain_idn'],
    ['alice@א1a.example', 'domain_idn'],
    ['alice@1א.example', 'domain_idn'],
    ['alice@a\u200db.example', 'domain_idn'],
    ['alice@\u0301a.example', 'domain_idn'],
    ['alice@℀.example', 'domain_idn'],
    ['alice@x％2eexample.org', 'domain_idn'],
    [`${'a'.repeat(20)}@${'字'.repeat(40)}.${'字'.repeat(40)}.example`, 'too_long'],
    ['alice@[127.0.0.1]', 'address_literal'],
    ['alice@[IPv6:::1]', 'address_literal'],
    ['alice@127.0.0.1', 'ip_address'],
    ['alice@0x7f.1', 'ip_address'],
    ['alice@127.0.0.0x1', 'ip_address'],
    ['alice@x.123', 'ip_address'],
    ['alice@x.٣', 'ip_address'],
    ['alice@１２７.０.０.１', 'ip_address'],
    ['alice@127.0.0.①', 'ip_address'],
    ['alice@x.①', 'domain_idn'],
    // look-alikes
    ['alice@аpple.example', 'mixed_scripts'],
    ['alice@xn--pple-43d.example', 'mixed_scripts'],
    ['alice@gοοgle.example', 'mixed_scripts'],
    ['аlice@x.example', 'mixed_scripts'],
  ])('%j: %s', (typed, code) => expect(codeOf(typed)).toBe(code))

  it('in a sentence that does not repeat what was typed', () => {
    const reading = normaliseAddress('"<script>"@x.example')
    expect(reading).toEqual({
      refused: {
        code: 'display_name',
        message: 'Type the address alone, without a name and without < and >.',
      },
    })
  })
})

/** Texts that look like addresses now and then, of all that may stand in one. */
const parts = ['a', 'B', '.', '@', '-', '_', ' ', '"', '<', ',', '\r\n', '\0', 'ü', 'ß', 'И', '字']
const more = ['.example', 'xn--', '\u200d', '\u0308', 'İ', '＠', '。', '1', 'ﬃ', '\ud800', 'µ', 'ς']
const addressLike = fc
  .array(
    fc.oneof(fc.constantFrom(...parts, ...more), fc.string({ unit: 'binary', maxLength: 2 })),
    {
      maxLength: 12,
    },
  )
  .map((pieces) => pieces.join(''))
const typed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  addressLike,
  fc.tuple(addressLike, addressLike).map(([local, name]) => `${local}@${name}.example`),
  fc.emailAddress(),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), fc.domain())
    .map(([name, domain]) => `a@${name}.${domain}`),
)
const RUNS = { numRuns: 3000 }

describe('whatever is typed', () => {
  it('gets an answer, the same for every spelling of it', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const reading = normaliseAddress(text)
        expect(normaliseAddress(` ${text}\n`)).toEqual(reading)
        if ('refused' in reading) return
        expect(normaliseAddress(reading.address)).toEqual(reading)
        expect(normaliseAddress(text.normalize('NFD'))).toEqual(reading)
      }),
      RUNS,
    )
  })

  it('is safe in an SMTP command and a header once it was taken', () => {
    let taken = 0
    fc.assert(
      fc.property(typed, (text) => {
        const reading = normaliseAddress(text)
        if ('refused' in reading) return
        taken++
        const wire = wireAddress(reading.address)
        for (const form of [reading.address, wire]) {
          expect(form).not.toMatch(/[\s\p{C}<>()[\]"\\,;:]/u)
          expect(form.split('@')).toHaveLength(2)
          expect(Buffer.byteLength(form)).toBeLessThanOrEqual(254)
          expect(isMailbox(form)).toBe(true)
          expect(normaliseAddress(form)).toEqual(reading)
        }
        expect(reading.domain).toMatch(/^[a-z0-9.-]+$/)
      }),
      RUNS,
    )
    expect(taken).toBeGreaterThan(RUNS.numRuns / 10)
  })

  it.each(['a', '@', '.', ' ', '\u0308', 'a@', '"', '(', '\ud800', '<a@b>', 'ü.'])(
    'is answered at once, be it 100 kB of %j',
    (piece) => {
      const text = piece.repeat(100_000 / piece.length)
      const start = performance.now()
      for (const long of [text, `a@${text}`, `${text}@x.example`]) {
        expect(normaliseAddress(long)).toHaveProperty('refused')
      }
      expect(performance.now() - start).toBeLessThan(2000)
    },
  )
})
