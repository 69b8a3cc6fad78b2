import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressMask, DEFAULT_MASK, maskAddress } from '../../functions/mail/mask-address.ts'

describe('an address is shown', () => {
  it.each([
    ['alice@firma.example', 'al********@f****.example'],
    ['alice.the.long.name@mail.firma.co.uk', 'al********@m****.uk'],
    ['abcd@x.example', 'ab********@x****.example'],
    ['abc@x.example', 'a*********@x****.example'],
    ['ab@x.example', 'a*********@x****.example'],
    ['a@x.example', '**********@x****.example'],
    ['root@localhost', 'ro********@l****.'],
    ['no address at all', '**********@****.'],
    ['', '**********@****.'],
    ['用户名字@例子.测试', '用户********@例****.测试'],
    ['e\u0301ve\u0302@x.example', 'e\u0301*********@x****.example'],
    ['𝒶𝒷𝒸𝒹@x.example', '𝒶𝒷********@x****.example'],
  ])('%s as %s', (address, masked) => expect(maskAddress(address)).toBe(masked))

  it.each([
    ['ex********@t****.com', 'al********@f****.example'],
    ['e***e@t***.com', 'a***e@f***.example'],
    ['***@t***.com', '***@f***.example'],
    ['ex****@test.com', 'al****@mail.firma.example'],
    ['****@****.**', '****@****.**'],
    ['e****@****', 'a****@****'],
    // Asked to show more than half, it does not.
    ['exam***mple@t***.com', 'al*********@f***.example'],
  ])('by the mask %s as %s', (mask, masked) => {
    expect(addressMask.read(mask)).toEqual({ value: mask })
    const domain = masked.includes('mail.') ? 'mail.firma.example' : 'firma.example'
    expect(maskAddress(`alice@${domain}`, mask)).toBe(masked)
  })
})

describe('a mask', () => {
  it.each([
    '',
    'example@test.com',
    'e**@t***.com',
    `${'*'.repeat(21)}@t***.com`,
    'exampl***@t***.com',
    'e***',
    'e***@t***.c*m',
    'e***@@t***.com',
    'e***@<script>',
    'ü***@t***.com',
    'e***@t***.com\n',
  ])('is not %j', (text) => {
    expect(addressMask.read(text)).toEqual({ refused: expect.stringContaining('is not a sample') })
  })

  const letters = (max: number) => fc.stringMatching(new RegExp(`^[a-z]{0,${max}}$`))
  const stars = (min: number) => fc.integer({ min, max: 20 }).map((count) => '*'.repeat(count))
  const masks = fc
    .tuple(
      letters(4),
      stars(3),
      letters(4),
      letters(4),
      stars(1),
      fc.constantFrom('', '.com', '.*'),
    )
    .map(([a, b, c, d, e, f]) => `${a}${b}${c}@${d}${e}${f}`)

  it('never shows more than half of a name, nor how long it is', () => {
    const names = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '字', '.'), maxLength: 64 })
    fc.assert(
      fc.property(fc.oneof(fc.constant(DEFAULT_MASK), masks), names, (mask, name) => {
        const [local = ''] = maskAddress(`${name}@x.example`, mask).split('@')
        expect(local).toHaveLength(mask.indexOf('@'))
        const shown = local.replaceAll('*', '').length
        expect(shown).toBeLessThanOrEqual(name.length / 2)
      }),
    )
  })

  it('masks whatever text there is', () => {
    fc.assert(
      fc.property(masks, fc.string({ unit: 'binary' }), (mask, text) => {
        expect(maskAddress(text, mask)).toContain('***')
      }),
    )
  })
})
