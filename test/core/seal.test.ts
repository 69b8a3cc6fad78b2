import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answerMac, challengeSeal, open, seal } from '../../functions/core/seal.ts'

const KEY = randomBytes(32)
const SECRET = randomBytes(20)

describe('a sealed secret', () => {
  it('opens with its key for its token', () => {
    const sealed = seal(KEY, SECRET, 'EMONE', randomBytes)
    expect(Buffer.from(open(KEY, sealed, 'EMONE')).equals(SECRET)).toBe(true)
  })

  it('does not open for another token or with another key', () => {
    const sealed = seal(KEY, SECRET, 'EMONE', randomBytes)
    expect(() => open(KEY, sealed, 'EMTWO')).toThrow()
    expect(() => open(randomBytes(32), sealed, 'EMONE')).toThrow()
  })

  it('does not open after a change of any byte', () => {
    const sealed = Buffer.from(seal(KEY, SECRET, 'EMONE', randomBytes), 'base64')
    for (const index of sealed.keys()) {
      const changed = Buffer.from(sealed)
      changed[index]! ^= 1
      expect(() => open(KEY, changed.toString('base64'), 'EMONE')).toThrow()
    }
  })

  it('does not open when it is cut short', () => {
    const sealed = Buffer.from(seal(KEY, SECRET, 'EMONE', randomBytes), 'base64')
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(KEY, sealed.subarray(0, length).toString('base64'), 'EMONE')).toThrow()
    }
  })

  it('has a nonce of 96 bits and a tag of 128', () => {
    const asked: number[] = []
    const sealed = seal(KEY, SECRET, 'EMONE', (length) => {
      asked.push(length)
      return randomBytes(length)
    })
    expect(asked).toEqual([12])
    expect(Buffer.from(sealed, 'base64')).toHaveLength(12 + SECRET.length + 16)
  })

  it('looks different each time and does not show the secret', () => {
    const sealed = Array.from({ length: 50 }, () => seal(KEY, SECRET, 'EMONE', randomBytes))
    expect(new Set(sealed).size).toBe(50)
    expect(sealed.some((text) => Buffer.from(text, 'base64').includes(SECRET))).toBe(false)
  })
})

describe('the MAC of an answer', () => {
  const mac = (otp: string, transactionId = '1', serial = 'EM', key: Uint8Array = KEY) =>
    answerMac(key, { transactionId, serial }, otp)

  it('is the same for the same answer', () => {
    expect(mac('123456')).toBe(mac('123456'))
  })

  it('differs with code, transaction, token and key', () => {
    const macs = [
      mac('123456'),
      mac('123457'),
      mac('123456', '2'),
      mac('123456', '1', 'EN'),
      mac('123456', '1', 'EM', randomBytes(32)),
      mac('0123456'),
      mac('123456 '),
    ]
    expect(new Set(macs).size).toBe(macs.length)
  })

  it('cannot be shifted from one part into the next', () => {
    expect(mac('23456', '1', 'EM1')).not.toBe(mac('123456', '1', 'EM'))
    expect(mac('1', '2', '3","4')).not.toBe(mac('4","1', '2', '3'))
  })
})

describe('the seal of a challenge', () => {
  const noted = {
    ...{ transactionId: '1', serial: 'EM', account: 'account/demo/alice', counter: 1 },
    expiresAt: 2000,
  }

  it('differs with all that the account knows of it, with the answer and with the key', () => {
    const changes = [
      { transactionId: '2' },
      { serial: 'EN' },
      { account: 'account/demo/bob' },
      { counter: 2 },
      { expiresAt: 2001 },
      { digits: 8 },
      { purpose: 'test' },
      { mailbox: 'test' },
    ]
    const seals = [
      challengeSeal(KEY, noted, 'mac'),
      challengeSeal(KEY, noted, 'another'),
      challengeSeal(randomBytes(32), noted, 'mac'),
      ...changes.map((change) => challengeSeal(KEY, { ...noted, ...change }, 'mac')),
    ]
    expect(new Set(seals).size).toBe(seals.length)
    expect(challengeSeal(KEY, { ...noted, purpose: undefined }, 'mac')).toBe(seals[0])
  })

  it('is never the MAC of an answer', () => {
    const { transactionId, serial } = noted
    const answers = ['challenge', 'mac', ''].map((otp) =>
      answerMac(KEY, { transactionId, serial }, otp),
    )
    expect(answers).not.toContain(challengeSeal(KEY, noted, 'mac'))
  })
})
