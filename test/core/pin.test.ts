import { argon2Sync, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { burnPin, hashPin, pinMatcher } from '../../functions/core/pin.ts'

const PEPPER = randomBytes(32)

describe('a hashed PIN', () => {
  it('matches itself and nothing else', async () => {
    const stored = await hashPin(PEPPER, '1234', randomBytes)
    const matches = pinMatcher(PEPPER)
    expect(await matches('1234', stored)).toBe(true)
    expect(await matches('1235', stored)).toBe(false)
    expect(await matches('', stored)).toBe(false)
  })

  it('does not match without the pepper', async () => {
    const stored = await hashPin(PEPPER, '1234', randomBytes)
    expect(await pinMatcher(randomBytes(32))('1234', stored)).toBe(false)
  })

  it('has a salt of its own unless it is given one', async () => {
    const [one, two] = await Promise.all([
      hashPin(PEPPER, '1234', randomBytes),
      hashPin(PEPPER, '1234', randomBytes),
    ])
    expect(one.salt).not.toBe(two.salt)
    expect(one.mac).not.toBe(two.mac)
    expect(await hashPin(PEPPER, '1234', randomBytes, one.salt)).toEqual(one)
    expect(Buffer.from(one.salt, 'base64')).toHaveLength(16)
    expect(Buffer.from(one.mac, 'base64')).toHaveLength(32)
  })

  it('costs what OWASP asks of Argon2id at least, and is peppered', async () => {
    const { salt, mac } = await hashPin(PEPPER, '1234', randomBytes)
    const key = argon2Sync('argon2id', {
      message: '1234',
      nonce: Buffer.from(salt, 'base64'),
      memory: 19_456,
      passes: 2,
      parallelism: 1,
      tagLength: 32,
    })
    expect(mac).toBe(createHmac('sha256', PEPPER).update(key).digest('base64'))
  })

  it('that is not set is the empty PIN', async () => {
    const matches = pinMatcher(PEPPER)
    expect(await matches('', undefined)).toBe(true)
    expect(await matches('1234', undefined)).toBe(false)
  })

  it('is compared under each salt it may have', async () => {
    const [one, two] = await Promise.all([
      hashPin(PEPPER, 'same', randomBytes),
      hashPin(PEPPER, 'other', randomBytes),
    ])
    const matches = pinMatcher(PEPPER)
    expect(await matches('same', one)).toBe(true)
    expect(await matches('same', two)).toBe(false)
  })

  it('can be burnt without a hash to compare with', async () => {
    expect(await burnPin(PEPPER, '1234')).toBeUndefined()
  })
})
