import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSession, type Session, signSession } from '../../functions/core/session.ts'

const KEY = randomBytes(32)
const SESSION: Session = {
  username: 'root',
  realm: '',
  role: 'admin',
  nonce: 'n',
  authtype: 'password',
  exp: 2000,
}
const NOW = 1_000_000
const base64url = (text: string) => Buffer.from(text).toString('base64url')
const json = (value: unknown) => base64url(JSON.stringify(value))
const OURS = { alg: 'HS256', typ: 'JWT' }

/** A JWT signed with our key, whatever it says. */
const signed = (header: string, payload: string) => {
  const text = `${header}.${payload}`
  return `${text}.${createHmac('sha256', KEY).update(text).digest('base64url')}`
}

describe('a session', () => {
  it('is read back', () => {
    expect(readSession(KEY, signSession(KEY, SESSION), NOW)).toEqual(SESSION)
  })

  it.each([
    [1_999_999, SESSION],
    [2_000_000, 'expired'],
    [2_000_001, 'expired'],
  ])('that ends at 2000 s, at %i ms', (now, expected) => {
    expect(readSession(KEY, signSession(KEY, SESSION), now)).toEqual(expected)
  })

  it('does not count under another key', () => {
    expect(readSession(randomBytes(32), signSession(KEY, SESSION), NOW)).toBe('signature')
  })

  it('does not count after a change of any character', () => {
    const token = signSession(KEY, SESSION)
    for (let index = 0; index < token.length; index++) {
      const other = token[index] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, index) + other + token.slice(index + 1)
      expect(typeof readSession(KEY, changed, NOW)).toBe('string')
    }
  })

  it('has one signature, however many texts decode to the same bytes', () => {
    const token = signSession(KEY, SESSION)
    const signature = token.slice(token.lastIndexOf('.') + 1)
    const bytes = Buffer.from(signature, 'base64url')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const others = [
      ...[...alphabet].map((last) => signature.slice(0, -1) + last),
      `${signature}=`,
      bytes.toString('base64'),
    ].filter((other) => other !== signature && bytes.equals(Buffer.from(other, 'base64url')))
    expect(others.length).toBeGreaterThan(3)
    for (const other of others) {
      expect(readSession(KEY, token.replace(signature, other), NOW)).toBe('signature')
    }
  })

  it.each([
    ['alg none, unsigned', `${json({ alg: 'none', typ: 'JWT' })}.${json(SESSION)}.`, 'malformed'],
    ['alg none, signed', signed(json({ alg: 'none', typ: 'JWT' }), json(SESSION)), 'signature'],
    ['another algorithm', signed(json({ alg: 'HS512', typ: 'JWT' }), json(SESSION)), 'signature'],
    ['another order', signed(json({ typ: 'JWT', alg: 'HS256' }), json(SESSION)), 'signature'],
    ['an empty text', '', 'malformed'],
    ['one part', 'abc', 'malformed'],
    ['two parts', `${json(OURS)}.${json(SESSION)}`, 'malformed'],
    ['four parts', `${signSession(KEY, SESSION)}.x`, 'malformed'],
    ['a payload that is no JSON', signed(json(OURS), base64url('{')), 'malformed'],
    ['a payload that is null', signed(json(OURS), json(null)), 'malformed'],
    ['a payload that is a number', signed(json(OURS), json(7)), 'malformed'],
    ['a payload that is a list', signed(json(OURS), json([SESSION])), 'malformed'],
    ...[
      ...[{ exp: undefined }, { exp: null }, { exp: 'later' }, { exp: '2000' }],
      ...[{ username: undefined }, { username: 7 }, { realm: undefined }, { nonce: 1 }],
      ...[{ role: 'root' }, { role: undefined }, { authtype: 'none' }],
      ...[{ rights: 'all' }, { rights: [1] }],
    ].map((member): [string, string, string] => [
      `${Object.keys(member)[0]} as ${JSON.stringify(Object.values(member)[0])}`,
      signed(json(OURS), json({ ...SESSION, ...member })),
      'malformed',
    ]),
  ])('with %s is none', (_what, token, fault) => {
    expect(readSession(KEY, token, NOW)).toBe(fault)
  })

  it('is never made of garbage, and garbage never throws', () => {
    const dotted = fc
      .array(fc.string({ unit: 'binary' }), { maxLength: 5 })
      .map((parts) => parts.join('.'))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), dotted), (text) => {
        expect(typeof readSession(KEY, text, NOW)).toBe('string')
      }),
      { numRuns: 2000 },
    )
  })

  it('that is signed but garbage never throws either', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (payload) => {
        readSession(KEY, signed(json(OURS), base64url(payload)), NOW)
      }),
      { numRuns: 1000 },
    )
  })
})
