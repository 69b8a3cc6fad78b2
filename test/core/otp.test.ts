import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hotp, type HotpInput } from '../../functions/core/otp.ts'

const SECRET = Buffer.from('12345678901234567890')
const input = (changes: Partial<HotpInput> = {}): HotpInput => ({
  secret: SECRET,
  counter: 0,
  digits: 6,
  algorithm: 'sha1',
  ...changes,
})

/** RFC 4226 §5.3 and §5.4, written out. */
function reference({ secret, counter, digits, algorithm }: HotpInput): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac(algorithm, secret).update(message).digest()
  const truncated = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7fffffff
  return String(truncated % 10 ** digits).padStart(digits, '0')
}

describe('HOTP', () => {
  // RFC 4226, Appendix D
  it.each(
    [
      '755224',
      '287082',
      '359152',
      '969429',
      '338314',
      '254676',
      '287922',
      '162583',
      '399871',
      '520489',
    ].map((code, counter) => [counter, code] as const),
  )('of counter %i is %s', (counter, code) => {
    expect(hotp(input({ counter }))).toBe(code)
  })

  it.each([
    [4, '5224'],
    [5, '55224'],
    [6, '755224'],
    [7, '4755224'],
    [8, '84755224'],
    [9, '284755224'],
    [10, '1284755224'],
  ])('has %i digits: %s', (digits, code) => {
    expect(hotp(input({ digits }))).toBe(code)
  })

  // RFC 6238, Appendix B: the same function over time steps
  it.each([
    ['sha256', '12345678901234567890123456789012', 1, '46119246'],
    ['sha512', '1234567890'.repeat(6) + '1234', 1, '90693936'],
    ['sha1', '12345678901234567890', 1, '94287082'],
    ['sha256', '12345678901234567890123456789012', 0x23523ec, '68084774'],
    ['sha512', '1234567890'.repeat(6) + '1234', 0x23523ec, '25091201'],
  ] as const)('with %s: step %#', (algorithm, secret, counter, code) => {
    expect(hotp({ secret: Buffer.from(secret), counter, digits: 8, algorithm })).toBe(code)
  })

  it('agrees with the RFC written out, whatever the secret, the counter and the length', () => {
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      for (let round = 0; round < 200; round++) {
        const secret = randomBytes(randomInt(16, 65))
        const one = { secret, counter: randomInt(2 ** 40), digits: randomInt(6, 11), algorithm }
        expect(hotp(one)).toBe(reference(one))
      }
    }
  })

  it('R07: has six digits and keeps leading zeros', () => {
    const codes = Array.from({ length: 400 }, (_, counter) => hotp(input({ counter })))
    expect(codes.every((code) => /^[0-9]{6}$/.test(code))).toBe(true)
    expect(codes.some((code) => code.startsWith('0'))).toBe(true)
  })

  it('R07: of 11 and 12 digits is of the first 64 bits of the MAC, where 31 would not fill it', () => {
    const counter = Buffer.alloc(8)
    const mac = createHmac('sha1', SECRET).update(counter).digest('hex')
    const value = BigInt(`0x${mac.slice(0, 16)}`)
    for (const digits of [11, 12]) {
      const expected = String(value).slice(-digits).padStart(digits, '0')
      expect(hotp(input({ digits }))).toBe(expected)
    }
    const first = Array.from(
      { length: 400 },
      (_, at) => hotp(input({ counter: at, digits: 12 }))[0],
    )
    expect(new Set(first).size).toBe(10)
    expect(() => hotp(input({ digits: 12, secret: randomBytes(15) }))).toThrow('128 bits')
  })

  it('does not take a secret shorter than 128 bits', () => {
    expect(() => hotp(input({ secret: randomBytes(15) }))).toThrow()
    expect(hotp(input({ secret: randomBytes(16) }))).toHaveLength(6)
  })
})
